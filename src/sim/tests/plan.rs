//! The language of misbehaviour: what is read, what is refused and in which words, and what is told of what happened.

use serde_json::{Value, json};

use super::account::{Client, FUNCTIONS};
use crate::sim::context::options::Options;
use crate::sim::context::options::Settle;
use crate::sim::faults::plan::Misbehaviour;
use crate::sim::faults::plan::RuleText;
use crate::sim::faults::reference::{examples, help, markdown};

fn refusal(text: &str) -> String {
    Misbehaviour::read(text).err().unwrap_or_else(|| panic!("{text} was taken")).to_string()
}

fn client(rules: &str) -> Client {
    let misbehave = Some(Misbehaviour::read(rules).unwrap_or_else(|error| panic!("{error}")));
    Client::new(Options { settle: Settle::instant(), seed: Some(1), misbehave, ..Options::default() })
}

#[test]
fn every_rule_of_the_reference_is_read() {
    let read = Misbehaviour::read(&examples()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((read.seed, read.rules.len()), (7, 14));
    let mut names: Vec<&str> = read.rules.iter().map(|rule| rule.deed.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 13, "one of each: {names:?}");
    for rule in &read.rules {
        assert!(markdown().contains(&rule.text) && help().contains(&rule.text), "{}", rule.text);
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_what_to_write() {
    for (text, place, wrong, advice) in [
        ("quotas\nfail 500", "line 2, column 9", "`before` or `after` is missing", "so that nothing is done"),
        (
            "fail 500 before on UpdateFunctoin",
            "line 1, column 20",
            "no operation",
            "did you mean `UpdateFunctionCode`?",
        ),
        ("lose on createfunction", "line 1, column 9", "no operation", "did you mean `CreateFunction`?"),
        ("lose on ,", "column 9", "the operations are missing", "write operations, reads or writes"),
        ("lose at ,", "column 9", "the counts are missing", "at 1 or at 1, 4"),
        ("lose on Banana*", "column 9", "no operation is called `Banana*`", "write operations, reads or writes"),
        ("latnecy 1s", "column 1", "no rule is called `latnecy`", "did you mean `latency`?"),
        ("dance", "column 1", "no rule is called `dance`", "begin with one of latency, quotas, fail, reset"),
        ("latency soon", "column 9", "`soon` is no time", "write 20ms, 3s or 2m"),
        ("latency", "column 8", "the time is missing", "write 20ms or 20ms..80ms"),
        ("latency 2s..1s", "column 9", "the longer time stands first", "write 1s..2s"),
        ("latency 1ms..", "column 14", "`` is no time", "write 20ms"),
        ("slow 2h", "column 6", "`2h` is no time", "write 20ms, 3s or 2m"),
        ("slow 18446744073709551615s", "column 6", "too long", "an hour is the most"),
        ("fail NoSuchException before", "column 6", "no error is called", "write a status from 400 to 599"),
        ("fail TooManyRequestException before", "column 6", "no error", "did you mean `TooManyRequestsException`?"),
        ("fail 200 before", "column 6", "no error is called `200`", "from 400 to 599"),
        ("fail 500 \"no end before", "column 10", "does not end", "put `\"` behind it"),
        ("reset at never", "column 10", "`never` is no count", "at 1 or at 1, 4"),
        ("reset at", "column 9", "the counts are missing", "at 1 or at 1, 4"),
        ("reset every", "column 12", "the count is missing", "every 5"),
        ("reset chance often", "column 14", "`often` is no chance", "chance 0.1"),
        ("lose on Create* on Delete*", "column 17", "`on` stands here twice", "on Create*, Delete*"),
        ("lose of a of b", "column 11", "`of` stands here twice", "a rule for each"),
        ("lose om CreateFunction", "column 6", "`om` means nothing here", "goes on with on, of, at"),
        ("lose of \"a b\"", "column 9", "nothing can have this name", "write of orders"),
        ("stranger on ListFunctions", "column 13", "does nothing to these", "it acts on calls about something"),
        ("cut some", "column 5", "`some` means nothing here", "goes on with on, of, at"),
        ("seed", "column 5", "the seed is missing", "seed 7"),
        ("seed seven", "column 6", "`seven` is no seed", "seed 7"),
        ("seed 7 8", "column 8", "a seed is one number", ""),
        ("seed 7\nseed 8", "line 2, column 1", "there is a seed already", "--seed"),
        ("exhausted", "column 10", "what is exhausted is missing", "exhausted concurrency or exhausted storage"),
        ("settle-failed on UpdateFunctionCode", "column 15", "the reason is missing", "such as InvalidSubnet"),
        ("stranger UpdateAlias", "column 21", "members are missing", "stranger UpdateAlias {"),
        ("stranger UpdateAlias [1]", "column 22", "no object of JSON", "{\"FunctionName\""),
        ("stranger UpdateAlias {\"a\": }", "column 28", "not JSON", "write members as"),
        ("\u{fe}\u{e9} lose", "column 1", "no rule is called", "begin with one of"),
    ] {
        let told = refusal(text);
        let whole = told.contains(place) && told.contains(wrong) && told.contains(advice);
        assert!(whole, "{text}: {place}, {wrong}, {advice}\n{told}");
        assert!(!told.contains("parse") && !told.contains("invalid digit"), "{told}");
    }
}

#[test]
fn a_mark_stands_under_what_is_wrong_and_all_lines_are_told_at_once() {
    let file = RuleText {
        name: "rules.txt",
        text: "\u{feff}# ours\r\nlose on CreateFunctoin\r\nquota\r\n",
        is_argument: false,
    };
    let flag = RuleText { name: "--rule", text: "reset at 0", is_argument: true };
    let told = Misbehaviour::read_all(&[file, flag]).expect_err("three mistakes").to_string();
    assert_eq!(
        told,
        "rules of misbehaviour cannot be followed\n\
         rules.txt:2:9: no operation is called `CreateFunctoin`\n    lose on CreateFunctoin\n            ^^^^^^^^^^^^^^ did you mean `CreateFunction`?\n\
         rules.txt:3:1: no rule is called `quota`\n    quota\n    ^^^^^ did you mean `quotas`?\n\
         --rule, column 10: `0` is no count, so the rule would never act\n    reset at 0\n             ^ write counts from 1, the first call that fits: at 1 or at 1, 4"
    );
}

#[test]
fn a_rule_that_can_never_act_is_refused() {
    for (text, why) in [
        ("fail 500 before at 0", "would never act"),
        ("fail 500 before every 0", "would never act"),
        ("fail 500 before chance 0", "no chance"),
        ("fail 500 before at 1 every 3", "which calls are meant was said already"),
        ("latency 0ms", "changes nothing"),
        ("slow 0s", "changes nothing"),
        ("stale 0", "nothing is different"),
        ("roles 0", "nothing is different"),
        ("stale 3s on CreateFunction", "it acts on reads"),
        ("stale 3s on writes", "it acts on reads"),
        ("quotas on Invoke", "all operations but Invoke"),
        ("roles 1 on UpdateFunctionCode", "it acts on CreateFunction, UpdateFunctionConfiguration"),
        ("settle-failed Banana", "nothing settles as failed for the reason `Banana`"),
        ("settle-failed Idle", "nothing settles as failed for the reason `Idle`"),
        ("settle-failed InvalidSubnte", "did you mean `InvalidSubnet`?"),
        ("settle-failed InvalidSubnet on GetFunction", "would never act"),
        ("exhausted storage on GetFunction", "it acts on CreateFunction, GetAccountSettings, PublishLayerVersion"),
        ("exhausted concurrency on CreateFunction", "it acts on GetAccountSettings, PutFunctionConcurrency"),
        ("stranger GetFunction {\"FunctionName\": \"f\"}", "a stranger who only reads"),
        ("stranger UpdateAlias {\"FunctionNme\": \"f\"}", "did you mean `FunctionName`?"),
        ("stranger UpdateAlias {\"FunctionName\": \"f\"}", "at 'name' failed to satisfy constraint"),
        ("stranger UpdateAlias {\"FunctionName\": 1, \"Name\": \"a\"}", "can not be converted to a String"),
        (
            "stranger UpdateAlias {\"FunctionName\": \"f\", \"Name\": \"a\", \"RoutingConfig\": {\"Weights\": {}}}",
            "there is no member `RoutingConfig.Weights`",
        ),
    ] {
        let told = refusal(text);
        assert!(told.contains(why), "{text}: {told}");
    }
}

#[test]
fn lists_and_remarks_may_be_written_as_one_likes() {
    let text = "\u{feff}seed 7 # a remark\r\nlose on CreateAlias , UpdateAlias,DeleteAlias at 1, 4 ,9 # another\r\n  # a third\n\
                fail 400 \"a \\\"quoted\\\" # text\" before of \"my-function\"";
    let read = Misbehaviour::read(text).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read.rules[0].on, ["CreateAlias", "UpdateAlias", "DeleteAlias"]);
    assert_eq!(read.rules[0].text, "lose on CreateAlias , UpdateAlias,DeleteAlias at 1, 4 ,9");
    let chosen: Vec<u64> = (1..20).filter(|count| read.rules[0].when.chooses(*count, 0.5)).collect();
    assert_eq!(chosen, [1, 4, 9]);
    assert_eq!(read.rules[1].of.as_deref(), Some("my-function"));
    let text = format!("{:?}", read.rules[1].deed);
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
    let acted = client.0.acted();
    let told: Vec<_> = acted.iter().map(|acted| (acted.place.as_str(), acted.rule.as_str(), acted.times)).collect();
    assert_eq!(told, [("line 1", "fail 500 before on ListFunctions at 2", 1), ("line 3", "reset on CreateAlias", 0)]);
    assert_eq!((acted[0].operation, acted[1].operation), (Some("ListFunctions"), None));
}
