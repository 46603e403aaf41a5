//! Promise: no finding about a spec shows a secret, wherever the secret was written by mistake.

use super::{Planted, SHAPES, literal};

#[test]
fn no_finding_about_a_spec_shows_a_secret() {
    const HEAD: &str = "version: 1\nstack: sinks\nfunctions:\n  f:\n    runtime: python3.13\n    handler: app.handler\n    role: \
                        arn:aws:iam::123456789012:role/r\n    code: {zip: package.zip}\n";
    let each = |entry: &dyn Fn(usize, &str) -> String| -> String {
        SHAPES.iter().enumerate().map(|(number, (_, secret))| entry(number, &literal(secret))).collect()
    };
    let flow = each(&|number, secret| format!("S{number}: {secret}, "));
    let block = |indent: usize| each(&|number, secret| format!("{}S{number}: {secret}\n", " ".repeat(indent)));
    let list = each(&|_, secret| format!("{secret}, "));
    let specs = [
        format!("{HEAD}    environment: {{variabels: {{{flow}}}}}\n"),
        format!("{HEAD}    environment: {{{flow}}}\n"),
        format!("{HEAD}    environment:\n{}", block(6)),
        format!("{HEAD}    environment:\n      variables:\n{}        S0: again\n", block(8)),
        format!("{HEAD}    environment:\n      variables: [{list}]\n"),
        format!("{HEAD}    environment: [{list}]\n"),
        format!("{HEAD}    environment:\n      variables: {{{flow}\n    timeout: soon\n"),
        format!("{HEAD}    environment:\n      ? variables\n      : {{{flow} x: [1]}}\n"),
        format!("{HEAD}    environment:\n      \"vari\\x61bles\": {{{flow} x: [1]}}\n"),
        format!("{HEAD}    timeout: {{{flow}}}\n"),
        format!("{HEAD}{}", block(4)),
        format!("{HEAD}    environment: {{variables: {{A: [{list}]}}}}\n"),
        format!("{HEAD}vars: {{{flow} x: [1]}}\n"),
        format!("{HEAD}vars: [{list}]\n"),
        format!("{HEAD}environments: &all {{{flow}}}\n"),
        // Scalars without quotes, among them the beginnings of tags, aliases and anchors.
        format!("{HEAD}    environment:\n      variables:\n        A: hunter2: x\n        B: c\n"),
        format!("{HEAD}    environment:\n      variables:\n        A: !hunter2 x\n"),
        format!("{HEAD}    environment:\n      variables:\n        A: *hunter2\n"),
        format!("{HEAD}    environment:\n      variables:\n        A: @hunter2\n"),
        format!("{HEAD}    environment:\n      variables:\n        A: |\n          hunter2\n       hunter2\n"),
        format!("{HEAD}    environment:\n      variables:\n        A: \"${{env.S99:-hunter2}}${{env.S98}}\"\n"),
    ];
    let planted = Planted::new("");
    for spec in specs {
        planted.write("trueup.yaml", &spec);
        for flags in [&["validate"][..], &["validate", "--json"]] {
            let (code, text) = planted.run(flags, &[]);
            assert_eq!(code, 1, "{spec}\n{text}");
            assert!(flags.len() > 1 || text.contains("trueup.yaml:"), "{spec}\n{text}");
        }
    }
    // Values of the environment in fields that do not take them.
    let fields = ["timeout", "memory_size", "runtime", "role", "kms_key_arn", "package_type", "handler"];
    for field in fields {
        let function = |number: usize, _: &str| {
            format!("  f{number}:\n    {field}: \"${{env.S{number}}}\"\n    code: {{zip: package.zip}}\n")
        };
        planted.write("trueup.yaml", &format!("version: 1\nstack: sinks\nfunctions:\n{}", each(&function)));
        let (code, text) = planted.run(&["validate"], &[]);
        assert_eq!(code, 1, "{text}");
    }
    planted.write("trueup.yaml", HEAD);
    planted.write("vars.yaml", &block(0));
    planted.write("broken.yaml", &format!("a: [{list}\n"));
    for arguments in [&["--var-file", "vars.yaml"][..], &["--var-file", "broken.yaml"]] {
        assert_eq!(planted.run(&[&["validate"], arguments].concat(), &[]).0, 1);
    }
    for (_, secret) in SHAPES {
        assert_eq!(planted.run(&["validate", "--var", &format!("nobody={secret}")], &[]).0, 1);
        assert_eq!(planted.run(&["validate"], &[("TRUEUP_VAR", &format!("nobody={secret}"))]).0, 1);
    }
}
