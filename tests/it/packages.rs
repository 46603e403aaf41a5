//! Promise: a package is deployed if its files differ, and only then.

use trueup::apply::Verdict;

use crate::harness::{Fixture, block_on, shown, zip};

const FUNCTION: &str = "version: 1
stack: shop
functions:
  orders:
    role: arn:aws:iam::123456789012:role/r
    aliases: {live: {function_version: published}}
    runtime: python3.13
    handler: app.handler
    code: {zip: package.zip}
";

#[test]
fn identical_files_in_another_zip_are_not_deployed_and_changed_files_are_listed() {
    block_on(async {
        let fixture = Fixture::new();
        let text = FUNCTION;
        fixture.write("package.zip", zip(&[("app.py", "1"), ("lib.py", "2"), ("old.py", "3")]));
        assert_eq!(fixture.apply(text).await.verdict(), Verdict::Applied);
        fixture.write("package.zip", stored(&[("old.py", "3"), ("lib.py", "2"), ("app.py", "1")]));
        let plan = fixture.plan(text).await;
        assert!(plan.is_empty(), "{}", shown(&plan));
        assert!(
            shown(&plan).contains("the same files in another zip file, so nothing is deployed"),
            "{}",
            shown(&plan)
        );
        fixture.write("package.zip", zip(&[("app.py", "1"), ("lib.py", "changed"), ("new.py", "4")]));
        let plan = fixture.plan(text).await;
        assert!(
            shown(&plan).contains("package.zip: added new.py (1 B); changed lib.py (1 B → 7 B); removed old.py (1 B)"),
            "{}",
            shown(&plan)
        );
        assert_eq!(fixture.apply(text).await.verdict(), Verdict::Applied);
        assert!(fixture.plan(text).await.is_empty());
    });
}

#[test]
fn corrected_modes_are_deployed_and_modes_of_another_writer_are_drift() {
    block_on(async {
        let world = Fixture::new();
        let text = FUNCTION;
        world.write("package.zip", with_mode(0o600));
        assert_eq!(world.apply(text).await.verdict(), Verdict::Applied);
        world.write("package.zip", with_mode(0o644));
        let plan = world.plan(text).await;
        assert!(shown(&plan).contains("package.zip: changed app.py (42 B, mode 0600 → 0644)"), "{}", shown(&plan));
        assert_eq!(world.apply(text).await.verdict(), Verdict::Applied);
        assert!(world.plan(text).await.is_empty());
        world.write("package.zip", with_mode(0o640));
        assert_eq!(world.apply(text).await.verdict(), Verdict::Applied);
        world.write("package.zip", with_mode(0o644));
        assert!(!trueup::drift::drift(&world.plan(text).await.masked()).is_empty());
    });
}

#[test]
fn a_layer_that_is_zipped_again_with_the_same_files_is_not_published() {
    block_on(async {
        let world = Fixture::new();
        let text = "version: 1\nstack: shop\nlayers: {common: {code: {zip: package.zip}}}\n";
        world.write("package.zip", zip(&[("app.py", "1"), ("lib.py", "2")]));
        assert_eq!(world.apply(text).await.verdict(), Verdict::Applied);
        world.write("package.zip", stored(&[("lib.py", "2"), ("app.py", "1")]));
        let plan = world.plan(text).await;
        assert!(plan.is_empty(), "{}", shown(&plan));
        world.write("package.zip", stored(&[("lib.py", "changed"), ("app.py", "1")]));
        assert!(!world.plan(text).await.is_empty());
    });
}

/// Makes a zip file of one file with this mode.
fn with_mode(mode: u32) -> Vec<u8> {
    use std::io::Write;
    let options = zip::write::SimpleFileOptions::default().unix_permissions(mode);
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file("app.py", options).unwrap();
    writer.write_all(b"def handler(event, context): return event\n").unwrap();
    writer.finish().unwrap().into_inner()
}

/// Makes a zip file without compression.
fn stored(files: &[(&str, &str)]) -> Vec<u8> {
    use std::io::Write;
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
