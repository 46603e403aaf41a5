//! Builds packages: each once in a run, and several at a time.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use crate::confinement::Confinement;
use crate::model::{Package, PackageSource};
use crate::package::{self, NotCode, PackageCache, PackageError};

/// Builds the packages of one run. Targets of a spec share it, so that a package that all of them have is built once.
#[derive(Debug, Default)]
pub struct PackageBuilder {
    cache: PackageCache,
    not_code: NotCode,
    built: Mutex<HashMap<PackageRequest, Arc<OnceLock<BuiltPackage>>>>,
}

/// A package to build.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PackageRequest {
    /// The source.
    pub source: PackageSource,
    /// The folder from which its path starts.
    pub folder: PathBuf,
    /// The folder that it must lie in; anywhere if absent.
    pub confine: Option<PathBuf>,
}

/// A package, or why there is none.
pub type BuiltPackage = Result<Arc<Package>, Arc<PackageError>>;

impl PackageBuilder {
    /// Finds zips of earlier runs in this cache.
    pub fn with_cache(cache: PackageCache) -> PackageBuilder {
        PackageBuilder { cache, ..PackageBuilder::default() }
    }

    /// Leaves these files out of every package.
    #[must_use]
    pub fn without(self, not_code: NotCode) -> PackageBuilder {
        PackageBuilder { not_code, ..self }
    }

    /// Builds the packages, as many at a time as the machine has processors.
    pub fn build_all(&self, requests: &[PackageRequest]) -> Vec<BuiltPackage> {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(requests.len());
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                drop(self.build(request));
            }
        };
        thread::scope(|scope| {
            // This thread works too.
            (1..threads).for_each(|_| drop(scope.spawn(work)));
            work();
        });
        requests.iter().map(|request| self.build(request)).collect()
    }

    /// Returns the package, which is built if no other target has asked for it.
    pub fn build(&self, request: &PackageRequest) -> BuiltPackage {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        let package = built.entry(request.clone()).or_default().clone();
        drop(built);
        let PackageRequest { source, folder, confine } = request;
        let within = Confinement::to(confine.as_deref());
        let build = || package::build_cached(source, Path::new(folder), within, &self.cache, &self.not_code);
        package.get_or_init(|| build().map(Arc::new).map_err(Arc::new)).clone()
    }
}
