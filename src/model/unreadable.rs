//! The parts of a live resource that Lambda answered without, because it could not read them itself.

use super::FieldPath;

/// A part that could not be read. It may hold anything, so it is neither compared nor written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadablePart {
    /// The field.
    pub field: FieldPath,
    /// AWS's explanation.
    pub cause: String,
    /// The IAM action that whoever reads must be allowed, if that is the usual reason.
    pub permission: Option<&'static str>,
}

impl UnreadablePart {
    /// Returns the parts that `path` lies in, or that lie in it.
    pub fn meeting<'a>(parts: &'a [UnreadablePart], path: &FieldPath) -> Option<&'a UnreadablePart> {
        parts.iter().find(|part| path.within(&part.field) || part.field.within(path))
    }
}
