//! Promise: a plan of a change is the whole plan, restricted to what the change can touch, and reads nothing else.

mod clone;

use std::collections::BTreeSet;
use std::path::Path;

use trueup::model::NotCheckedKind;
use trueup::plan::Plan;

use crate::chaos::dice::Dice;
use crate::harness::{block_on, shown};
use clone::{Clone, Estate};

/// The writes of a plan, without the numbers of its steps.
fn writes(plan: &Plan) -> BTreeSet<String> {
    plan.steps.iter().map(|step| format!("{} {}", step.operation, step.address)).collect()
}

#[test]
fn a_plan_of_a_change_is_the_whole_plan_over_random_commits() {
    block_on(async {
        let mut touched = 0;
        for seed in 0..4 {
            let (mut dice, clone) = (Dice::new(seed), Clone::new());
            let mut estate = Estate::random(&mut dice);
            clone.write("trueup.yaml", &estate.text());
            clone.commit();
            clone.apply().await;
            for number in 0..8 {
                (0..1 + dice.below(2)).for_each(|edit| estate.edit(&mut dice, 10 * number + edit));
                clone.write("trueup.yaml", &estate.text());
                let directory = *dice.pick(&["f0", "f1", "f2", "shared"]);
                match dice.below(4) {
                    0 => clone.write(&format!("code/{directory}/app.py"), &format!("# {directory} {number}\n")),
                    // Neither is part of a package or of its content.
                    1 => clone.write(&format!("code/{directory}/__pycache__/app.pyc"), &format!("{number}")),
                    2 => clone.write("README.md", &format!("{number}\n")),
                    // New files count before they are committed.
                    _ => clone.write(&format!("code/{directory}/more{number}.py"), "\n"),
                }
                let (whole, part) = (clone.plan(None).await, clone.plan(Some("HEAD")).await);
                let context = || format!("seed {seed}, commit {number}\n{}\nbut\n{}", shown(&whole), shown(&part));
                assert_eq!(writes(&part), writes(&whole), "{}", context());
                assert!(part.resources.len() <= whole.resources.len(), "{}", context());
                touched += usize::from(part.resources.len() < whole.resources.len());
                clone.commit();
                // A commit later the same holds.
                assert_eq!(writes(&clone.plan(Some("HEAD~1")).await), writes(&whole), "{}", context());
                clone.apply().await;
            }
        }
        assert!(touched > 14, "{touched} of 32 plans covered less than everything");
    });
}

#[test]
fn what_the_change_cannot_touch_is_not_read_and_the_plan_says_so() {
    block_on(async {
        let clone = Clone::new();
        let mut estate = Estate::random(&mut Dice::new(1));
        clone.write("trueup.yaml", &estate.text());
        clone.commit();
        clone.apply().await;
        let nothing = clone.plan(Some("main")).await;
        assert_eq!((nothing.resources.len(), nothing.steps.len()), (0, 0), "{}", shown(&nothing));
        assert!(shown(&nothing).contains("No resource was read: nothing changed since "), "{}", shown(&nothing));
        estate.functions[0].memory += 64;
        clone.write("trueup.yaml", &estate.text());
        let part = clone.plan(Some("main")).await;
        let unread = part.not_compared.iter().find_map(|it| match &it.0 {
            NotCheckedKind::Excluded { count, unchanged_since: Some(since) } => Some((*count, since.clone())),
            _ => None,
        });
        let (count, since) = unread.expect("the plan says what it has not read");
        assert!(count >= 4, "{}", shown(&part));
        assert!(shown(&part).contains(&format!("{count} resources that no change since {since} can touch")));
    });
}

#[test]
fn everything_is_planned_where_the_stack_itself_changed_or_the_former_spec_has_errors() {
    block_on(async {
        let clone = Clone::new();
        let estate = Estate::random(&mut Dice::new(1)).text();
        clone.write("trueup.yaml", &format!("{estate}  broken: {{}}\n"));
        clone.commit();
        clone.write("trueup.yaml", &estate);
        let warnings = async |since: &str| clone.open(Some(since)).await.unwrap().connection_warnings;
        assert!(warnings("HEAD").await[0].starts_with("the spec has errors at "), "{:?}", warnings("HEAD").await);
        clone.commit();
        clone.write("trueup.yaml", &estate.replace("prune: true\n", ""));
        let [warning] = &warnings("HEAD").await[..] else { panic!("no warning") };
        assert!(warning.starts_with("the stack itself is declared otherwise at "), "{warning}");
        assert!(warning.ends_with(", so everything is planned"), "{warning}");
    });
}

/// A function with its code in a folder.
fn function(name: &str, code: &str, more: &str) -> String {
    format!(
        "  {name}:\n    runtime: python3.13\n    handler: app.handler\n    role: arn:aws:iam::123456789012:role/f\n    \
         code: {code}\n{more}"
    )
}

/// A spec of these functions.
fn spec_of(functions: &[String]) -> String {
    format!("version: 1\nstack: estate\nfunctions:\n{}", functions.concat())
}

#[test]
fn what_git_does_not_know_counts_as_changed() {
    block_on(async {
        let clone = Clone::new();
        clone.write("v1/app/app.py", "# one\n");
        clone.write("v2/app/app.py", "# two\n");
        clone.write("built/a/app.py", "# built\n");
        clone.write(".gitignore", "built\n");
        std::os::unix::fs::symlink("v1", clone.path("current")).unwrap();
        let functions = [
            function("linked", "{dir: current/app}", ""),
            function("ignored", "{dir: built/a}", ""),
            function("plain", "{dir: code/f0}", ""),
            function("marked", "{dir: code/f1}", ""),
            function("program", "{dir: code/f2}", ""),
        ];
        clone.write("trueup.yaml", &spec_of(&functions));
        clone.commit();
        clone.apply().await;
        assert_eq!(writes(&clone.plan(Some("HEAD")).await), BTreeSet::new());
        std::fs::remove_file(clone.path("current")).unwrap();
        std::os::unix::fs::symlink("v2", clone.path("current")).unwrap();
        clone.write("built/a/app.py", "# built again\n");
        clone.git(&["update-index", "--skip-worktree", "code/f1/app.py"]);
        clone.write("code/f1/app.py", "# unseen\n");
        clone.git(&["config", "core.fileMode", "false"]);
        let program = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(clone.path("code/f2/app.py"), program).unwrap();
        let (whole, part) = (clone.plan(None).await, clone.plan(Some("HEAD")).await);
        assert_eq!(writes(&part), writes(&whole), "{}\nbut\n{}", shown(&whole), shown(&part));
        assert_eq!((writes(&whole).len(), part.resources.len()), (4, 4), "{}", shown(&part));
    });
}

#[test]
fn a_rollback_plans_what_came_since_and_a_whole_repository_may_be_the_code() {
    block_on(async {
        let clone = Clone::new();
        clone.write("trueup.yaml", &spec_of(&[function("f", "{dir: .}", "")]));
        clone.commit();
        clone.write("trueup.yaml", &spec_of(&[function("f", "{dir: .}", "    memory_size: 256\n")]));
        clone.commit();
        clone.apply().await;
        clone.git(&["checkout", "--quiet", "HEAD~1"]);
        let (whole, part) = (clone.plan(None).await, clone.plan(Some("main")).await);
        assert_eq!(writes(&part), writes(&whole), "{}\nbut\n{}", shown(&whole), shown(&part));
        assert!(!writes(&part).is_empty(), "{}", shown(&part));
    });
}

#[test]
fn a_new_file_of_the_spec_and_a_link_to_one_have_nothing_before_them() {
    block_on(async {
        let clone = Clone::new();
        clone.write("other.yaml", "a: b\n");
        clone.commit();
        clone.write("trueup.yaml", &spec_of(&[function("f", "{dir: code/f0}", "")]));
        let warning = clone.open(Some("HEAD")).await.unwrap().connection_warnings.remove(0);
        assert!(warning.contains("trueup.yaml is not a file of the repository at "), "{warning}");
        std::fs::rename(clone.path("trueup.yaml"), clone.path("real.yaml")).unwrap();
        std::os::unix::fs::symlink(clone.path("real.yaml"), clone.path("trueup.yaml")).unwrap();
        clone.commit();
        let warning = clone.open(Some("HEAD")).await.unwrap().connection_warnings.remove(0);
        assert!(warning.contains("trueup.yaml is not a file of the repository at "), "{warning}");
    });
}

#[test]
fn an_unknown_commit_and_a_folder_without_a_repository_are_errors() {
    block_on(async {
        let clone = Clone::new();
        clone.write("trueup.yaml", &Estate::random(&mut Dice::new(1)).text());
        clone.commit();
        let error = async |since: &str| clone.open(Some(since)).await.map(drop).unwrap_err().to_string();
        assert_eq!(
            error("origin/main").await,
            "--changed-since: `origin/main` is not a commit of this repository; nothing was done"
        );
        assert_eq!(
            error("--output=x").await,
            "--changed-since: `--output=x` is not a commit of this repository; nothing was done"
        );
        std::fs::remove_dir_all(clone.path(".git")).unwrap();
        let here = is_below_a_repository(clone.folder.path());
        assert!(here || error("HEAD").await.contains("is in no git repository"), "{}", error("HEAD").await);
    });
}

/// Returns true if the folder of temporary files is itself in a repository.
fn is_below_a_repository(folder: &Path) -> bool {
    folder.ancestors().any(|around| around.join(".git").exists())
}
