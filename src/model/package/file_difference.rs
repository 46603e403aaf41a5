//! The files in which one package differs from another, for people.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FileSize;
use crate::model::listed;

/// The most files of one sort that are named.
const NAMED: usize = 8;

/// The files that deploying a package adds, changes and removes, each in the order of names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileDifference {
    /// Entries that only the desired package has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<DifferentFile>,
    /// Entries that differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<DifferentFile>,
    /// Entries that only the live package has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<DifferentFile>,
}

/// An entry that two packages do not share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DifferentFile {
    /// Its name, with a slash after that of a directory; safe to print.
    pub name: String,
    /// The bytes of the live file; absent for what is no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// The bytes of the file to come; absent for what is no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// What differs apart from the content of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl fmt::Display for FileDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sorts = [("added", &self.added), ("changed", &self.changed), ("removed", &self.removed)];
        let sorts = sorts.into_iter().filter(|(_, files)| !files.is_empty());
        let sorts: Vec<String> =
            sorts.map(|(sort, files)| format!("{sort} {}", listed(files.as_slice(), NAMED))).collect();
        f.write_str(&sorts.join("; "))
    }
}

impl fmt::Display for DifferentFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = match (self.before, self.after) {
            (Some(before), Some(after)) if before != after => {
                Some(format!("{} → {}", FileSize(before), FileSize(after)))
            }
            (Some(size), _) | (None, Some(size)) => Some(FileSize(size).to_string()),
            (None, None) => None,
        };
        let facts: Vec<String> = size.into_iter().chain(self.detail.clone()).collect();
        f.write_str(&self.name)?;
        if facts.is_empty() { Ok(()) } else { write!(f, " ({})", facts.join(", ")) }
    }
}
