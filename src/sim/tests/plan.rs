//! The fault rules: their syntax, their errors, and the report of what they did.

use serde_json::{Value, json};

use super::account::{Client, FUNCTIONS};
use crate::sim::context::options::Options;
use crate::sim::context::options::Settle;
use crate::sim::faults::plan::FaultPlan;
use crate::sim::faults::plan::RuleSource;
use crate::sim::faults::reference::{examples, help, markdown};

fn refusal(text: &str) -> String {
    FaultPlan::parse(text).err().unwrap_or_else(|| panic!("{text} was taken")).to_string()
}

fn client(rules: &str) -> Client {
    let faults = Some(FaultPlan::parse(rules).unwrap_or_else(|error| panic!("{error}")));
    Client::new(Options { settle: Settle::instant(), seed: Some(1), faults, ..Options::default() })
}

#[test]
fn every_rule_of_the_reference_is_read() {
    let read = FaultPlan::parse(&examples()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((read.seed, read.rules.len()), (7, 14));
    let mut names: Vec<&str> = read.rules.iter().map(|rule| rule.fault.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 13, "one of each: {names:?}");
    for rule in &read.rules {
        assert!(markdown().contains(&rule.text) && help().contains(&rule.text), "{}", rule.text);
    }
}

#[test]
fn an_error_quotes_a_rule_without_what_a_terminal_obeys() {
    for text in ["fail\u{1b}[31m 500 before", "befo\u{1b}[31mre", "fail 500 before on X\u{202e}Y", "delay 1s on \u{7}"]
    {
        let text = refusal(text);
        assert!(
            !text.chars().any(|letter| letter != '\n' && (letter.is_control() || letter == '\u{202e}')),
            "{text:?}"
        );
    }
}

#[test]
fn an_error_names_its_place_and_what_to_write() {
    for (text, place, wrong, advice) in [
        ("quotas\nfail 500", "line 2, column 9", "missing `before` or `after`", "to fail instead of the call"),
        (
            "fail 500 before on UpdateFunctoin",
            "line 1, column 20",
            "unknown operation",
            "did you mean `UpdateFunctionCode`?",
        ),
        ("lose on createfunction", "line 1, column 9", "unknown operation", "did you mean `CreateFunction`?"),
        ("lose on ,", "column 9", "missing operations", "write operations, reads or writes"),
        ("lose at ,", "column 9", "missing counts", "at 1 or at 1, 4"),
        ("lose on Banana*", "column 9", "unknown operation `Banana*`", "write operations, reads or writes"),
        ("latnecy 1s", "column 1", "unknown rule `latnecy`", "did you mean `latency`?"),
        ("dance", "column 1", "unknown rule `dance`", "expected one of latency, quotas, fail, reset"),
        ("latency soon", "column 9", "`soon` is not a time", "write 20ms, 3s or 2m"),
        ("latency", "column 8", "missing time", "write 20ms or 20ms..80ms"),
        ("latency 2s..1s", "column 9", "the range is reversed", "write 1s..2s"),
        ("latency 1ms..", "column 14", "`` is not a time", "write 20ms"),
        ("slow 2h", "column 6", "`2h` is not a time", "write 20ms, 3s or 2m"),
        ("slow 18446744073709551615s", "column 6", "too long", "at most an hour"),
        ("fail NoSuchException before", "column 6", "unknown error", "write a status from 400 to 599"),
        (
            "fail TooManyRequestException before",
            "column 6",
            "unknown error",
            "did you mean `TooManyRequestsException`?",
        ),
        ("fail 200 before", "column 6", "unknown error `200`", "from 400 to 599"),
        ("fail 500 \"no end before", "column 10", "unterminated string", "add a closing `\"`"),
        ("reset at never", "column 10", "`never` is not a count", "at 1 or at 1, 4"),
        ("reset at", "column 9", "missing counts", "at 1 or at 1, 4"),
        ("reset every", "column 12", "missing count", "every 5"),
        ("reset chance often", "column 14", "`often` is not a chance", "chance 0.1"),
        ("lose on Create* on Delete*", "column 17", "duplicate `on`", "on Create*, Delete*"),
        ("lose of a of b", "column 11", "duplicate `of`", "a rule for each"),
        ("lose om CreateFunction", "column 6", "unknown keyword `om`", "expected on, of, at"),
        ("lose of \"a b\"", "column 9", "not a valid name", "write of orders"),
        (
            "concurrent-writer on ListFunctions",
            "column 22",
            "has no effect on these",
            "it acts on calls that name a resource",
        ),
        ("cut some", "column 5", "unknown keyword `some`", "expected on, of, at"),
        ("seed", "column 5", "missing seed", "seed 7"),
        ("seed seven", "column 6", "`seven` is not a seed", "seed 7"),
        ("seed 7 8", "column 8", "unexpected text after the seed", ""),
        ("seed 7\nseed 8", "line 2, column 1", "duplicate seed", "--seed"),
        ("exhausted", "column 10", "missing resource", "exhausted concurrency or exhausted storage"),
        ("settle-failed on UpdateFunctionCode", "column 15", "missing reason", "such as InvalidSubnet"),
        ("concurrent-writer UpdateAlias", "column 30", "missing members", "concurrent-writer UpdateAlias {"),
        ("concurrent-writer UpdateAlias [1]", "column 31", "not a JSON object", "{\"FunctionName\""),
        ("concurrent-writer UpdateAlias {\"a\": }", "column 37", "invalid JSON", "write members as"),
        ("\u{fe}\u{e9} lose", "column 1", "unknown rule", "expected one of"),
    ] {
        let message = refusal(text);
        let whole = message.contains(place) && message.contains(wrong) && message.contains(advice);
        assert!(whole, "{text}: {place}, {wrong}, {advice}\n{message}");
        assert!(!message.contains("parse") && !message.contains("invalid digit"), "{message}");
    }
}

#[test]
fn the_error_is_underlined_and_all_lines_are_reported_at_once() {
    let file = RuleSource {
        name: "rules.txt",
        text: "\u{feff}# ours\r\nlose on CreateFunctoin\r\nquota\r\n",
        is_argument: false,
    };
    let flag = RuleSource { name: "--rule", text: "reset at 0", is_argument: true };
    let message = FaultPlan::parse_all(&[file, flag]).expect_err("three mistakes").to_string();
    assert_eq!(
        message,
        "3 invalid fault rules\n\
         rules.txt:2:9: unknown operation `CreateFunctoin`\n    lose on CreateFunctoin\n            ^^^^^^^^^^^^^^ did you mean `CreateFunction`?\n\
         rules.txt:3:1: unknown rule `quota`\n    quota\n    ^^^^^ did you mean `quotas`?\n\
         --rule, column 10: `0` is not a count from 1, so the rule would never act\n    reset at 0\n             ^ write counts from 1, the first matching call: at 1 or at 1, 4"
    );
}

#[test]
fn a_rule_that_can_never_act_is_refused() {
    for (text, why) in [
        ("fail 500 before at 0", "would never act"),
        ("fail 500 before every 0", "would never act"),
        ("fail 500 before chance 0", "not a chance"),
        ("fail 500 before at 1 every 3", "a rule takes only one of `at`, `every` and `chance`"),
        ("latency 0ms", "has no effect"),
        ("slow 0s", "has no effect"),
        ("stale 0", "has no effect"),
        ("roles 0", "has no effect"),
        ("stale 3s on CreateFunction", "it acts on reads"),
        ("stale 3s on writes", "it acts on reads"),
        ("quotas on Invoke", "all operations except Invoke"),
        ("roles 1 on UpdateFunctionCode", "it acts on CreateFunction, UpdateFunctionConfiguration"),
        ("settle-failed Banana", "unknown reason `Banana`"),
        ("settle-failed Idle", "unknown reason `Idle`"),
        ("settle-failed InvalidSubnte", "did you mean `InvalidSubnet`?"),
        ("settle-failed InvalidSubnet on GetFunction", "would never act"),
        ("exhausted storage on GetFunction", "it acts on CreateFunction, GetAccountSettings, PublishLayerVersion"),
        ("exhausted concurrency on CreateFunction", "it acts on GetAccountSettings, PutFunctionConcurrency"),
        ("concurrent-writer GetFunction {\"FunctionName\": \"f\"}", "a read changes nothing"),
        ("concurrent-writer UpdateAlias {\"FunctionNme\": \"f\"}", "did you mean `FunctionName`?"),
        ("concurrent-writer UpdateAlias {\"FunctionName\": \"f\"}", "at 'name' failed to satisfy constraint"),
        ("concurrent-writer UpdateAlias {\"FunctionName\": 1, \"Name\": \"a\"}", "can not be converted to a String"),
        (
            "concurrent-writer UpdateAlias {\"FunctionName\": \"f\", \"Name\": \"a\", \"RoutingConfig\": {\"Weights\": {}}}",
            "unknown member `RoutingConfig.Weights`",
        ),
    ] {
        let message = refusal(text);
        assert!(message.contains(why), "{text}: {message}");
    }
}

#[test]
fn lists_and_remarks_may_be_written_as_one_likes() {
    let text = "\u{feff}seed 7 # a remark\r\nlose on CreateAlias , UpdateAlias,DeleteAlias at 1, 4 ,9 # another\r\n  # a third\n\
                fail 400 \"a \\\"quoted\\\" # text\" before of \"my-function\"";
    let read = FaultPlan::parse(text).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read.rules[0].on, ["CreateAlias", "UpdateAlias", "DeleteAlias"]);
    assert_eq!(read.rules[0].text, "lose on CreateAlias , UpdateAlias,DeleteAlias at 1, 4 ,9");
    let chosen: Vec<u64> = (1..20).filter(|count| read.rules[0].when.selects(*count, 0.5)).collect();
    assert_eq!(chosen, [1, 4, 9]);
    assert_eq!(read.rules[1].of.as_deref(), Some("my-function"));
    let text = format!("{:?}", read.rules[1].fault);
    assert!(text.contains("a \\\"quoted\\\" # text"), "{text}");
}

#[tokio::test]
async fn any_status_and_any_error_can_be_chosen() {
    for (what, status, code) in [
        ("400", 400, "InvalidParameterValueException"),
        ("403", 403, "AccessDeniedException"),
        ("404", 404, "ResourceNotFoundException"),
        ("412", 412, "PreconditionFailedException"),
        ("418", 418, ""),
        ("502", 502, ""),
        ("503", 503, "ServiceUnavailable"),
        ("AccessDeniedException", 403, "AccessDeniedException"),
        ("ThrottlingException", 400, "ThrottlingException"),
        ("ExpiredTokenException", 403, "ExpiredTokenException"),
        ("UnrecognizedClientException", 403, "UnrecognizedClientException"),
        ("InvalidSignatureException", 403, "InvalidSignatureException"),
        ("EFSMountTimeoutException", 408, "EFSMountTimeoutException"),
    ] {
        let client = client(&format!("fail {what} \"chosen\" before"));
        let request = axum::http::Request::get(FUNCTIONS).body(axum::body::Body::empty()).expect("a request");
        let answer = tower::ServiceExt::oneshot(client.0.router(), request).await.expect("an answer");
        let named = answer.headers().get("x-amzn-errortype").map_or("", |name| name.to_str().expect("text"));
        assert_eq!((answer.status().as_u16(), named), (status, code), "{what}");
        let (_, body) = client.call("GET", FUNCTIONS, Value::Null).await;
        let text = body.get("message").or(body.get("Message"));
        assert_eq!(text, Some(&json!("chosen")), "{what}: {body}");
    }
}

#[tokio::test]
async fn what_each_rule_did_is_counted() {
    let client = client("fail 500 before on ListFunctions at 2\n\nreset on CreateAlias");
    for _ in 0..3 {
        client.call("GET", FUNCTIONS, Value::Null).await;
    }
    let activity = client.0.rule_activity();
    let message: Vec<_> =
        activity.iter().map(|activity| (activity.place.as_str(), activity.rule.as_str(), activity.times)).collect();
    assert_eq!(
        message,
        [("line 1", "fail 500 before on ListFunctions at 2", 1), ("line 3", "reset on CreateAlias", 0)]
    );
    assert_eq!((activity[0].operation, activity[1].operation), (Some("ListFunctions"), None));
}
