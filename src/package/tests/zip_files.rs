//! Packages of zip files: what they may hold, and when two are equal.

use super::*;
use crate::model::DifferentFile;

fn names(files: &[DifferentFile]) -> Vec<String> {
    let detail = |file: &DifferentFile| file.detail.as_ref().map_or_else(String::new, |detail| format!(" ({detail})"));
    files.iter().map(|file| format!("{}{}", file.name, detail(file))).collect()
}

#[test]
fn packages_are_compared_by_what_they_unpack_to() {
    let old = [("app.py", "1", 0o644), ("bootstrap", "run", 0o700), ("gone.py", "", 0o644)];
    let new = [("bootstrap", "run", 0o755), ("app.py", "2", 0o644), ("new/x.py", "", 0o644)];
    let stored = contents(&zipped(&old, CompressionMethod::Stored)).unwrap();
    let deflated = contents(&zipped(&old, CompressionMethod::Deflated)).unwrap();
    assert_eq!(stored, deflated);
    let found = difference(&stored, &contents(&zipped(&new, CompressionMethod::Deflated)).unwrap());
    assert_eq!(names(&found.added), ["new/x.py"]);
    assert_eq!(names(&found.changed), ["app.py", "bootstrap (mode 0700 → 0755)"]);
    assert_eq!(names(&found.removed), ["gone.py"]);
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
        assert_eq!(names(&difference(&live, &wanted).changed), [changed]);
    }
    let same = [unix("./lib/", 0o40_755, ""), (&b"lib/"[..], 0, 0x10, &b""[..]), lib(), app()];
    assert_eq!(contents(&raw_zip(&same)).unwrap(), wanted);
}

#[test]
fn a_zip_file_is_used_unchanged_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let make = |bytes: &[u8]| {
        fs::write(folder.path().join("a.zip"), bytes).unwrap();
        build(&PackageSource::ZipFile("a.zip".into()), folder.path(), Confinement::default())
            .map_err(|error| error.to_string())
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
    let error = build(&PackageSource::ZipFile("big.zip".into()), folder.path(), Confinement::default())
        .unwrap_err()
        .to_string();
    assert!(error.contains("the package has 314572800 bytes (300.0 MB) zipped, and at most 52428800"), "{error}");
    sparse("also.bin", 1 << 40);
    let error = refusal(&folder, LinkPolicy::Follow);
    assert!(error.contains("1099826200577 bytes (1048876.0 MB) unzipped"), "{error}");
}

#[test]
fn an_unset_mode_is_a_mode_of_its_own() {
    let unset = contents(&raw_zip(&[(b"bootstrap", 0, 0, b"#!")])).unwrap();
    let name = EntryName::parse(b"bootstrap").unwrap();
    assert_eq!(unset.entry(&name).unwrap().mode, Mode::Unset);
    assert_ne!(unset, contents(&raw_zip(&[unix("bootstrap", 0o100_644, "#!")])).unwrap());
}
