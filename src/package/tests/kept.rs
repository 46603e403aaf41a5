//! Zips that are kept from run to run.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::*;

fn built(folder: &Path, cache: &PackageCache) -> Package {
    let source = PackageSource::Directory { path: "code".into(), links: LinkPolicy::Follow };
    build_cached(&source, folder, Confinement::default(), cache, &NotCode::default()).unwrap()
}

fn kept(cache: &Path) -> Vec<PathBuf> {
    fs::read_dir(cache).map(|all| all.map(|entry| entry.unwrap().path()).collect()).unwrap_or_default()
}

fn set_time(path: &Path, time: SystemTime) {
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn a_kept_zip_is_used_while_names_modes_and_contents_are_the_same() {
    let folder = folder(&[("code/app.py", "one"), ("code/empty/", "")]);
    let (code, kept_in) = (folder.path().join("code/app.py"), folder.path().join("kept"));
    let cache = PackageCache::in_folder(kept_in.clone());
    let build = || built(folder.path(), &cache);
    let first = build();
    assert_eq!(first, built(folder.path(), &PackageCache::default()));
    let [zip] = &kept(&kept_in)[..] else { panic!("one zip is kept") };
    // Another time is no change, and no other zip.
    set_time(&code, SystemTime::now());
    assert_eq!(build(), first);
    assert_eq!(kept(&kept_in), std::slice::from_ref(zip));
    // The same time and size, as build tools give to every file, hide no change.
    let time = fs::metadata(&code).unwrap().modified().unwrap();
    fs::write(&code, "two").unwrap();
    set_time(&code, time);
    let second = build();
    assert_eq!(second, built(folder.path(), &PackageCache::default()));
    assert_ne!(second.sha256, first.sha256);
    fs::set_permissions(&code, fs::Permissions::from_mode(0o755)).unwrap();
    let third = build();
    assert_ne!(third.sha256, second.sha256);
    fs::rename(&code, code.with_file_name("other.py")).unwrap();
    assert_ne!(build().sha256, third.sha256);
    assert_eq!(kept(&kept_in).len(), 4);
}

#[test]
fn a_kept_zip_unpacks_to_the_same() {
    let folder = folder(&[("code/lib/bootstrap", "#!/bin/sh\n"), ("code/lib/\u{e9}.py", ""), ("code/deep/empty/", "")]);
    symlink("lib/bootstrap", folder.path().join("code/link")).unwrap();
    let cache = PackageCache::in_folder(folder.path().join("kept"));
    for links in [LinkPolicy::Follow, LinkPolicy::Keep] {
        let source = PackageSource::Directory { path: "code".into(), links };
        let fresh = build(&source, folder.path(), Confinement::default()).unwrap();
        for _ in 0..2 {
            assert_eq!(
                build_cached(&source, folder.path(), Confinement::default(), &cache, &NotCode::default()).unwrap(),
                fresh
            );
        }
    }
}

#[test]
fn a_damaged_cache_is_no_cache() {
    let folder = folder(&[("code/app.py", "one")]);
    let kept_in = folder.path().join("kept");
    let cache = PackageCache::in_folder(kept_in.clone());
    let first = built(folder.path(), &cache);
    let zip = kept(&kept_in).remove(0);
    let whole = fs::read(&zip).unwrap();
    fs::write(&zip, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(built(folder.path(), &cache), first);
    assert_eq!(fs::read(&zip).unwrap(), whole, "it is kept anew");
    fs::remove_file(&zip).unwrap();
    // A pipe in its place would wait for a writer.
    assert!(Command::new("mkfifo").arg(&zip).status().unwrap().success());
    assert_eq!(built(folder.path(), &cache), first);
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(built(folder.path(), &PackageCache::in_folder(file.join("below"))), first);
}

#[test]
fn a_cache_within_the_code_is_not_packed() {
    let folder = folder(&[("code/app.py", "one")]);
    let cache = PackageCache::in_folder(folder.path().join("code/.cache"));
    let first = built(folder.path(), &cache);
    for _ in 0..2 {
        assert_eq!(built(folder.path(), &cache), first);
    }
    assert_eq!(kept(&folder.path().join("code/.cache")).len(), 1);
}

#[test]
fn what_nobody_used_for_long_is_deleted_and_nothing_else() {
    let folder = folder(&[("code/app.py", "one"), ("kept/notes.txt", ""), ("kept/old.zip", ""), ("kept/.tmpA", "")]);
    let kept_in = folder.path().join("kept");
    let long_ago = SystemTime::now() - Duration::from_secs(60 * 24 * 3600);
    kept(&kept_in).iter().for_each(|path| set_time(path, long_ago));
    built(folder.path(), &PackageCache::in_folder(kept_in.clone()));
    assert!(kept_in.join("notes.txt").exists());
    assert!(!kept_in.join("old.zip").exists() && !kept_in.join(".tmpA").exists());
    assert_eq!(kept(&kept_in).len(), 2);
}
