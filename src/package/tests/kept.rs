//! Zips that are kept from run to run.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::*;

/// The age from which zips are kept.
const SETTLED: Duration = Duration::from_millis(4100);

fn built(folder: &Path, cache: &PackageCache) -> Package {
    let source = PackageSource::Directory { path: "code".into(), links: LinkPolicy::Follow };
    build_cached(&source, folder, Confinement::default(), cache).expect("can be built")
}

fn kept(cache: &Path) -> Vec<std::path::PathBuf> {
    fs::read_dir(cache).map(|all| all.map(|entry| entry.expect("can be listed").path()).collect()).unwrap_or_default()
}

#[cfg(unix)]
#[test]
fn a_zip_is_kept_once_its_files_have_settled_and_used_until_one_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let code = folder.path().join("code");
    fs::create_dir(&code).expect("can be created");
    fs::write(code.join("app.py"), "one").expect("can be written");
    let kept_in = folder.path().join("kept");
    let cache = PackageCache::in_folder(kept_in.clone());
    let first = built(folder.path(), &cache);
    assert_eq!(kept(&kept_in), Vec::<std::path::PathBuf>::new(), "the file could change again with no other time");
    std::thread::sleep(SETTLED);
    assert_eq!(built(folder.path(), &cache), first);
    let [zip] = &kept(&kept_in)[..] else { panic!("one zip is kept") };
    assert_eq!(built(folder.path(), &cache), first);
    // One that was cut short is not used.
    let whole = fs::read(zip).expect("can be read");
    fs::write(zip, &whole[..whole.len() - 1]).expect("can be written");
    assert_eq!(built(folder.path(), &cache), first);
    assert_eq!(fs::read(zip).expect("can be read"), whole, "and it is kept anew");
    // A build tool that gives each file the same time and size hides a change from neither.
    let time = fs::metadata(code.join("app.py")).and_then(|it| it.modified()).expect("has a time");
    fs::write(code.join("app.py"), "two").expect("can be written");
    File::options().write(true).open(code.join("app.py")).and_then(|it| it.set_modified(time)).expect("can be set");
    assert_ne!(built(folder.path(), &cache).sha256, first.sha256);
    std::thread::sleep(SETTLED);
    assert_ne!(built(folder.path(), &cache).sha256, first.sha256);
    // Zips that nobody used for long are deleted when another is kept.
    let long_ago = SystemTime::now() - Duration::from_secs(60 * 24 * 3600);
    File::options().write(true).open(zip).and_then(|it| it.set_modified(long_ago)).expect("can be set");
    fs::set_permissions(code.join("app.py"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("can be set");
    std::thread::sleep(SETTLED);
    built(folder.path(), &cache);
    assert!(!zip.exists());
}
