//! Who wrote what, and whether whoever replaced it had seen it.
//!
//! The account is taken stock of after each write. A value that one writer set and another replaced must stand in a plan of
//! the other: only then was it there to be read before it was gone. Where the call carried a RevisionId, anything else is
//! a lost update. Where it could carry none, it is the window that the API leaves, and the width of the window is measured.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use axum::Router;
use serde_json::Value;

use super::census::{census, leaves};
use super::tap::Line;

/// The record of one account.
pub struct Ledger {
    router: Router,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    values: BTreeMap<String, Value>,
    /// Who set a value last, and how many calls every writer had made by then.
    authors: HashMap<String, (&'static str, HashMap<&'static str, usize>)>,
    calls: HashMap<&'static str, usize>,
    /// The plans of each writer, as text.
    plans: HashMap<&'static str, String>,
    findings: Findings,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Writes that were looked at.
    pub writes: u64,
    /// Values of others that were replaced after they had been seen.
    pub replaced: u64,
    /// Values of others that were replaced unseen under a RevisionId.
    pub lost: Vec<String>,
    /// Values of others that were replaced unseen by a call that can carry none.
    pub windows: Vec<(String, usize)>,
}

impl Ledger {
    pub fn new(router: Router) -> Ledger {
        Ledger { router, book: Mutex::default() }
    }

    /// Notes what the writer has seen when it made a plan.
    pub fn planned(&self, writer: &'static str, plan: &str) {
        self.book.lock().unwrap().plans.entry(writer).or_default().push_str(plan);
    }

    pub fn findings(&self) -> Findings {
        self.book.lock().unwrap().findings.clone()
    }

    /// Takes stock after a write; `own` is how many calls the writer has made, this one included.
    pub async fn note(&self, line: &Line, own: usize) {
        let now: BTreeMap<String, Value> = leaves(&census(&self.router).await).into_iter().collect();
        let mut book = self.book.lock().unwrap();
        let book = &mut *book;
        book.calls.insert(line.writer, own);
        book.findings.writes += 1;
        let changed: Vec<String> =
            now.keys().chain(book.values.keys()).filter(|at| now.get(*at) != book.values.get(*at)).cloned().collect();
        let guarded = line.path.contains("RevisionId") || String::from_utf8_lossy(&line.request).contains("RevisionId");
        for at in changed {
            if let (Some(old), Some((author, calls))) = (book.values.get(&at), book.authors.get(&at))
                && *author != line.writer
                && line.writer != STRANGER
            {
                let text = old.to_string();
                let seen = book.plans.get(line.writer).is_some_and(|plans| plans.contains(text.trim_matches('"')));
                let width = own - calls.get(line.writer).copied().unwrap_or(0);
                let what = format!("{} {} replaced{at} {text} of {author}", line.method, line.path);
                match (seen, guarded) {
                    (true, _) => book.findings.replaced += 1,
                    (false, true) => book.findings.lost.push(what),
                    (false, false) => book.findings.windows.push((what, width)),
                }
            }
            book.authors.insert(at, (line.writer, book.calls.clone()));
        }
        book.values = now;
    }
}

/// The writer that looks at nothing before it writes.
pub const STRANGER: &str = "stranger";
