//! Documents of a run for one target, or for each of several.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::visible;

/// The document of a run.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum PerTarget<T> {
    /// That of a spec without `targets`.
    One(T),
    /// Those of the spec's `targets`.
    Several {
        /// The documents by the names of the targets, in the order of the spec.
        targets: IndexMap<String, OfTarget<T>>,
    },
}

/// The document of one of several targets.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum OfTarget<T> {
    /// The document.
    Done(T),
    /// There is none.
    Failed {
        /// The reason.
        error: String,
    },
}

/// Returns the start of a message about one of several targets; it is empty for a spec without `targets`.
pub fn of_target(target: Option<&str>) -> String {
    target.map_or_else(String::new, |target| format!("target {}: ", visible(target)))
}

impl<T> PerTarget<T> {
    /// Returns the document of a spec without `targets`, or those of all of them by name.
    pub fn of(documents: impl IntoIterator<Item = (Option<String>, T)>) -> PerTarget<T> {
        let mut targets = IndexMap::new();
        for (name, document) in documents {
            match name {
                None => return PerTarget::One(document),
                Some(name) => drop(targets.insert(name, OfTarget::Done(document))),
            }
        }
        PerTarget::Several { targets }
    }

    /// Adds the targets that have no document, each with its error.
    #[must_use]
    pub fn with_failed(self, failed: &[(String, String)]) -> PerTarget<T> {
        match self {
            PerTarget::One(document) => PerTarget::One(document),
            PerTarget::Several { mut targets } => {
                let failed =
                    failed.iter().map(|(name, error)| (name.clone(), OfTarget::Failed { error: error.clone() }));
                targets.extend(failed);
                PerTarget::Several { targets }
            }
        }
    }
}
