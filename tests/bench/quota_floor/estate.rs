//! The estate that every client creates, plans and changes.

use std::io::{Cursor, Write as _};
use std::iter::StepBy;
use std::ops::Range;
use std::path::Path;

use tempfile::TempDir;

use crate::counted_estate;

/// The handler of every function at first.
pub const HANDLER: &str = "app.handler";

/// The handler of the changed functions afterwards.
pub const CHANGED_HANDLER: &str = "app.other";

/// One function of so many is changed, beginning with the first.
const ONE_OF: usize = 10;

const CODE: &str = "def handler(event, context): return event\ndef other(event, context): return event\n";

/// A number of functions, each with a version, an alias, reserved concurrency, a queue, a permission and two tags.
pub struct Estate {
    /// The number of functions.
    pub functions: usize,
    folder: TempDir,
    package: Vec<u8>,
}

impl Estate {
    /// An estate of so many functions, with their package in a folder of its own.
    pub fn new(functions: usize) -> Estate {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let package = package();
        std::fs::write(folder.path().join("package.zip"), &package).expect("a temporary file can be written");
        Estate { functions, folder, package }
    }

    /// The folder with `package.zip`.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The code of every function.
    pub fn package(&self) -> &[u8] {
        &self.package
    }

    /// The numbers of the functions that are changed.
    pub fn changed(&self) -> StepBy<Range<usize>> {
        (0..self.functions).step_by(ONE_OF)
    }

    /// The estate as a spec, with this handler of the functions that are changed.
    pub fn spec(&self, changed: &str) -> String {
        let handler = |number: usize| if number.is_multiple_of(ONE_OF) { changed } else { HANDLER };
        counted_estate::spec(self.functions, handler)
    }
}

/// A zip file with both handlers.
fn package() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("app.py", zip::write::SimpleFileOptions::default()).expect("a file can be added in memory");
    zip.write_all(CODE.as_bytes()).expect("memory can be written");
    zip.finish().expect("memory can be written").into_inner()
}
