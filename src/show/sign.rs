//! The sign before each line of a change.

use crate::model::Action;

/// The sign before a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// Something new.
    Create,
    /// A change in place.
    Change,
    /// Something that goes.
    Delete,
    /// Something that goes and comes again.
    Replace,
    /// Something live that becomes the stack's.
    Adopt,
    /// A version that is published.
    Publish,
    /// Nothing changes.
    None,
}

impl Sign {
    /// Every sign of a change, in the order of the legend.
    pub const CHANGES: [Sign; 6] =
        [Sign::Create, Sign::Change, Sign::Delete, Sign::Replace, Sign::Adopt, Sign::Publish];

    /// Returns the characters.
    pub fn text(self) -> &'static str {
        match self {
            Sign::Publish => "^",
            Sign::Create => Action::Create.sign(),
            Sign::Change => Action::Update.sign(),
            Sign::Delete => Action::Delete.sign(),
            Sign::Replace => Action::Replace.sign(),
            Sign::Adopt => Action::Adopt.sign(),
            Sign::None => Action::Keep.sign(),
        }
    }

    /// Returns its meaning, for the legend.
    pub fn meaning(self) -> &'static str {
        match self {
            Sign::Create => "create",
            Sign::Change => "change",
            Sign::Delete => "delete",
            Sign::Replace => "replace",
            Sign::Adopt => "adopt",
            Sign::Publish => "publish a version",
            Sign::None => "keep",
        }
    }
}

impl From<Action> for Sign {
    fn from(action: Action) -> Sign {
        match action {
            Action::Create => Sign::Create,
            Action::Update => Sign::Change,
            Action::Replace => Sign::Replace,
            Action::Delete => Sign::Delete,
            Action::Adopt => Sign::Adopt,
            Action::Keep => Sign::None,
        }
    }
}
