//! What a spec may say of its targets, and how mistakes in them are reported.

use super::{FUNCTION, TWO, folder, offline, simulated};

#[test]
fn targets_that_would_change_the_same_resources_are_refused() {
    let here = "account: '111111111111', region: eu-west-1";
    let rows = [
        ("shop", format!("targets: {{a: {{{here}}}, b: {{{here}, vars: {{name: x}}}}}}\n"), "are the stack shop"),
        (
            "shop-${var.memory}",
            format!("targets: {{a: {{{here}}}, b: {{{here}, vars: {{memory: 256}}}}}}\n"),
            "declare function/hello with the same name",
        ),
    ];
    for (stack, targets, shared) in rows {
        let folder = folder(&targets);
        let spec = format!("version: 1\nstack: {stack}\n{targets}{FUNCTION}");
        std::fs::write(folder.path().join("trueup.yaml"), spec).unwrap();
        let validate = |arguments: &[&str]| offline(folder.path(), &[&["validate"], arguments].concat());
        let validated = [validate(&[]), validate(&["--json"]), validate(&["--only", "a"])];
        let planned = [&["plan"][..], &["plan", "--only", "a"]].map(|arguments| simulated(folder.path(), arguments));
        for (code, _, errors) in validated.into_iter().chain(planned) {
            let expected = format!("the targets a and b are the same account and region, and both {shared}");
            assert!(code == 1 && errors.contains(&expected), "{errors}");
        }
    }
}

#[test]
fn mistakes_in_targets_are_reported_where_they_are() {
    let rows = [
        (
            "target: {region: eu-west-1}\ntargets: {a: {region: eu-west-1}}\n",
            "a spec has `target` or `targets`, not both",
        ),
        ("targets: {}\n", "`targets` names no target"),
        ("targets: {a: null}\n", "`targets` names no target"),
        (
            "targets: {a: {account: '111111111111', role_arn: 'arn:aws:iam::222222222222:role/x'}}\n",
            "the role is of account 222222222222, and the target is account 111111111111",
        ),
        ("targets: [eu]\n", "expected a map of names and targets, found a list"),
        ("targets: {a: {vars: {memroy: 1}}}\n", "unknown variable `memroy`"),
        ("targets: {a: {vars: [1]}}\n", "`vars`: expected a map, found a list"),
        ("targets: {a: {acount: '111111111111'}}\n", "acount"),
        ("targets: {a: {role_arn: admin}}\n", "role_arn"),
        ("targets: {'../a': {region: eu-west-1}}\n", "cannot be the name of a target"),
    ];
    for (targets, expected) in rows {
        let folder = folder(targets);
        let (code, _, errors) = simulated(folder.path(), &["plan"]);
        assert!(code == 1 && errors.contains(expected), "{targets}: {errors}");
        assert!(errors.contains("trueup.yaml:"), "{errors}");
    }
    let (code, _, errors) = simulated(folder(TWO).path(), &["plan", "--only", "ue"]);
    assert!(code == 1 && errors.contains("no target `ue`") && errors.contains("did you mean `eu`?"), "{errors}");
    let (code, _, errors) = simulated(folder("").path(), &["plan", "--only", "eu"]);
    assert!(code == 1 && errors.contains("hint: the spec has no `targets`"), "{errors}");
}

#[test]
fn a_mistake_in_one_target_names_it() {
    let folder = folder("targets: {eu: {vars: {memory: 64}}, us: {}, asia: {vars: {memory: 65}}}\n");
    for arguments in [&["validate"][..], &["plan", "--estimate"]] {
        let (code, _, errors) = offline(folder.path(), arguments);
        assert!(code == 1 && errors.contains("target eu: `64` is out of range"), "{errors}");
        assert!(errors.contains("target asia: `65`") && !errors.contains("target us"), "{errors}");
    }
}

#[test]
fn a_later_file_adds_and_removes_targets() {
    let folder = folder("target: {region: us-east-1}\n");
    let path = folder.path();
    std::fs::write(path.join("several.yaml"), format!("target: null\n{TWO}")).unwrap();
    std::fs::write(path.join("one.yaml"), "targets: {us: null}\n").unwrap();
    std::fs::write(path.join("none.yaml"), "targets: null\n").unwrap();
    let plan = |files: &[&str]| {
        let files = files.iter().flat_map(|file| ["-f", *file]);
        simulated(path, &["plan", "-f", "trueup.yaml"].into_iter().chain(files).collect::<Vec<_>>())
    };
    let (code, text, errors) = plan(&["several.yaml"]);
    assert!(code == 0 && text.contains("2 targets"), "{errors}");
    let (code, text, errors) = plan(&["several.yaml", "one.yaml"]);
    assert!(code == 0 && text.contains("target eu") && !text.contains("target us"), "{errors}");
    let (code, text, errors) = plan(&["several.yaml", "none.yaml"]);
    assert!(code == 0 && !text.contains("target"), "{errors}");
}

#[test]
fn a_spec_that_cannot_be_read_is_not_a_spec_without_targets() {
    let folder = folder(TWO);
    let run = |arguments: &[&str]| simulated(folder.path(), arguments);
    assert_eq!(run(&["plan", "--out", "plan.json"]).0, 0);
    std::fs::write(folder.path().join("broken.yaml"), "a: [").unwrap();
    for arguments in [&["plan", "--only", "eu"][..], &["apply", "plan.json"], &["verify", "plan.json"]] {
        for (file, expected) in [("broken.yaml", "broken.yaml:1:"), ("absent.yaml", "cannot read `absent.yaml`")] {
            let (code, _, errors) = run(&[arguments, &["-f", file]].concat());
            assert!(code == 1 && errors.contains(expected), "{arguments:?}: {errors}");
        }
    }
}
