//! A plan as text: what people should see first, each fact once, folded when large.

use trueup::observe::Depth;
use trueup::plan::PlanOptions;
use trueup::show::Style;
use trueup::show::plan::{Detail, Display, render};

use crate::generated_files::repository;
use crate::harness::{Fixture, block_on, undone};

const FUNCTION: &str = "    runtime: python3.13\n    handler: app.handler\n    role: arn:aws:iam::123456789012:role/r\n    \
    code: {zip: package.zip}\n";

/// A stack of functions that publish behind an alias; `settings` gives those of each.
fn stack(count: usize, settings: impl Fn(usize) -> String) -> String {
    let function = |number: usize| {
        format!(
            "  fn-{number:04}:\n{FUNCTION}{}    aliases: {{live: {{function_version: published}}}}\n",
            settings(number)
        )
    };
    format!("version: 1\nstack: shop\nfunctions:\n{}", (0..count).map(function).collect::<String>())
}

/// Applies the first spec, and returns the text of the plan of the second.
fn plan_text(before: &str, after: &str, options: &PlanOptions, display: Display) -> String {
    block_on(async {
        let world = Fixture::new();
        if !before.is_empty() {
            assert_eq!(undone(&world.apply(before).await), Vec::<String>::new());
        }
        let plan = world.reconciler(after).plan(options, Depth::Declared).await.unwrap().plan;
        render(&plan.masked(), display, Style::default())
    })
}

fn stage(value: &str) -> String {
    format!("    environment: {{variables: {{STAGE: {value}}}}}\n")
}

#[test]
fn a_change_of_every_function_is_shown_once() {
    let before = stack(200, |_| stage("test"));
    let odd = |number: usize| if number == 77 { "    memory_size: 512\n" } else { "" };
    let after = stack(200, |number| stage("prod") + odd(number));
    let text = plan_text(&before, &after, &PlanOptions::default(), Display::default());
    assert!(text.lines().count() < 60, "{text}");
    for expected in [
        "199 functions: fn-0000, fn-0001 and 197 more",
        "env STAGE",
        "version 1 → 2 (100 %)",
        "\nfn-0077\n",
        "memory_size  128 → 512",
        "Plan: 400 to change, 200 versions to publish, 0 to delete.",
    ] {
        assert!(text.contains(expected), "no {expected:?} in\n{text}");
    }
    let unfolded = Display { unfolded: true, ..Display::default() };
    let whole = plan_text(&before, &after, &PlanOptions::default(), unfolded);
    assert_eq!(whole.matches("env STAGE").count(), 400, "each function with its version");
}

#[test]
fn functions_that_differ_in_everything_are_counted_where_they_are_left_out() {
    let after = stack(50, |number| format!("    timeout: {}\n", number + 1));
    let text = plan_text("", &after, &PlanOptions::default(), Display::default());
    assert!(
        text.contains("… and 20 more") && text.contains("… 30 more changes; --no-fold shows each in full"),
        "{text}"
    );
}

#[test]
fn what_people_should_see_comes_before_everything_else() {
    let policy = "    permissions:\n      all: {action: lambda:InvokeFunction, principal: \"*\"}\n";
    let before = stack(2, |_| stage("test"));
    let after = stack(1, |_| policy.to_owned());
    let options = PlanOptions { prune: true, ..PlanOptions::default() };
    let text = plan_text(&before, &after, &options, Display::default());
    let risky: Vec<&str> = text.lines().filter(|line| line.starts_with('!')).collect();
    assert_eq!(
        risky,
        [
            "! function/fn-0001 is deleted",
            "! alias/fn-0001/live is deleted",
            "! permissions/fn-0000 allows lambda:InvokeFunction to everyone (statement `all`)",
        ],
        "{text}"
    );
    let position = |what: &str| text.find(what).unwrap_or_else(|| panic!("no {what:?} in\n{text}"));
    assert!(position("! ") < position("\nfn-0001"), "{text}");
    assert!(position("\nfn-0001") < position("\nfn-0000"), "what loses something comes first:\n{text}");
}

#[test]
fn every_line_of_a_change_begins_with_its_sign() {
    let text = std::fs::read_to_string(repository("examples/estate.yaml")).unwrap();
    let changed = text.replace("memory_size: 512", "memory_size: 1024").replace("batch_size: 20", "batch_size: 30");
    let shown = plan_text(&text, &changed, &PlanOptions::default(), Display::default());
    let groups = shown.split("\n\n").filter(|block| block.lines().nth(1).is_some_and(|line| line.starts_with("  ")));
    let lines: Vec<&str> = groups.flat_map(|block| block.lines().skip(1)).collect();
    assert!(lines.len() >= 3, "{shown}");
    let signs = ["  + ", "  ~ ", "  - ", "-/+ ", "  > ", "  ^ ", "      "];
    for line in lines {
        assert!(signs.iter().any(|sign| line.starts_with(sign)), "{line:?} in\n{shown}");
    }
}

#[test]
fn a_concise_plan_has_no_resources_and_a_whole_one_has_the_unchanged_too() {
    let (before, after) = (stack(1, |_| stage("test")), stack(1, |_| stage("prod")));
    let show = |detail, steps| {
        plan_text(&before, &after, &PlanOptions::default(), Display { detail, steps, ..Display::default() })
    };
    let concise = show(Detail::Concise, false);
    assert!(!concise.contains("STAGE") && concise.contains("Plan: 2 to change"), "{concise}");
    assert!(show(Detail::Changes, true).contains("1. UpdateFunctionConfiguration function/fn-0000"));
    let unchanged =
        plan_text(&before, &before, &PlanOptions::default(), Display { detail: Detail::All, ..Display::default() });
    assert!(unchanged.contains("    alias live"), "{unchanged}");
}

#[test]
fn a_rollback_is_not_folded_with_what_goes_on() {
    let version = |number: usize| if number == 7 { "1" } else { "published" };
    let with = |memory: usize, pinned: bool| {
        let spec = stack(25, |_| format!("    memory_size: {memory}\n"));
        let pin = |number: usize| format!("  fn-{number:04}:");
        let parts: Vec<&str> = spec.split("  fn-").collect();
        let function = |(at, part): (usize, &&str)| match at {
            0 => (*part).to_owned(),
            _ if pinned => format!("  fn-{}", part.replace("published", version(at - 1))),
            _ => format!("  fn-{part}"),
        };
        assert!(spec.contains(&pin(7)));
        parts.iter().enumerate().map(function).collect::<String>()
    };
    block_on(async {
        let world = Fixture::new();
        for memory in [128, 256] {
            assert_eq!(undone(&world.apply(&with(memory, false)).await), Vec::<String>::new());
        }
        let plan = world.reconciler(&with(512, true)).plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
        let text = render(&plan.plan.masked(), Display::default(), Style::default());
        for expected in [
            "! alias/fn-0007/live goes back from version 2 to version 1",
            "24 functions: fn-0000, fn-0001 and 22 more",
            "version 2 → 3 (100 %)",
            "version 2 → 1 (100 %), back to an older one",
        ] {
            assert!(text.contains(expected), "no {expected:?} in\n{text}");
        }
    });
}

#[test]
fn texts_of_users_are_never_taken_for_numbers_of_versions() {
    let described = |number: usize| format!("    description: needs driver version {number}\n");
    let before = stack(25, |_| "    description: none\n".to_owned());
    let text = plan_text(&before, &stack(25, described), &PlanOptions::default(), Display::default());
    assert!(!text.contains("version N") && text.contains("needs driver version 3"), "{text}");
}

#[test]
fn traffic_that_goes_back_by_weights_is_a_risk_and_a_weight_of_nothing_is_shown() {
    let with = |memory: usize, alias: &str| {
        stack(1, |_| format!("    memory_size: {memory}\n")).replace("function_version: published", alias)
    };
    block_on(async {
        let world = Fixture::new();
        for memory in [128, 256] {
            let applied = world.apply(&with(memory, "function_version: published")).await;
            assert_eq!(undone(&applied), Vec::<String>::new());
        }
        for (weight, expected) in [
            ("0.99", "! alias/fn-0000/live goes back from version 2 to version 1"),
            ("0.0", "routing_config.additional_version_weights.1  0"),
        ] {
            let alias =
                format!("function_version: \"2\", routing_config: {{additional_version_weights: {{\"1\": {weight}}}}}");
            let plan =
                world.reconciler(&with(256, &alias)).plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
            let text = render(&plan.plan.masked(), Display::default(), Style::default());
            assert!(text.contains(expected), "no {expected:?} in\n{text}");
        }
    });
}
