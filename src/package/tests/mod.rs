//! Packages of directories and zip files, good and bad.
#![expect(clippy::disallowed_methods, reason = "tests prepare files")]

use std::io::{Cursor, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;

use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;
use crate::model::{EntryName, Mode};

/// Makes a directory of files; a name that ends with `/` is a directory.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        if name.ends_with('/') {
            fs::create_dir_all(path).unwrap();
        } else {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }
    folder
}

fn packed(folder: &TempDir, links: LinkPolicy) -> Result<Package, PackageError> {
    build(&PackageSource::Directory { path: ".".into(), links }, folder.path())
}

/// Returns the entries with their modes.
fn listed(contents: &Contents) -> Vec<String> {
    contents.entries().map(|(name, entry)| format!("{name} {} {}", entry.mode, entry.kind)).collect()
}

/// Returns the names that are packed.
fn names(folder: &TempDir) -> Vec<String> {
    packed(folder, LinkPolicy::Follow).unwrap().contents.entries().map(|(name, _)| name.to_string()).collect()
}

fn refusal(folder: &TempDir, links: LinkPolicy) -> String {
    packed(folder, links).unwrap_err().to_string()
}

/// An entry of a zip file as its central directory has it: name, system, external attributes, content.
type Raw<'r> = (&'r [u8], u8, u32, &'r [u8]);

/// Makes a zip file by hand, because a writer refuses most of what is tried here.
fn raw_zip(entries: &[Raw<'_>]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, system, attributes, content) in entries {
        let offset = bytes.len() as u32;
        let mut common = vec![0; 6];
        common.extend([0; 4]);
        common.extend(crc32(content).to_le_bytes());
        common.extend((content.len() as u32).to_le_bytes());
        common.extend((content.len() as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(*name);
        bytes.extend(*content);
        directory.extend(b"PK\x01\x02");
        directory.extend([20, *system]);
        directory.extend(&common);
        directory.extend([0; 6]);
        directory.extend(attributes.to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(*name);
    }
    let count = (entries.len() as u16).to_le_bytes();
    let (offset, size) = (bytes.len() as u32, directory.len() as u32);
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count, count].concat());
    bytes.extend(size.to_le_bytes());
    bytes.extend(offset.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

fn crc32(content: &[u8]) -> u32 {
    !content.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1)))
    })
}

/// A file of a Unix machine.
fn unix<'r>(name: &'r str, mode: u32, content: &'r str) -> Raw<'r> {
    (name.as_bytes(), 3, mode << 16, content.as_bytes())
}

fn zipped(files: &[(&str, &str, u32)], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content, mode) in files {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(method).unix_permissions(*mode)).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn the_same_files_give_the_same_bytes_in_any_order_and_at_any_time() {
    let folders = [["b.py", "a.py", "sub/c.py"], ["sub/c.py", "a.py", "b.py"]].map(|names| {
        let folder = folder(&names.map(|name| (name, name)));
        fs::write(folder.path().join(".lambdaignore"), "*.log\n").unwrap();
        fs::write(folder.path().join("noise.log"), format!("{:?}", folder.path())).unwrap();
        folder
    });
    let packages = folders.each_ref().map(|folder| packed(folder, LinkPolicy::Follow).unwrap());
    assert_eq!(packages[0], packages[1]);
    assert_eq!(names(&folders[0]), ["a.py", "b.py", "sub/c.py"]);
}

#[test]
fn modes_are_those_that_lambda_needs_whatever_the_umask_was() {
    let folder = folder(&[("bootstrap", "#!/bin/sh\n"), ("conf.json", "{}"), ("lib/x.py", ""), ("uploads/", "")]);
    let chmod = |modes: [(&str, u32); 4]| {
        for (name, mode) in modes {
            fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        packed(&folder, LinkPolicy::Follow).unwrap()
    };
    let tight = chmod([("bootstrap", 0o700), ("conf.json", 0o600), ("lib", 0o700), ("uploads", 0o700)]);
    assert_eq!(
        listed(&tight.contents),
        ["bootstrap 0755 file", "conf.json 0644 file", "lib/x.py 0644 file", "uploads 0755 directory"]
    );
    assert_eq!(tight, chmod([("bootstrap", 0o6755), ("conf.json", 0o666), ("lib", 0o777), ("uploads", 0o1777)]));
    let plain = chmod([("bootstrap", 0o644), ("conf.json", 0o600), ("lib", 0o700), ("uploads", 0o700)]);
    assert_ne!(tight.contents, plain.contents);
}

#[test]
fn links_are_followed_within_the_directory_and_refused_outside() {
    let inside = folder(&[("src/app.py", "1"), ("run", "#!/bin/sh\n")]);
    fs::set_permissions(inside.path().join("run"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("src", inside.path().join("lib")).unwrap();
    symlink("run", inside.path().join("bootstrap")).unwrap();
    let package = packed(&inside, LinkPolicy::Follow).unwrap();
    assert_eq!(
        listed(&package.contents),
        ["bootstrap 0755 file", "lib/app.py 0644 file", "run 0755 file", "src/app.py 0644 file"]
    );
    for (target, wrong) in [
        ("/etc/hostname", "leads out of the directory, to /etc/hostname"),
        ("../..", "leads out of the directory, to "),
        ("gone.py", "leads to gone.py, which does not exist"),
        ("link", "leads to link, which does not exist"),
        (".", "leads to a directory that contains it"),
        ("../src", "leads to a directory that contains it"),
    ] {
        let folder = folder(&[("src/app.py", "1")]);
        symlink(target, folder.path().join("src/link")).unwrap();
        let error = refusal(&folder, LinkPolicy::Follow);
        assert!(error.contains(wrong), "{target}: {error}");
        fs::write(folder.path().join(".lambdaignore"), "link/\n").unwrap();
        assert_eq!(names(&folder), ["src/app.py"], "{target}");
    }
}

#[test]
fn links_are_kept_as_links_on_demand() {
    let folder = folder(&[("lib/a.so.1", "1")]);
    symlink("a.so.1", folder.path().join("lib/a.so")).unwrap();
    symlink("/opt/nodejs/node_modules", folder.path().join("node_modules")).unwrap();
    let package = packed(&folder, LinkPolicy::Keep).unwrap();
    assert_eq!(
        listed(&package.contents),
        ["lib/a.so 0777 link to a.so.1", "lib/a.so.1 0644 file", "node_modules 0777 link to /opt/nodejs/node_modules"]
    );
    let zip = folder.path().join("kept.zip");
    fs::write(&zip, &package.bytes).unwrap();
    assert_eq!(build(&PackageSource::ZipFile(zip.clone()), folder.path()).unwrap(), package);
    fs::remove_file(zip).unwrap();
    symlink(folder.path().join("lib/a.so.1"), folder.path().join("here")).unwrap();
    assert!(refusal(&folder, LinkPolicy::Keep).contains("a path of this machine; make it relative"));
    fs::remove_file(folder.path().join("here")).unwrap();
    fs::write(folder.path().join(".lambdaignore"), "*.so.1\n").unwrap();
    let wrong = "the link lib/a.so leads to a.so.1, which is not in the package";
    assert_eq!(refusal(&folder, LinkPolicy::Keep), wrong);
}

#[test]
fn what_is_no_file_is_refused_and_never_opened() {
    let folder = folder(&[("app.py", "1")]);
    let fifo = folder.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let zip = |path: &str| build(&PackageSource::ZipFile(path.into()), folder.path()).unwrap_err().to_string();
    assert!(zip("fifo").ends_with("fifo is a named pipe, not a zip file"));
    assert!(zip("/dev/zero").ends_with("is a device, not a zip file"));
    assert!(zip(".").ends_with("is a directory; use `dir`"));
    assert!(refusal(&folder, LinkPolicy::Follow).contains("fifo is a named pipe, and only files"));
    symlink("fifo", folder.path().join("first")).unwrap();
    fs::write(folder.path().join(".lambdaignore"), "/fifo\n").unwrap();
    assert!(refusal(&folder, LinkPolicy::Follow).contains("first is a named pipe"));
    fs::write(folder.path().join(".lambdaignore"), "f*\n").unwrap();
    assert_eq!(names(&folder), ["app.py"]);
    let _socket = UnixListener::bind(folder.path().join("socket")).unwrap();
    assert!(refusal(&folder, LinkPolicy::Follow).contains("socket is a socket"));
    fs::remove_file(folder.path().join(".lambdaignore")).unwrap();
    fs::rename(fifo, folder.path().join(".lambdaignore")).unwrap();
    assert!(refusal(&folder, LinkPolicy::Follow).contains(".lambdaignore is a named pipe"));
    let file = build(&PackageSource::Directory { path: "app.py".into(), links: LinkPolicy::Follow }, folder.path());
    assert!(file.unwrap_err().to_string().ends_with("app.py is not a directory; for a zip file use `zip`"));
}

#[test]
fn files_are_left_out_by_the_default_list_and_by_the_patterns_nearest_to_them() {
    let all = [
        ("app.py", ""),
        (".env", "SECRET=1"),
        (".git/HEAD", ""),
        (".venv/x", ""),
        ("lib/__pycache__/a.pyc", ""),
        ("node_modules/.cache/x", ""),
        ("node_modules/a/index.js", ""),
        ("docs/a.md", ""),
        ("lib/docs/a.md", ""),
        ("only/out.log", ""),
        ("empty/", ""),
    ];
    let folder = folder(&all);
    let ignore = |path: &str, text: &str| fs::write(folder.path().join(path), text).unwrap();
    ignore(".lambdaignore", "\u{feff}# what nobody runs\r\n/docs/\r\n*.log\r\n!.env\r\n");
    assert_eq!(names(&folder), [".env", "app.py", "empty", "lib/docs/a.md", "node_modules/a/index.js"]);
    ignore("lib/.lambdaignore", "*.md\n");
    ignore("only/.lambdaignore", "!out.log\n");
    assert_eq!(names(&folder), [".env", "app.py", "empty", "node_modules/a/index.js", "only/out.log"]);
    ignore("lib/.lambdaignore", "# one\na{b\n");
    let error = refusal(&folder, LinkPolicy::Follow);
    assert!(error.contains("line 2 of ") && error.contains("lib/.lambdaignore is not a pattern"), "{error}");
    fs::remove_file(folder.path().join("lib/.lambdaignore")).unwrap();
    ignore(".lambdaignore", "*\n");
    assert!(refusal(&folder, LinkPolicy::Follow).ends_with("has no files to deploy"));
}

#[test]
fn packages_are_compared_by_what_they_unpack_to() {
    let old = [("app.py", "1", 0o644), ("bootstrap", "run", 0o700), ("gone.py", "", 0o644)];
    let new = [("bootstrap", "run", 0o755), ("app.py", "2", 0o644), ("new/x.py", "", 0o644)];
    let stored = contents(&zipped(&old, CompressionMethod::Stored)).unwrap();
    let deflated = contents(&zipped(&old, CompressionMethod::Deflated)).unwrap();
    assert_eq!(stored, deflated);
    let found = difference(&stored, &contents(&zipped(&new, CompressionMethod::Deflated)).unwrap());
    assert_eq!(found.added, ["new/x.py"]);
    assert_eq!(found.changed, ["app.py", "bootstrap (mode 0700 → 0755)"]);
    assert_eq!(found.removed, ["gone.py"]);
}

#[test]
fn every_way_in_which_a_live_package_differs_is_seen_and_named() {
    let wanted = contents(&raw_zip(&[unix("app.py", 0o100_644, "1"), unix("lib/x", 0o100_644, "2")])).unwrap();
    let app = || unix("app.py", 0o100_644, "1");
    let lib = || unix("lib/x", 0o100_644, "2");
    for (live, changed) in [
        (vec![unix("app.py", 0o100_000, "1"), lib()], "app.py (mode 0000 → 0644)"),
        (vec![unix("app.py", 0o104_755, "1"), lib()], "app.py (mode 4755 → 0644)"),
        (vec![(&b"app.py"[..], 0, 0, &b"1"[..]), lib()], "app.py (mode unset → 0644)"),
        (vec![unix("app.py", 0o120_777, "1"), lib()], "app.py (link to 1 → file)"),
        (vec![app(), unix("lib/", 0o40_700, ""), lib()], "lib/ (mode 0700 → 0755)"),
        (vec![app(), lib(), unix("app.py", 0o100_644, "1")], "app.py (the live package has it more than once)"),
        (vec![unix("app.py", 0o100_644, "3"), app(), lib()], "app.py (the live package has it more than once)"),
        (vec![unix("app.py", 0o100_644, "3"), lib()], "app.py"),
    ] {
        let live = contents(&raw_zip(&live)).unwrap();
        assert_ne!(live, wanted, "{changed}");
        assert_eq!(difference(&live, &wanted).changed, [changed]);
    }
    let same = [unix("./lib/", 0o40_755, ""), (&b"lib/"[..], 0, 0x10, &b""[..]), lib(), app()];
    assert_eq!(contents(&raw_zip(&same)).unwrap(), wanted);
}

#[test]
fn a_zip_file_is_used_unchanged_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let make = |bytes: &[u8]| {
        fs::write(folder.path().join("a.zip"), bytes).unwrap();
        build(&PackageSource::ZipFile("a.zip".into()), folder.path()).map_err(|error| error.to_string())
    };
    let bytes = zipped(&[("app.py", "1", 0o600)], CompressionMethod::Stored);
    assert_eq!(&make(&bytes).unwrap().bytes[..], bytes);
    let app = || unix("app.py", 0o100_644, "1");
    for (entries, wrong) in [
        (
            vec![unix("../app.py", 0o100_644, "1")],
            "an entry `../app.py` that cannot be unpacked: its name contains `..`",
        ),
        (vec![unix("/app.py", 0o100_644, "1")], "its name is absolute"),
        (vec![unix("a\0.py", 0o100_644, "1")], r"`a\u{0}.py` that cannot be unpacked: its name contains a NUL byte"),
        (vec![app(), app()], "two entries named `app.py`"),
        (vec![app(), unix("app.py/x", 0o100_644, "1")], "`app.py/x` lies below `app.py`, which is not a directory"),
        (vec![unix("x", 0o120_777, "/tmp"), unix("x/y", 0o100_644, "1")], "`x/y` lies below `x`"),
        (vec![unix("x", 0o010_644, "")], "an entry `x` that is a pipe, a socket or a device"),
        (vec![unix("x\x1b[2J", 0o020_644, "")], r"an entry `x\u{1b}[2J` that is"),
        (vec![], "the zip file has no files"),
        (vec![unix("lib/", 0o40_755, "")], "the zip file has no files"),
    ] {
        let error = make(&raw_zip(&entries)).unwrap_err();
        assert!(error.contains(wrong), "{error}");
    }
    assert!(make(b"not a zip").unwrap_err().contains("not a zip file"));
    let name: &[u8] = b"caf\xe9\\x.py";
    let package = make(&raw_zip(&[(name, 0, 0, b"1")])).unwrap();
    assert_eq!(listed(&package.contents), [r"caf\xe9\x.py unset file"]);
}

#[test]
fn an_entry_must_be_what_both_tables_say_before_packages_are_equal() {
    let bytes = raw_zip(&[unix("app.py", 0o100_644, "1")]);
    let mut other = bytes.clone();
    other[30..36].copy_from_slice(b"bpp.py");
    assert_eq!(unambiguous_contents(&bytes).unwrap(), contents(&bytes).unwrap());
    assert!(unambiguous_contents(&other).is_err());
}

#[test]
fn sizes_are_checked_as_declared_and_as_unpacked() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("zeros", SimpleFileOptions::default()).unwrap();
    let zeros = vec![0; 1 << 20];
    (0..=250).for_each(|_| zip.write_all(&zeros).unwrap());
    let mut bytes = zip.finish().unwrap().into_inner();
    let error = contents(&bytes).unwrap_err().to_string();
    let wanted = "263192576 bytes (251.0 MB) unzipped, and Lambda allows less than 262144000 bytes (250.0 MB)";
    assert!(error.contains(wanted), "{error}");
    // The same file says of itself that it is small.
    let directory = bytes.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
    bytes[directory + 24..directory + 28].copy_from_slice(&1000_u32.to_le_bytes());
    let error = contents(&bytes).unwrap_err();
    assert!(matches!(error, PackageError::WrongSize(_) | PackageError::Zip(_)), "{error}");
}

#[test]
fn sizes_that_are_refused_are_the_real_ones() {
    let folder = folder(&[("app.py", "1")]);
    let sparse = |name: &str, size: u64| fs::File::create(folder.path().join(name)).unwrap().set_len(size).unwrap();
    sparse("big.zip", 300 * 1024 * 1024);
    let error = build(&PackageSource::ZipFile("big.zip".into()), folder.path()).unwrap_err().to_string();
    assert!(error.contains("the package has 314572800 bytes (300.0 MB) zipped, and at most 52428800"), "{error}");
    sparse("also.bin", 1 << 40);
    let error = refusal(&folder, LinkPolicy::Follow);
    assert!(error.contains("1099826200577 bytes (1048876.0 MB) unzipped"), "{error}");
}

#[test]
fn a_name_that_is_not_utf8_is_refused_in_a_directory() {
    use std::os::unix::ffi::OsStrExt;
    let folder = folder(&[("app.py", "1")]);
    fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"a\xff\x1b.py")), "").unwrap();
    let error = refusal(&folder, LinkPolicy::Follow);
    assert!(error.ends_with(r"a\xff\u{1b}.py is not UTF-8; rename it"), "{error}");
}

#[test]
fn links_that_double_at_each_step_end_at_a_limit() {
    let folder = folder(&[("app.py", "1")]);
    for level in 0..20 {
        let path = folder.path().join(format!("d{level}"));
        fs::create_dir(&path).unwrap();
        for link in ["a", "b"] {
            symlink(format!("../d{}", level + 1), path.join(link)).unwrap();
        }
    }
    fs::create_dir(folder.path().join("d20")).unwrap();
    let error = directory::zip_at_most(1000, folder.path(), LinkPolicy::Follow).unwrap_err();
    assert!(matches!(error, PackageError::TooManyFiles), "{error}");
}

#[test]
fn an_unset_mode_is_a_mode_of_its_own() {
    let unset = contents(&raw_zip(&[(b"bootstrap", 0, 0, b"#!")])).unwrap();
    let name = EntryName::parse(b"bootstrap").unwrap();
    assert_eq!(unset.entry(&name).unwrap().mode, Mode::Unset);
    assert_ne!(unset, contents(&raw_zip(&[unix("bootstrap", 0o100_644, "#!")])).unwrap());
}
