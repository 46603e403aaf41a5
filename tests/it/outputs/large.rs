//! Large plans: one value changed in every function of an estate.

use std::process::Command;

use serde_json::Value;

use super::{Desk, python};
use crate::harness::{against, ended};
use crate::server::Server;

/// A spec of so many functions that have this memory.
fn estate(count: usize, memory: u32) -> String {
    let functions: String = (0..count).map(|number| format!("  fn-{number:04}: {{}}\n")).collect();
    format!(
        "version: 1\nstack: shop\ndefaults:\n  function: {{runtime: python3.13, handler: app.handler, role: \
         \"arn:aws:iam::123456789012:role/r\", code: {{zip: package.zip}}, memory_size: {memory}}}\nfunctions:\n{functions}"
    )
}

/// Runs the program below Python, which tells the most memory that it had, in KB. Returns it with what was printed.
fn measured(python: &std::path::Path, desk: &Desk, url: &str, arguments: &[&str]) -> (u64, String) {
    let script = "import resource, subprocess, sys\n\
                  run = subprocess.run(sys.argv[1:], stderr=subprocess.PIPE)\n\
                  print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)\n\
                  sys.exit(run.returncode)";
    let program = against(url, desk.folder.path(), arguments);
    let mut command = Command::new(python);
    command.args(["-c", script]).arg(program.get_program()).args(program.get_args()).current_dir(desk.folder.path());
    for (name, value) in program.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command.envs([("GITHUB_REPOSITORY", "shop/infra"), ("GITHUB_RUN_ID", "7")]);
    let (code, text, errors) = ended(&command.env("GITHUB_SERVER_URL", "https://github.com").output().unwrap());
    assert_eq!(code, 0, "{errors}");
    (errors.trim().lines().last().unwrap().parse().unwrap(), text)
}

#[test]
fn two_thousand_functions_take_sixty_lines_and_their_json_is_never_in_memory() {
    let Some(python) = python() else { return };
    for count in [200, 2_000] {
        let server = Server::start(&["--settle", "0"]);
        let desk = Desk::new();
        desk.write("stack.yaml", &estate(count, 128));
        let apply = ["apply", "-f", "stack.yaml", "--auto-approve", "--parallelism", "40"];
        let (code, _, errors) = ended(&against(&server.url, desk.folder.path(), &apply).output().unwrap());
        assert_eq!(code, 0, "{errors}");
        desk.write("stack.yaml", &estate(count, 256));
        let (plain, text) = measured(&python, &desk, &server.url, &["plan", "-f", "stack.yaml"]);
        assert!(text.lines().count() < 60, "{text}");
        assert!(text.contains(&format!("{count} functions: fn-0000, fn-0001 and {} more", count - 2)), "{text}");
        assert!(text.contains("memory_size  128 → 256"), "{text}");
        let outputs = ["plan", "-f", "stack.yaml", "--output", "json=plan.json", "--output", "markdown=plan.md"];
        let (with_reports, _) = measured(&python, &desk, &server.url, &outputs);
        let (with_json, json) = measured(&python, &desk, &server.url, &["plan", "-f", "stack.yaml", "--json"]);
        let plan: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(plan["resources"].as_array().unwrap().len(), count);
        assert_eq!(desk.read("plan.json"), json);
        let markdown = desk.read("plan.md");
        assert!(
            markdown.len() <= 65_536 && markdown.contains("https://github.com/shop/infra/actions/runs/7"),
            "{markdown}"
        );
        // What is printed is a multiple of what it takes to print it.
        for (what, memory) in [("--json", with_json), ("--output", with_reports)] {
            let more = memory.saturating_sub(plain) * 1024;
            assert!(
                more < json.len() as u64 / 2 + 4_000_000,
                "{count}, {what}: {more} bytes more for {} of JSON",
                json.len()
            );
        }
    }
}
