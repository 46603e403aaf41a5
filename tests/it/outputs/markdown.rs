//! Plans as comments of a pull request: never too long, never somebody else's markup.

use super::{Desk, spec};

/// The most characters of a comment on GitHub.
const MOST: usize = 65_536;

/// A spec of functions that differ in everything, so that nothing can be told once for all.
fn many(count: usize) -> String {
    let function = |number: usize| {
        format!(
            "  fn-{number:04}:\n    runtime: python3.13\n    handler: app.handler_{number}\n    role: \
             arn:aws:iam::123456789012:role/r\n    code: {{zip: package.zip}}\n    timeout: {}\n",
            number % 900 + 1
        )
    };
    format!("version: 1\nstack: shop\nfunctions:\n{}", (0..count).map(function).collect::<String>())
}

fn markdown(desk: &Desk, spec: &str, more: &[&str]) -> String {
    desk.write("stack.yaml", spec);
    let (code, _, errors) = desk.run(&[&["plan", "-f", "stack.yaml", "--output", "markdown=plan.md"], more].concat());
    assert_eq!(code, 0, "{errors}");
    desk.read("plan.md")
}

#[test]
fn a_comment_has_a_marker_the_summary_and_the_risks_before_the_details() {
    let desk = Desk::new();
    let text = markdown(&desk, &spec("    url: {auth_type: NONE}\n"), &["--out", "plan.json"]);
    let order = [
        "<!-- trueup:plan stack=shop target= -->\n",
        "### Plan of `shop`\n",
        "**Plan: 4 to create, 1 version to publish, 0 to delete.** `account 123456789012 · us-east-1`",
        "**Look at these first**",
        "- `url/orders can be called by everybody, without authentication`",
        "<details><summary>orders (shop-orders) — new</summary>",
        "\n```diff\n+ function  python3.13",
        "</details>",
        "To apply exactly this plan: `trueup apply plan.json -f stack.yaml --sim=sim --expect-digest sha256:",
    ];
    let mut rest = text.as_str();
    for part in order {
        rest = rest.split_once(part).unwrap_or_else(|| panic!("no {part:?} after what comes before it in\n{text}")).1;
    }
}

#[test]
fn a_comment_is_never_longer_than_a_comment_may_be() {
    let desk = Desk::new();
    for count in [200, 2000] {
        let text = markdown(&desk, &many(count), &[]);
        assert!(text.len() <= MOST && text.len() > MOST / 2, "{} bytes", text.len());
        let shown = text.matches("<details>").count();
        let left_out =
            format!("… and {} more, for which there is no room here: see `trueup plan --no-fold`.", count - shown);
        assert!(count == 200 || text.contains(&left_out), "{shown} of {count}: {}", &text[text.len() - 600..]);
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
        assert!(text.contains(&format!("Plan: {count} to create")));
    }
}

#[test]
fn a_deletion_has_a_banner() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec(""));
    desk.apply("stack.yaml");
    let text = markdown(&desk, "version: 1\nstack: shop\nfunctions: {}\n", &["--prune"]);
    assert!(text.contains("> [!CAUTION]\n> **This plan deletes or replaces 2 live resources.**"), "{text}");
}

#[test]
fn names_and_texts_of_others_become_no_markup() {
    let desk = Desk::new();
    let hostile = "```\\n````\\n</details><script>alert(1)</script> @everyone [x](http://evil) <!-- -->";
    let text = markdown(&desk, &spec(&format!("    description: \"{hostile}\"\n")), &[]);
    let (before, after) = text.split_once("description").expect("it is shown");
    let fence = before.rsplit("\n\n").next().unwrap().lines().next().unwrap().trim_end_matches("diff").to_owned();
    assert!(fence.len() > 4 && fence.bytes().all(|byte| byte == b'`'), "the fence is {fence:?}:\n{text}");
    let (inside, outside) = after.split_once(&format!("\n{fence}\n")).expect("the block ends");
    assert!(inside.contains("@everyone") && !outside.contains("@everyone"), "{text}");
    assert_eq!(text.matches("<!-- trueup").count(), 1, "{text}");
}

#[test]
fn a_template_takes_the_place_of_the_own_one() {
    let desk = Desk::new();
    desk.write("short.md", "{{marker}}\nHello.\n{{ title }}\n{{details}}");
    let text = markdown(&desk, &spec(""), &["--markdown-template", "short.md"]);
    assert!(text.starts_with("<!-- trueup:plan stack=shop target= -->\nHello.\n### Plan of `shop`"), "{text}");
    desk.write("short.md", "{{summary}}");
    let arguments = ["plan", "-f", "stack.yaml", "--output", "markdown=x", "--markdown-template", "short.md"];
    let (code, _, errors) = desk.run(&arguments);
    assert!(code == 1 && errors.contains("the template names `{{summary}}`, and there are marker, title"), "{errors}");
}
