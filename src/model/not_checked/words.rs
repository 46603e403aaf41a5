//! What was not checked, why, and the way out, in words.

use std::fmt;

use super::{NotChecked, NotCheckedKind, UnansweredRead};

impl NotChecked {
    /// Returns the way out, as a sentence without a full stop.
    pub fn remedy(&self) -> Option<String> {
        match &self.0 {
            NotCheckedKind::Unreadable { read, .. } | NotCheckedKind::UndeclaredUnreadable { read, .. } => {
                read.remedy()
            }
            NotCheckedKind::UnreadablePart { permission, .. } => Some(format!("allow {}", permission.as_ref()?)),
            _ => None,
        }
    }

    /// Returns the cause, as a sentence without a full stop; `None` for what nobody asked for.
    pub fn cause(&self) -> Option<String> {
        match &self.0 {
            NotCheckedKind::Undeclared { .. } | NotCheckedKind::Excluded { .. } => None,
            NotCheckedKind::OnlyListed { .. } => Some(
                "listings show no difference, and no tags, reservations, aliases, policies, URLs, other settings or \
                 undeclared resources"
                    .to_owned(),
            ),
            NotCheckedKind::UndeclaredVersions { .. } => {
                Some("the spec publishes no versions of the function".to_owned())
            }
            NotCheckedKind::UnusedVersions { .. } => Some("no alias uses the versions".to_owned()),
            NotCheckedKind::Unpinned { cause, .. } => Some(cause.clone()),
            NotCheckedKind::UnreadablePart { cause, .. } => Some(cause.clone()),
            NotCheckedKind::Unreadable { read, .. } | NotCheckedKind::UndeclaredUnreadable { read, .. } => {
                Some(read.to_string())
            }
            NotCheckedKind::DependsOnUnreadable { .. } => {
                Some("a resource that they depend on could not be read".to_owned())
            }
        }
    }
}

impl UnansweredRead {
    /// Returns the way out.
    fn remedy(&self) -> Option<String> {
        match (&self.statement, &self.permission) {
            (Some(statement), _) => Some(format!("allow {statement}")),
            (None, Some(permission)) => Some(format!("allow {permission}")),
            (None, None) => None,
        }
    }
}

/// Returns the numbers of versions with their noun.
fn numbered(versions: &[String]) -> String {
    let noun = if versions.len() == 1 { "version" } else { "versions" };
    format!("{noun} {}", versions.join(", "))
}

impl fmt::Display for NotChecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            NotCheckedKind::Undeclared { kind } => write!(f, "{kind} resources that the spec does not declare"),
            NotCheckedKind::UndeclaredVersions { address, versions } => {
                write!(f, "{} of {address}", numbered(versions))
            }
            NotCheckedKind::UnusedVersions { kind, address, versions } => {
                write!(f, "{kind} of {} of {address}", numbered(versions))
            }
            NotCheckedKind::Excluded { count, unchanged_since } => {
                let resources = if *count == 1 { "resource" } else { "resources" };
                match unchanged_since {
                    None => write!(f, "{count} {resources} excluded by --target or --exclude"),
                    Some(since) => write!(f, "{count} {resources} that no change since {since} can touch"),
                }
            }
            NotCheckedKind::OnlyListed { count } => {
                write!(f, "{count} {}", if *count == 1 { "resource" } else { "resources" })
            }
            NotCheckedKind::UnreadablePart { address, field, .. } | NotCheckedKind::Unpinned { address, field, .. } => {
                write!(f, "{field} of {address}")
            }
            NotCheckedKind::Unreadable { address, .. } | NotCheckedKind::DependsOnUnreadable { address } => {
                write!(f, "{address}")
            }
            NotCheckedKind::UndeclaredUnreadable { kind, below, .. } => {
                write!(f, "{kind} resources that the spec does not declare")?;
                below.as_ref().map_or(Ok(()), |below| write!(f, " below {below}"))
            }
        }
    }
}

impl fmt::Display for UnansweredRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.not_offered {
            true => write!(f, "{} is not offered in this region", self.operation),
            false => write!(f, "{} failed: {}", self.operation, self.cause),
        }
    }
}
