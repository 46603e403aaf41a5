//! Promise: the book is true. Every session on its pages prints what it says, its links lead somewhere, and its reference is generated.

mod links;
mod reference;
mod spec;

use std::path::PathBuf;

use crate::generated_files::{fresh, repository};
use crate::scenarios::played;

/// The pages that people write, by their paths below `docs/src`.
fn pages() -> Vec<String> {
    let source = repository("docs/src");
    let mut folders: Vec<PathBuf> = vec![source.clone()];
    let mut pages = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                pages.push(path.strip_prefix(&source).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    pages.sort();
    pages
}

#[test]
fn every_session_prints_what_it_says() {
    let written = pages().into_iter().filter(|page| !page.starts_with("reference/") && page != "SUMMARY.md");
    let written: Vec<String> = written.collect();
    assert!(written.len() > 15, "{written:?}");
    let played_pages = std::thread::scope(|scope| {
        // Two at a time: the machine has two cores.
        let parts: Vec<_> = written.chunks(written.len().div_ceil(2)).collect();
        let workers: Vec<_> = parts
            .into_iter()
            .map(|part| {
                scope.spawn(move || {
                    let play = |page: &String| {
                        let name = format!("docs/src/{page}");
                        let text = std::fs::read_to_string(repository(&name)).unwrap();
                        (name, played(&text, Some(&repository("examples"))))
                    };
                    part.iter().map(play).collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect::<Vec<_>>()
    });
    for (name, text) in played_pages {
        fresh(&name, &text);
    }
}

#[test]
fn every_page_is_in_the_summary_and_short() {
    let summary = std::fs::read_to_string(repository("docs/src/SUMMARY.md")).unwrap();
    for page in pages().iter().filter(|page| *page != "SUMMARY.md") {
        assert!(summary.contains(&format!("]({page})")), "{page} is not in SUMMARY.md");
        let lines = std::fs::read_to_string(repository("docs/src").join(page)).unwrap().lines().count();
        assert!(page.starts_with("reference/") || lines <= 200, "{page} has {lines} lines");
    }
}
