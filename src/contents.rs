//! Compares deployment packages by their files if their hashes differ.
//!
//! Lambda compares packages by the hash of the zip file, and another compressor makes another zip file of the same
//! files. So the live package is downloaded. If it holds the same files nothing is deployed; otherwise the plan names
//! the files that differ. If it cannot be downloaded, the hash decides.
//!
//! # Guarantees
//! Networks without S3 cost one wait: after a download without a response no other one starts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::concurrent::run_all;
use crate::model::{Address, Package, listed};
use crate::package::{MAX_ZIPPED_BYTES, PackageError, difference, unambiguous_contents};
use crate::plan::LiveState;
use crate::resource::ObservedPackage;
use crate::wire::{Endpoint, Failure};

/// The number of names in a list; the others are counted.
const NAMES: usize = 8;

/// The live packages that are downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Download {
    /// Those whose hashes differ from the declared ones.
    All,
    /// None, so that the hashes decide.
    Nothing,
}

/// Compares the packages whose hashes differ, and notes the files that differ. Returns the packages, live ones for equal ones.
pub async fn compare(
    endpoint: &Arc<dyn Endpoint>,
    packages: &BTreeMap<Address, Arc<Package>>,
    observed: &mut LiveState,
    parallelism: usize,
    download: Download,
) -> BTreeMap<Address, Arc<Package>> {
    let differing = packages.iter().filter_map(|(address, package)| {
        let live = observed.live.get(address)?.package.clone()?;
        (live.sha256 != package.sha256).then(|| (address.clone(), package.clone(), live))
    });
    let is_unreachable = Arc::new(AtomicBool::new(false));
    let reads = differing.map(|(address, package, live)| {
        let (endpoint, is_unreachable) = (endpoint.clone(), is_unreachable.clone());
        async move {
            let found = match download {
                Download::All => read(endpoint.as_ref(), &live, &is_unreachable).await,
                Download::Nothing => Err(UnreadableCode::NotWanted),
            };
            (address, package, found)
        }
    });
    let compared = run_all(reads.collect::<Vec<_>>(), parallelism).await;
    let mut packages = packages.clone();
    let mut same = Vec::new();
    for (address, declared, found) in compared {
        let note = match found {
            Ok(found) if found.contents == declared.contents => {
                packages.insert(address.clone(), Arc::new(found));
                same.push(address.to_string());
                continue;
            }
            Ok(found) => {
                observed.code.insert(address, difference(&found.contents, &declared.contents));
                continue;
            }
            Err(why) => format!("could not compare the files of the code: {why}"),
        };
        if let Some(live) = observed.live.get_mut(&address) {
            live.notes.push(note);
        }
    }
    if !same.is_empty() {
        same.sort();
        let remark = "the same files in another zip file, so nothing is deployed";
        observed.remarks.push(format!("the live code has {remark}: {}", listed(same, NAMES)));
    }
    packages
}

/// The reason why the files of the live package are not known.
#[derive(Debug, thiserror::Error)]
enum UnreadableCode {
    #[error("--no-code-diff was passed")]
    NotWanted,
    #[error("another download had no response; --no-code-diff skips them all")]
    Unreachable,
    #[error("{}", .0.message)]
    Download(Failure),
    #[error("the live package does not match its hash")]
    WrongHash,
    #[error(transparent)]
    Package(#[from] PackageError),
}

/// Downloads the live package, which is no larger than one that can be uploaded, and checks its hash.
async fn read(
    endpoint: &dyn Endpoint,
    live: &ObservedPackage,
    is_unreachable: &AtomicBool,
) -> Result<Package, UnreadableCode> {
    if is_unreachable.load(Ordering::Relaxed) {
        return Err(UnreadableCode::Unreachable);
    }
    let bytes = endpoint.fetch(&live.location, MAX_ZIPPED_BYTES).await.map_err(|failure| {
        is_unreachable.fetch_or(failure.status.is_none(), Ordering::Relaxed);
        UnreadableCode::Download(failure)
    })?;
    let sha256 = STANDARD.encode(Sha256::digest(&bytes));
    if sha256 != live.sha256 {
        return Err(UnreadableCode::WrongHash);
    }
    let contents = unambiguous_contents(&bytes)?;
    Ok(Package { sha256, bytes: bytes.into(), contents })
}
