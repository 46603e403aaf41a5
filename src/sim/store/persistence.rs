//! The way of a region to disk and back.

use super::before::{Before, state};
use super::disk::{DataDir, DiskError, file_name};
use super::documents::{Document, DocumentKey, DocumentVisitor, Region, visit_document_types};

/// Writes the changed documents of `region`, and schedules their transitions. Returns what they were before.
///
/// A document that cannot be written is reverted. Readers see what is on disk and nothing more, and are served even though nothing
/// can be written.
pub(crate) fn persist(
    disk: Option<&DataDir>,
    name: &str,
    region: &mut Region,
) -> (Vec<Box<dyn Before>>, Result<(), DiskError>) {
    let mut persistence = Persistence { disk, name, region, written: Vec::new(), result: Ok(()) };
    visit_document_types(&mut persistence);
    let Persistence { written, result, region, .. } = persistence;
    for before in &written {
        region.schedule(before.key());
    }
    (written, result)
}

/// The write of one region, up to the first document that cannot be written.
struct Persistence<'a> {
    disk: Option<&'a DataDir>,
    name: &'a str,
    region: &'a mut Region,
    /// The documents that were written, as they were before.
    written: Vec<Box<dyn Before>>,
    result: Result<(), DiskError>,
}

impl DocumentVisitor for Persistence<'_> {
    fn visit<D: Document>(&mut self) {
        let collection = D::collection(self.region);
        for (key, before) in collection.take_changes() {
            if let (Ok(()), Some(disk)) = (&self.result, self.disk) {
                let path = format!("{}/{}/{}", self.name, D::FOLDER, file_name(&key));
                self.result = match collection.get(&key) {
                    Some(document) => disk.put(&path, document),
                    None => disk.remove(&path),
                };
            }
            match self.result {
                Ok(()) => self.written.push(state(key, before)),
                Err(_) => collection.revert(&key, before),
            }
        }
    }
}

/// Reads the documents of the region called `name`.
pub(crate) fn restore(disk: &DataDir, name: &str) -> Result<Region, DiskError> {
    let mut restoration = Restoration { disk, name, region: Region::default(), result: Ok(()) };
    visit_document_types(&mut restoration);
    restoration.result.map(|()| restoration.region)
}

/// The read of one region, up to the first document that cannot be read.
struct Restoration<'a> {
    disk: &'a DataDir,
    name: &'a str,
    region: Region,
    result: Result<(), DiskError>,
}

impl DocumentVisitor for Restoration<'_> {
    fn visit<D: Document>(&mut self) {
        if self.result.is_err() {
            return;
        }
        let region = &mut self.region;
        self.result = self.disk.documents(&format!("{}/{}", self.name, D::FOLDER), |key, document: D| {
            D::collection(region).restore(&key, document.restored());
            region.schedule(&DocumentKey::new::<D>(key));
        });
    }
}
