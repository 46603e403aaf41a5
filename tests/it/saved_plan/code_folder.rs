//! Code that lies beside the spec: what a run itself reads and writes is none, and other code is refused by its name.

use crate::outputs::{Desk, spec};

/// A desk whose folder is the code.
fn desk() -> Desk {
    let desk = Desk::new();
    std::fs::remove_file(desk.path("package.zip")).unwrap();
    desk.write("app.py", "handler = print\n");
    desk.write("stack.yaml", &spec("").replace("{zip: package.zip}", "{dir: .}"));
    desk.write(".lambdaignore", "sim/\n");
    desk
}

#[test]
fn a_plan_saved_in_the_folder_of_the_code_is_not_made_stale_by_itself() {
    let desk = desk();
    desk.write("values.yaml", "{}\n");
    let inputs = ["-f", "stack.yaml", "--var-file", "values.yaml"];
    for run in ["created", "updated"] {
        let plan = [&["plan", "--out", "plan.json", "--output", "markdown=plan.md"], &inputs[..]].concat();
        let (code, text, errors) = desk.run(&plan);
        assert_eq!(code, 0, "{run}: {errors}");
        assert!(!text.contains("plan.json") && !text.contains("stack.yaml"), "{run}: {text}");
        std::fs::remove_file(desk.path("plan.md")).unwrap();
        let (code, _, errors) = desk.run(&[&["verify", "plan.json"], &inputs[..]].concat());
        assert_eq!(code, 0, "{run}: {errors}");
        let (code, _, errors) =
            desk.run(&[&["apply", "plan.json", "--output", "text=report.txt"], &inputs[..]].concat());
        assert_eq!(code, 0, "{run}: {errors}");
        std::fs::remove_file(desk.path("report.txt")).unwrap();
        desk.write("app.py", "handler = print  # changed\n");
    }
}

#[test]
fn code_that_has_changed_since_is_named() {
    let desk = desk();
    assert_eq!(desk.run(&["plan", "-f", "stack.yaml", "--out", "plan.json"]).0, 0);
    desk.write("lib.py", "x = 1\n");
    let (code, text, errors) = desk.run(&["verify", "-f", "stack.yaml", "plan.json"]);
    let words =
        "function/orders: its code has changed since the plan was made: ./ (1 file, 16 B), now ./ (2 files, 22 B)";
    assert_eq!(code, 2, "{errors}");
    assert!(text.contains(words) && !text.contains("create function/orders"), "{text}");
    let (code, _, errors) = desk.run(&["apply", "-f", "stack.yaml", "plan.json"]);
    assert!(code == 3 && errors.contains(words), "{errors}");
    // Of an update, the files are named.
    desk.apply("stack.yaml");
    desk.write("lib.py", "x = 2  # two\n");
    assert_eq!(desk.run(&["plan", "-f", "stack.yaml", "--out", "plan.json"]).0, 0);
    desk.write("more.py", "y = 1\n");
    let (_, text, errors) = desk.run(&["verify", "-f", "stack.yaml", "plan.json"]);
    assert!(text.contains("now ./: added more.py (6 B); changed lib.py"), "{text}{errors}");
    // Where no size differs, the field is.
    assert_eq!(desk.run(&["plan", "-f", "stack.yaml", "--out", "plan.json"]).0, 0);
    desk.write("more.py", "y = 2\n");
    let (_, text, errors) = desk.run(&["verify", "-f", "stack.yaml", "plan.json"]);
    assert!(text.contains("function/orders: code would get another value now than the plan says"), "{text}{errors}");
}
