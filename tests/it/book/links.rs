//! The links of the book and of the README.

use std::path::{Path, PathBuf};

use crate::generated_files::repository;

/// Returns the targets of the links of a page, outside of code.
fn targets(text: &str) -> Vec<String> {
    let mut targets = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        if is_code {
            continue;
        }
        // Code spans have no links.
        let outside: String = line.split('`').step_by(2).collect::<Vec<_>>().join("``");
        targets.extend(outside.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())));
    }
    targets
}

/// Returns the anchors of a page, as mdBook and GitHub make them of its headings.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let anchor = |heading: &str| {
        let letters =
            heading.to_lowercase().chars().filter(|it| it.is_alphanumeric() || " -_".contains(*it)).collect::<String>();
        letters.replace(' ', "-")
    };
    headings.map(anchor).collect()
}

fn check(page: &Path, wrong: &mut Vec<String>) {
    let text = std::fs::read_to_string(page).unwrap();
    for target in targets(&text).iter().filter(|target| !target.contains("://") && !target.starts_with("mailto:")) {
        let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
        let path = if file.is_empty() { page.to_owned() } else { page.parent().unwrap().join(file) };
        let Ok(other) =
            std::fs::read_to_string(&path).or_else(|error| if path.exists() { Ok(String::new()) } else { Err(error) })
        else {
            wrong.push(format!("{}: {target}", page.display()));
            continue;
        };
        if !anchor.is_empty() && !anchors(&other).iter().any(|it| it == anchor) {
            wrong.push(format!("{}: {target} has no such heading", page.display()));
        }
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    let pages: Vec<PathBuf> = super::pages().iter().map(|page| repository("docs/src").join(page)).collect();
    for page in pages.iter().chain([&repository("README.md")]) {
        check(page, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn code_has_no_links_and_headings_have_anchors() {
    assert_eq!(targets("a [b](c.md) `[d](e)`\n```\n[f](g)\n```\n[h](#i)"), ["c.md", "#i"]);
    assert_eq!(anchors("## What is `plan`?\n### A, b"), ["what-is-plan", "a-b"]);
}
