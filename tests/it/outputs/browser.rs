//! The pages of plans and of drift in a real browser, driven by `tests/browser/drive.py`.

use std::path::PathBuf;
use std::process::Command;

use super::{Desk, python, spec};
use crate::harness::ended;

/// Returns the browser that `tests/run` has found, or says that the test was skipped.
fn browser() -> Option<PathBuf> {
    let browser = std::env::var_os("TRUEUP_BROWSER").filter(|path| !path.is_empty()).map(PathBuf::from);
    if browser.is_none() {
        println!("SKIPPED: TRUEUP_BROWSER is not set; `tests/run` looks for a browser and sets it");
    }
    browser
}

#[test]
fn the_pages_keep_what_they_promise_in_a_browser() {
    let (Some(python), Some(browser)) = (python(), browser()) else { return };
    let desk = Desk::new();
    let more = "    url: {auth_type: NONE}\n  receipts:\n    runtime: python3.13\n    handler: app.handler\n    role: \
                arn:aws:iam::123456789012:role/r\n    code: {zip: package.zip}\n";
    desk.write("stack.yaml", &spec(more));
    assert_eq!(desk.run(&["plan", "-f", "stack.yaml", "--output", "html=plan.html"]).0, 0);
    let function = |number: usize| {
        format!(
            "  fn-{number:04}:\n    runtime: python3.13\n    handler: app.handler_{number}\n    role: \
             arn:aws:iam::123456789012:role/r\n    code: {{zip: package.zip}}\n"
        )
    };
    let many: String = (0..2000).map(function).collect();
    desk.write("large.yaml", &format!("version: 1\nstack: large\nfunctions:\n{many}"));
    assert_eq!(desk.run(&["plan", "-f", "large.yaml", "--output", "html=large.html"]).0, 0);
    desk.apply("stack.yaml");
    desk.write("stack.yaml", &spec(&format!("    memory_size: 256\n{more}")));
    assert_eq!(desk.run(&["drift", "-f", "stack.yaml", "--output", "html=drift.html"]).0, 2);
    let mut drive = Command::new(python);
    drive.arg(crate::generated_files::repository("tests/browser/drive.py")).arg(browser);
    drive.args(["plan.html", "large.html", "drift.html"].map(|page| desk.path(page)));
    let (code, text, errors) = ended(&drive.output().unwrap());
    assert_eq!(code, 0, "{text}{errors}");
    println!("{text}");
}
