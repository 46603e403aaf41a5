//! What a newcomer runs first: `init`, completions and man pages.

use std::process::Command;

use serde_json::Value;

use crate::harness::ended;

fn run(folder: &std::path::Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
    command.args(arguments).current_dir(folder).env_clear().env("TRUEUP_SIM_SETTLE", "0");
    ended(&command.output().unwrap())
}

#[test]
fn the_first_spec_can_be_applied_at_once_and_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let (code, text, errors) = run(folder.path(), &["init", "2. Shop!"]);
    assert_eq!(code, 0, "{errors}");
    assert!(text.starts_with("Wrote trueup.yaml, hello/app.py, .github/workflows/lambda.yml"), "{text}");
    assert_eq!(errors, "To try it on the simulator, run: cd '2. Shop!' && trueup apply --sim\n");
    let shop = folder.path().join("2. Shop!");
    let spec = std::fs::read_to_string(shop.join("trueup.yaml")).unwrap();
    assert!(spec.starts_with("# yaml-language-server: $schema=https://") && spec.contains("\nstack: shop\n"), "{spec}");
    let (code, _, errors) = run(&shop, &["apply", "--sim", "--auto-approve"]);
    assert_eq!(code, 0, "{errors}");
    let (code, _, errors) = run(folder.path(), &["init", "2. Shop!", "--ci", "none"]);
    assert!(code == 1 && errors.contains("nothing was written: trueup.yaml, hello/app.py exist already"), "{errors}");
    assert!(errors.ends_with("hint: name another folder: trueup init DIR\n"), "{errors}");
    let (code, _, errors) = run(folder.path(), &["init", "other", "--stack", "no name"]);
    assert!(code == 1 && errors.contains("`no name` is not a name that a stack can have here"), "{errors}");
    assert!(!folder.path().join("other").exists());
    let ignored = std::fs::read_to_string(shop.join(".gitignore")).unwrap();
    assert_eq!(ignored, ".trueup/\nplan.json\n");
    let repository = tempfile::tempdir().unwrap();
    std::fs::create_dir(repository.path().join(".git")).unwrap();
    std::fs::create_dir(repository.path().join("shop")).unwrap();
    std::fs::write(repository.path().join("shop/.gitignore"), "target/\n").unwrap();
    let (code, _, errors) = run(repository.path(), &["init", "shop"]);
    assert!(code == 0 && errors.contains("let it name .trueup/ and plan.json"), "{errors}");
    assert!(errors.contains("a forge reads pipelines at the root of the repository only"), "{errors}");
    assert_eq!(std::fs::read_to_string(repository.path().join("shop/.gitignore")).unwrap(), "target/\n");
    for file in ["hello", ".github"] {
        let blocked = tempfile::tempdir().unwrap();
        std::fs::write(blocked.path().join(file), "").unwrap();
        let (code, _, errors) = run(blocked.path(), &["init"]);
        let words = format!("nothing was written: ./{file} is not a folder");
        assert!(code == 1 && errors.contains(&words), "{errors}");
        assert_eq!(std::fs::read_dir(blocked.path()).unwrap().count(), 1, "{file}");
    }
}

#[test]
fn the_first_pipelines_are_those_of_the_examples() {
    let folder = tempfile::tempdir().unwrap();
    for (forge, files) in [
        ("github", &[".github/workflows/lambda.yml", ".github/workflows/drift.yml"][..]),
        ("gitlab", &[".gitlab-ci.yml"]),
    ] {
        let (code, _, errors) = run(folder.path(), &["init", forge, "--ci", forge]);
        assert_eq!(code, 0, "{errors}");
        for file in files {
            let text = std::fs::read_to_string(folder.path().join(forge).join(file)).unwrap();
            let pipeline: Value = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert!(pipeline.is_object() && text.contains("TRUEUP_FILE: trueup.yaml"), "{text}");
            assert!(text.contains("TRUEUP_ALLOW_ENV: none") && !text.contains("ORDERS_TOKEN"), "{text}");
        }
    }
}

#[test]
fn shells_and_man_know_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let (_, help, _) = run(folder.path(), &["--help"]);
    let commands: Vec<&str> = help
        .split("Commands:\n")
        .nth(1)
        .unwrap()
        .lines()
        .take_while(|line| !line.is_empty())
        .map(|line| line.split_whitespace().next().unwrap())
        .collect();
    assert!(commands.len() > 12, "{commands:?}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, script, errors) = run(folder.path(), &["completions", shell]);
        assert_eq!(code, 0, "{errors}");
        for command in &commands {
            assert!(script.contains(command), "{shell}: {command}");
        }
        if shell == "bash" {
            std::fs::write(folder.path().join("script"), script).unwrap();
            let checked = Command::new("bash").args(["-n", "script"]).current_dir(folder.path()).status().unwrap();
            assert!(checked.success());
        }
    }
    assert_eq!(run(folder.path(), &["man", "man/man1"]).0, 0);
    for command in &commands {
        let page = std::fs::read_to_string(folder.path().join(format!("man/man1/trueup-{command}.1"))).unwrap();
        assert!(page.contains(".SH SYNOPSIS") && page.contains(".SH OPTIONS"), "{command}");
    }
}
