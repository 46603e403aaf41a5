//! Promise: a saved plan says what has moved since. The world is changed in many ways between a plan and its apply; what
//! `verify` says of each, and what an apply does that has not verified the plan, stands in `tests/moved-plans.md`.

use std::fmt::Write;

use aws_sdk_lambda::primitives::Blob;
use trueup::apply::Outcome;
use trueup::observe::Depth;
use trueup::plan::saved::{Binding, Standing, verify};
use trueup::plan::{Limits, PlanOptions};
use trueup::resource::STACK_TAG;
use trueup::show::{Style, verification};
use trueup::wire::{
    AddPermissionInputBuilder, Call, CreateFunctionInputBuilder, DeleteAliasInputBuilder,
    DeleteEventSourceMappingInputBuilder, DeleteFunctionConcurrencyInputBuilder, DeleteFunctionInputBuilder,
    DeleteFunctionUrlConfigInputBuilder, ListEventSourceMappingsInputBuilder, PublishVersionInputBuilder,
    PutFunctionConcurrencyInputBuilder, PutFunctionEventInvokeConfigInputBuilder, RemovePermissionInputBuilder,
    TagResourceInputBuilder, TypedCall, UntagResourceInputBuilder, UpdateAliasInputBuilder,
    UpdateEventSourceMappingInputBuilder, UpdateFunctionCodeInputBuilder, UpdateFunctionConfigurationInputBuilder,
    UpdateFunctionUrlConfigInputBuilder,
};

use crate::generated_files::fresh;
use crate::harness::{Fixture, block_on, run, zip};

/// The stack before the plan and after it.
fn spec(is_planned: bool) -> String {
    let [memory, batch, arn, age, reserved, retries] = match is_planned {
        false => ["128", "5", "orders", "60", "5", "2"],
        true => ["256", "7", "others", "90", "7", "1"],
    };
    let function = "    runtime: python3.13\n    handler: app.handler\n    role: arn:aws:iam::123456789012:role/r\n    code: \
                    {zip: package.zip}\n";
    let other = if is_planned { "invoices" } else { "receipts" };
    format!(
        "version: 1\nstack: shop\nprune: true\nfunctions:\n  {other}:\n{function}  orders:\n{function}    memory_size: {memory}\n    \
         tags: {{team: a}}\n    reserved_concurrent_executions: {reserved}\n    event_invoke_config: {{maximum_retry_attempts: \
         {retries}}}\n    url: {{auth_type: AWS_IAM, cors: {{max_age: {age}}}}}\n    permissions: {{topic: {{action: \
         \"lambda:InvokeFunction\", principal: sns.amazonaws.com, source_arn: \"arn:aws:sns:us-east-1:123456789012:{arn}\"}}}}\n    \
         aliases:\n      live:\n        function_version: published\n        event_source_mappings: {{queue: {{event_source_arn: \
         \"arn:aws:sqs:us-east-1:123456789012:q\", batch_size: {batch}}}}}\n"
    )
}

/// Something that happens between a plan and its apply.
type Way = (&'static str, fn(&str) -> Vec<Call>);

fn configured() -> UpdateFunctionConfigurationInputBuilder {
    UpdateFunctionConfigurationInputBuilder::default().function_name("orders")
}

fn mapping(uuid: &str) -> UpdateEventSourceMappingInputBuilder {
    UpdateEventSourceMappingInputBuilder::default().uuid(uuid)
}

fn alias() -> UpdateAliasInputBuilder {
    UpdateAliasInputBuilder::default().function_name("orders").name("live")
}

fn permission(id: &str) -> AddPermissionInputBuilder {
    let statement = AddPermissionInputBuilder::default().function_name("orders").statement_id(id);
    statement.action("lambda:InvokeFunction").principal("events.amazonaws.com")
}

fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:us-east-1:123456789012:function:{name}")
}

/// The way that leaves the plan as good as it was.
const NOTHING: &str = "nothing";

/// The ways; the argument is the UUID of the mapping.
const WAYS: &[Way] = &[
    (NOTHING, |_| Vec::new()),
    ("the memory of the function is changed", |_| vec![configured().memory_size(512).call()]),
    ("the memory of the function is what the plan makes it", |_| vec![configured().memory_size(256).call()]),
    ("the description of the function is changed, which the plan leaves alone", |_| {
        vec![configured().description("theirs").call()]
    }),
    ("a variable is added to the environment", |_| {
        let environment = aws_sdk_lambda::types::Environment::builder().variables("TOKEN", "theirs").build();
        vec![configured().environment(environment).call()]
    }),
    ("the code is replaced", |_| {
        let code = zip(&[("app.py", "def handler(event, context): raise SystemExit\n")]);
        vec![UpdateFunctionCodeInputBuilder::default().function_name("orders").zip_file(Blob::new(code)).call()]
    }),
    ("the function is updated to what it was", |_| {
        vec![configured().memory_size(512).call(), configured().memory_size(128).call()]
    }),
    ("a version is published", |_| {
        vec![
            configured().description("theirs").call(),
            PublishVersionInputBuilder::default().function_name("orders").call(),
        ]
    }),
    ("a tag of the function is changed", |_| {
        vec![TagResourceInputBuilder::default().resource(function_arn("orders")).tags("team", "b").call()]
    }),
    ("the function loses the tag of the stack", |_| {
        vec![UntagResourceInputBuilder::default().resource(function_arn("orders")).tag_keys(STACK_TAG).call()]
    }),
    ("the function is given to another stack", |_| {
        vec![TagResourceInputBuilder::default().resource(function_arn("orders")).tags(STACK_TAG, "theirs").call()]
    }),
    ("the function is deleted", |uuid| {
        vec![
            DeleteEventSourceMappingInputBuilder::default().uuid(uuid).call(),
            DeleteFunctionInputBuilder::default().function_name("orders").call(),
        ]
    }),
    ("the alias points to $LATEST", |_| vec![alias().function_version("$LATEST").call()]),
    ("the alias shares its traffic with another version", |_| {
        let weights = aws_sdk_lambda::types::AliasRoutingConfiguration::builder();
        vec![
            configured().description("theirs").call(),
            PublishVersionInputBuilder::default().function_name("orders").call(),
            alias().routing_config(weights.additional_version_weights("2", 0.1).build()).call(),
        ]
    }),
    ("the description of the alias is changed", |_| vec![alias().description("theirs").call()]),
    ("the alias is deleted", |uuid| {
        vec![
            DeleteEventSourceMappingInputBuilder::default().uuid(uuid).call(),
            DeleteAliasInputBuilder::default().function_name("orders").name("live").call(),
        ]
    }),
    ("the mapping is disabled", |uuid| vec![mapping(uuid).enabled(false).call()]),
    ("the mapping is what the plan makes it", |uuid| vec![mapping(uuid).batch_size(7).call()]),
    ("the mapping is deleted", |uuid| vec![DeleteEventSourceMappingInputBuilder::default().uuid(uuid).call()]),
    ("a statement is added to the policy", |_| vec![permission("theirs").call()]),
    ("the statement of the policy is removed", |_| {
        vec![RemovePermissionInputBuilder::default().function_name("orders").statement_id("topic").call()]
    }),
    ("the statement of the policy is another one", |_| {
        vec![
            RemovePermissionInputBuilder::default().function_name("orders").statement_id("topic").call(),
            permission("topic").call(),
        ]
    }),
    ("the URL is opened to all", |_| {
        let none = aws_sdk_lambda::types::FunctionUrlAuthType::None;
        vec![UpdateFunctionUrlConfigInputBuilder::default().function_name("orders").auth_type(none).call()]
    }),
    ("the URL is deleted", |_| vec![DeleteFunctionUrlConfigInputBuilder::default().function_name("orders").call()]),
    ("the reservation is changed", |_| {
        let reservation = PutFunctionConcurrencyInputBuilder::default().function_name("orders");
        vec![reservation.reserved_concurrent_executions(9).call()]
    }),
    ("the reservation is deleted", |_| {
        vec![DeleteFunctionConcurrencyInputBuilder::default().function_name("orders").call()]
    }),
    ("the asynchronous invocation is configured otherwise", |_| {
        let config = PutFunctionEventInvokeConfigInputBuilder::default().function_name("orders");
        vec![config.maximum_retry_attempts(0).maximum_event_age_in_seconds(60).call()]
    }),
    ("the function that the plan deletes is changed", |_| {
        vec![UpdateFunctionConfigurationInputBuilder::default().function_name("receipts").timeout(9).call()]
    }),
    ("the function that the plan deletes is deleted", |_| {
        vec![DeleteFunctionInputBuilder::default().function_name("receipts").call()]
    }),
    ("the function that the plan creates is created by somebody else", |_| {
        let code = aws_sdk_lambda::types::FunctionCode::builder().zip_file(Blob::new(zip(&[("app.py", "")]))).build();
        let function =
            CreateFunctionInputBuilder::default().function_name("invoices").handler("app.handler").code(code);
        let runtime = aws_sdk_lambda::types::Runtime::from("python3.13");
        vec![function.runtime(runtime).role("arn:aws:iam::123456789012:role/r").call()]
    }),
];

#[test]
fn what_changed_since_is_shown_and_not_overwritten() {
    let mut page = "# Plans whose world has moved\n\nGenerated by `tests/it/saved_plan/moved.rs`: what `verify` says of a saved plan \
                    after each change, and the outcomes of an apply that did not verify it. Neither resources that are the \
                    same nor steps that were done are listed.\n"
        .to_owned();
    for (what, calls) in WAYS {
        block_on(async {
            let fixture = Fixture::new();
            let first = fixture.apply(&spec(false)).await;
            assert!(first.steps.iter().all(|(_, outcome)| *outcome == Outcome::Done), "{first:?}");
            let reconciler = fixture.reconciler(&spec(true));
            let options =
                PlanOptions { limits: Limits { allow_replace: true, ..Limits::default() }, ..PlanOptions::default() };
            let planned = reconciler.plan(&options, Depth::Declared).await.unwrap();
            let binding = Binding::of(&reconciler.stack);
            let saved = planned.plan.sealed(&binding);
            let listed = fixture.send(ListEventSourceMappingsInputBuilder::default().call()).await;
            let listed = ListEventSourceMappingsInputBuilder::reply(&listed).unwrap();
            let uuid = listed.event_source_mappings()[0].uuid().unwrap().to_owned();
            for call in calls(&uuid) {
                fixture.send(call).await;
            }
            let now = reconciler.plan(&options, Depth::Declared).await.unwrap().plan.sealed(&binding);
            let verification = verify(&saved, &now);
            let text = verification::render(&verification, &[], Style::default());
            let lines = text.lines().filter(|line| !line.starts_with("same "));
            let _ = write!(page, "\n## When {what}\n\n```text\n{}\n```\n", lines.collect::<Vec<_>>().join("\n"));
            // An apply that has not looked meets the preconditions of its steps.
            let moved =
                verification.resources.iter().filter(|it| matches!(it.standing, Standing::Moved | Standing::Gone));
            let moved: Vec<_> = moved.map(|it| it.address.clone()).collect();
            let report = run(&reconciler, planned).await;
            let undone = report.steps.iter().filter(|(_, outcome)| *outcome != Outcome::Done);
            let undone: Vec<String> = undone
                .map(|(step, outcome)| format!("{} {}: {}", step.operation, step.address, outcome.code()))
                .collect();
            if *what == NOTHING {
                assert!(verification.is_current() && undone.is_empty(), "{text}{undone:?}");
            }
            if !undone.is_empty() {
                let _ = write!(page, "\nAn apply without it:\n\n```text\n{}\n```\n", undone.join("\n"));
            }
            for (step, outcome) in &report.steps {
                let is_moved = moved.contains(&step.address);
                assert!(
                    !is_moved || *outcome != Outcome::Done,
                    "{what}: {} {} was written over",
                    step.operation,
                    step.address
                );
            }
        });
    }
    fresh("tests/moved-plans.md", &page);
}
