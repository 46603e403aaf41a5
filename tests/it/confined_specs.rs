//! Promise: a confined spec reads no file outside of its folder and no variable of the environment that is not allowed.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use trueup::{Disk, Inputs, ServerOptions, Session, SessionOptions, SimulatorOptions};

use crate::generated_files;
use crate::harness::{block_on, zip};

const HEAD: &str = "version: 1\nstack: shop\nfunctions:\n  orders:\n    runtime: python3.13\n    handler: app.handler\n    \
                    role: arn:aws:iam::123456789012:role/orders\n";

/// A text of files outside, which no message may quote.
const OUTSIDE: &str = "[x-0uts1de";

/// A repository that somebody else wrote, in a folder with files that are not theirs.
fn repository() -> (tempfile::TempDir, std::path::PathBuf) {
    let around = tempfile::tempdir().unwrap();
    let folder = around.path().join("repository");
    let write = |path: &str, bytes: &[u8]| {
        let path = around.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    write("secrets/app.py", OUTSIDE.as_bytes());
    write("secrets/.lambdaignore", OUTSIDE.as_bytes());
    write("secrets/stack.yaml", format!("{HEAD}    code: {{dir: src}}\n    description: {OUTSIDE}\n").as_bytes());
    write("secrets/package.zip", &zip(&[("app.py", OUTSIDE)]));
    write("repository/src/app.py", b"");
    write("repository/package.zip", &zip(&[("app.py", "")]));
    write("repository/ignored/app.py", b"");
    write("repository/linked/app.py", b"");
    let link = |target: &str, name: &str| symlink(target, folder.join(name)).unwrap();
    link("../secrets", "code");
    link("../secrets/package.zip", "linked.zip");
    link("../secrets/stack.yaml", "linked.yaml");
    link("../../secrets/.lambdaignore", "ignored/.lambdaignore");
    link("../../secrets/app.py", "linked/secret.py");
    (around, folder)
}

/// Runs `validate`, which reads packages, and returns the exit code and the output.
fn validate(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
    command.arg("validate").args(arguments).current_dir(folder).env_clear().envs(environment.iter().copied());
    let output = command.output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), text)
}

#[test]
fn no_path_of_a_confined_spec_leads_out_of_its_folder() {
    let (around, folder) = repository();
    let secrets = around.path().join("secrets");
    let codes = [
        ("{dir: code}", true),
        ("{dir: ../secrets}", true),
        (&*format!("{{dir: {}}}", secrets.display()), true),
        ("{dir: src/../../secrets}", true),
        ("{dir: /proc/self}", true),
        ("{zip: linked.zip}", true),
        ("{zip: ../secrets/package.zip}", true),
        ("{zip: ../secrets/missing.zip}", true),
        ("{zip: /proc/self/environ}", true),
        ("{dir: ignored}", true),
        ("{dir: linked}", true),
        ("{dir: src}", false),
        ("{dir: ../repository/src}", false),
        ("{zip: package.zip}", false),
        ("{zip: not-built-yet.zip}", false),
    ];
    for (code, is_outside) in codes {
        std::fs::write(folder.join("trueup.yaml"), format!("{HEAD}    code: {code}\n")).unwrap();
        for (arguments, environment) in
            [(&["--confine"][..], &[][..]), (&["--confine=../repository"], &[]), (&[], &[("TRUEUP_CONFINE", "true")])]
        {
            let (exit, text) = validate(&folder, arguments, environment);
            assert_eq!(exit, Some(i32::from(is_outside)), "{code}: {text}");
            let says_so = text.contains("leads out of") && text.contains("trueup.yaml:4");
            assert!(says_so || !is_outside, "{code}: {text}");
            assert!(!text.contains(OUTSIDE), "{code}: {text}");
        }
    }
}

#[test]
fn no_file_that_is_given_leads_out_of_the_folder_either() {
    let (_around, folder) = repository();
    std::fs::write(folder.join("trueup.yaml"), format!("{HEAD}    code: {{dir: src}}\n")).unwrap();
    for arguments in [
        &["-f", "linked.yaml"][..],
        &["-f", "../secrets/stack.yaml"],
        &["-f", "/proc/self/environ"],
        &["--var-file", "linked.yaml"],
        &["--var-file", "../secrets/missing.yaml"],
    ] {
        let (exit, text) = validate(&folder, &[arguments, &["--confine"]].concat(), &[]);
        assert_eq!(exit, Some(1), "{text}");
        assert!(text.contains("it leads out of the current folder, which the spec is confined to"), "{text}");
        assert!(!text.contains(OUTSIDE), "{text}");
    }
    assert_eq!(validate(&folder, &["-f", "../repository/trueup.yaml", "--confine"], &[]).0, Some(0));
}

#[test]
fn a_spec_reads_the_allowed_variables_of_the_environment_and_no_others() {
    let (_around, folder) = repository();
    let spec = |text: &str| {
        std::fs::write(folder.join("trueup.yaml"), format!("{HEAD}    code: {{dir: src}}\n    description: {text}\n"))
            .unwrap();
    };
    let set = [("ORDERS_TOKEN", "one-s3cret"), ("DEPLOY_TOKEN", "two-s3cret"), ("DEPLOY_TOKENS", "")];
    let refused = "the spec may not read the environment variable `DEPLOY_TOKEN`";
    for (text, options, want) in [
        ("${env.ORDERS_TOKEN}", &["--allow-env", "ORDERS_TOKEN"][..], None),
        ("${env.ORDERS_TOKEN}", &[], None),
        ("${env.DEPLOY_TOKEN}", &["--allow-env", "ORDERS_TOKEN,OTHER"], Some(refused)),
        ("${env.DEPLOY_TOKEN:-x}", &["--allow-env", "ORDERS_TOKEN"], Some(refused)),
        ("${env.ORDERS_TOKEN:-${env.DEPLOY_TOKEN}}", &["--allow-env", "ORDERS_TOKEN"], None),
        ("${env.ORDERS_TOKENX:-${env.DEPLOY_TOKEN}}", &["--allow-env", "ORDERS_TOKENX"], Some(refused)),
        ("${env.DEPLOY_TOKEN}", &["--allow-env", "none"], Some(refused)),
        ("${env.DEPLOY_TOKEN}", &["--allow-env", ""], Some(refused)),
        // A near name that may not be read is not suggested.
        (
            "${env.ORDERS_TOKE}",
            &["--allow-env", "ORDERS_TOKE"],
            Some("the environment variable `ORDERS_TOKE` is not set"),
        ),
        ("${DEPLOY_TOKEN}", &["--allow-env", "none"], Some("unknown name in `${DEPLOY_TOKEN}`")),
    ] {
        spec(&format!("\"{text}\""));
        let (exit, output) = validate(&folder, options, &set);
        assert_eq!(exit, Some(i32::from(want.is_some())), "{text} {options:?}: {output}");
        assert!(output.contains(want.unwrap_or_default()) && !output.contains("s3cret"), "{text}: {output}");
        assert!(want.is_none() || output.contains("trueup.yaml:9:"), "{text}: {output}");
        let is_named = output.contains("did you mean") || output.contains("write `${env.");
        assert!(!is_named, "{text}: {output}");
    }
    spec("\"${env.DEPLOY_TOKEN}\"");
    for (value, is_refused) in
        [("DEPLOY_TOKEN", false), ("A, DEPLOY_TOKEN", false), ("A", true), ("none", true), (",", true)]
    {
        let (exit, output) = validate(&folder, &[], &[&set[..], &[("TRUEUP_ALLOW_ENV", value)]].concat());
        assert_eq!(exit, Some(i32::from(is_refused)), "{value}: {output}");
    }
}

#[test]
fn the_library_confines_a_spec_as_the_program_does() {
    let (_around, folder) = repository();
    let open = |code: &str| {
        std::fs::write(
            folder.join("trueup.yaml"),
            format!("{HEAD}    code: {code}\n    description: \"${{env.A}}\"\n"),
        )
        .unwrap();
        let inputs = Inputs {
            files: vec![folder.join("trueup.yaml")],
            environment: [("A".to_owned(), "1".to_owned()), ("B".to_owned(), "2".to_owned())].into(),
            allow_env: Some(["A".to_owned()].into()),
            confine: Some(folder.clone()),
            ..Inputs::default()
        };
        let server = ServerOptions::Simulator(SimulatorOptions::default());
        let options = SessionOptions { inputs, server, ..SessionOptions::default() };
        block_on(async { Session::open(options, &Disk).await.map(drop) })
    };
    assert!(open("{dir: src}").is_ok());
    for code in ["{dir: ../secrets}", "{zip: linked.zip}", "{dir: src}\n    handler: \"${env.B}\""] {
        assert!(open(code).is_err(), "{code}");
    }
}

#[test]
fn every_ci_example_confines_the_spec() {
    for name in ["github/lambda.yml", "github/drift.yml", "gitlab/.gitlab-ci.yml"] {
        let text = std::fs::read_to_string(generated_files::repository("examples/ci").join(name)).unwrap();
        assert!(text.contains("TRUEUP_CONFINE: \"true\"") && text.contains("TRUEUP_ALLOW_ENV:"), "{text}");
    }
}
