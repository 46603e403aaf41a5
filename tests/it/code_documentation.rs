//! Promise: the documentation in the code is true. It names tests and files that exist, and each trait item has its contract.

use crate::architecture::sources;
use crate::generated_files::repository;

#[test]
fn tests_that_doc_comments_name_exist() {
    let mut missing = Vec::new();
    let mut count = 0;
    for (path, text) in sources() {
        for line in text.lines().filter(|line| line.trim_start().starts_with("//")) {
            for cited in line.split('`').filter(|part| part.starts_with("tests/") && !part.contains(' ')) {
                count += 1;
                let folder = repository(cited.trim_end_matches('/'));
                if !folder.exists() {
                    missing.push(format!("{}: {cited}", path.display()));
                }
            }
        }
    }
    assert!(count >= 20, "the promises of the modules name their tests: {count}");
    assert_eq!(missing, [""; 0]);
}

/// Returns the module documentation of a file as one line.
fn module_doc(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    lines.collect::<Vec<_>>().join(" ")
}

#[test]
fn each_file_of_the_reading_order_names_the_next() {
    let text = |path: &str| std::fs::read_to_string(repository(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let lib = text("src/lib.rs");
    let (_, order) = lib.split_once("//! # Reading order").expect("lib.rs has a reading order");
    let (order, _) = order.split_once("//! # ").expect("another section follows");
    let numbered =
        order.lines().filter(|line| line.trim_start_matches("//! ").starts_with(|c: char| c.is_ascii_digit()));
    let files: Vec<&str> = numbered.map(|line| line.split('`').nth(1).expect("a file")).collect();
    assert!((2..=7).contains(&files.len()), "{files:?}");
    assert_eq!((files[0], files[files.len() - 1]), ("src/lib.rs", "src/cloud/send.rs"));
    for pair in files.windows(2) {
        let doc = module_doc(&text(pair[0]));
        assert!(doc.contains(&format!("Read next: `{}`", pair[1])), "{} does not name {}", pair[0], pair[1]);
    }
    assert!(module_doc(&text("src/cloud/send.rs")).contains("`Call::UpdateAlias`"));
}

#[test]
fn the_resource_traits_have_at_most_22_items_together_each_with_a_contract_and_an_example() {
    let text = std::fs::read_to_string(repository("src/resource/traits.rs")).unwrap();
    let traits = text.split("\npub trait ").skip(1).filter_map(|text| text.split_once("\n}\n"));
    let mut items = 0;
    for (body, _) in traits {
        let mut doc = String::new();
        for line in body.lines() {
            match line.trim_start().strip_prefix("///") {
                Some(text) => doc += text,
                None => {
                    let item =
                        line.strip_prefix("    ").filter(|line| line.starts_with("fn ") || line.starts_with("const "));
                    if let Some(item) = item {
                        items += 1;
                        let names_a_kind = ["for example", "as in", "such as"].iter().any(|words| doc.contains(words));
                        assert!(doc.len() > 40 && names_a_kind, "{item} has no contract with an example kind");
                    }
                    doc.clear();
                }
            }
        }
    }
    assert!((15..=22).contains(&items), "{items} items");
}
