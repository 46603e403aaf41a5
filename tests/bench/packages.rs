//! The time to build packages of 1 GB of code in ten directories: for the first time, and when nothing has changed.
//!
//! Run with `cargo bench --bench packages`. Both are set beside reading the same files and taking their hashes, which is the
//! least that finds a change in the content of a file. Half of the
//! bytes can be compressed to nothing and half not at all, as machine code and bundled libraries lie between the two.
#![allow(clippy::disallowed_methods, reason = "a bench writes files and looks at the clock")]

use std::fs;
use std::path::Path;
use std::time::Instant;

use sha2::{Digest, Sha256};
use trueup::model::{LinkPolicy, PackageSource};
use trueup::package::PackageCache;
use trueup::packages::{PackageBuilder, PackageRequest};

/// The directories, their files, and the bytes of each file: 1 GB in all.
const DIRECTORIES: usize = 10;
const FILES: usize = 50;
const BYTES: usize = 2_000_000;

/// The most that an unchanged gigabyte may take, as a multiple of taking its hashes.
const MAX_RATIO: f64 = 2.0;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let requests: Vec<PackageRequest> = (0..DIRECTORIES)
        .map(|number| {
            let path = folder.path().join(format!("function-{number}"));
            write(&path, number);
            let source = PackageSource::Directory { path, links: LinkPolicy::Follow };
            PackageRequest { source, folder: folder.path().to_owned(), confine: None }
        })
        .collect();
    let hash = timed(|| requests.iter().for_each(hash_all));
    let cache = || PackageCache::in_folder(folder.path().join("cache"));
    let build = || {
        let built = PackageBuilder::with_cache(cache()).build_all(&requests);
        assert!(built.iter().all(Result::is_ok), "every package can be built");
    };
    let (first, again) = (timed(build), timed(build));
    let line = |what: &str, seconds: f64| println!("{what:<28} {seconds:>6.2} s  {:>5.0} MB/s", 1000.0 / seconds);
    line("hashing the files", hash);
    line("building for the first time", first);
    line("building again", again);
    println!("building again takes {:.2} times as long as hashing", again / hash);
    assert!(again / hash < MAX_RATIO, "an unchanged package costs little more than its hashes");
}

/// Writes the files of a package.
fn write(path: &Path, seed: usize) {
    fs::create_dir_all(path).expect("can be created");
    let mut state = seed as u64 + 1;
    for number in 0..FILES {
        let bytes: Vec<u8> = (0..BYTES / 8)
            .flat_map(|word| {
                // Marsaglia's xorshift: bytes that no compressor can predict.
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                if word < BYTES / 16 { state.to_le_bytes() } else { *b"handler\n" }
            })
            .collect();
        fs::write(path.join(format!("module_{number}.py")), bytes).expect("can be written");
    }
}

/// Takes the hashes of the files of a package, as `sha256sum` does.
fn hash_all(request: &PackageRequest) {
    let PackageSource::Directory { path, .. } = &request.source else { return };
    for file in fs::read_dir(path).expect("can be listed") {
        let bytes = fs::read(file.expect("can be listed").path()).expect("can be read");
        std::hint::black_box(Sha256::digest(bytes));
    }
}

fn timed(work: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64()
}
