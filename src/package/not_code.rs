//! The files that lie beside the code and are none: what trueup itself reads and writes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The files that are no code, wherever they lie.
#[derive(Clone, Debug, Default)]
pub struct NotCode(BTreeSet<PathBuf>);

impl NotCode {
    /// Takes in these files, as far as they exist.
    pub fn files<'p>(paths: impl IntoIterator<Item = &'p Path>) -> NotCode {
        NotCode(paths.into_iter().filter_map(|path| path.canonicalize().ok()).collect())
    }

    /// Tests for one of them by its path without links.
    pub(super) fn has(&self, real: &Path) -> bool {
        self.0.contains(real)
    }
}
