//! Promise: a part that Lambda answers without is never written over, and a resource without an owner never left unmentioned.

use std::sync::Arc;

use aws_sdk_lambda::types::{EnvironmentError, TagsError};
use trueup::model::{FieldPath, RefusalKind};
use trueup::observe::Depth;
use trueup::plan::{Plan, PlanOptions};
use trueup::wire::{Call, Endpoint, Fetching, Reply, Sending};

use crate::harness::{Fixture, block_on, shown};

/// An endpoint whose answers are changed.
struct Altered {
    inner: Arc<dyn Endpoint>,
    alter: fn(&mut Reply),
}

impl Endpoint for Altered {
    fn send(&self, call: Call) -> Sending<'_> {
        Box::pin(async move {
            let mut reply = self.inner.send(call).await;
            reply.iter_mut().for_each(self.alter);
            reply
        })
    }

    fn fetch<'a>(&'a self, url: &'a str, limit: usize) -> Fetching<'a> {
        self.inner.fetch(url, limit)
    }
}

/// Answers as to a caller without lambda:ListTags.
fn without_tags(reply: &mut Reply) {
    let Reply::GetFunction(function) = reply else { return };
    function.tags = None;
    let error = TagsError::builder().error_code("AccessDeniedException").message("no lambda:ListTags");
    function.tags_error = error.build().ok();
}

/// Answers as to a caller who may not use the key of the environment.
fn without_environment(reply: &mut Reply) {
    let Reply::GetFunction(function) = reply else { return };
    let environment = function.configuration.as_mut().and_then(|config| config.environment.as_mut());
    if let Some(environment) = environment {
        environment.variables = None;
        environment.error =
            Some(EnvironmentError::builder().error_code("KMSAccessDeniedException").message("no key").build());
    }
}

fn spec(functions: &[(&str, &str)]) -> String {
    let function = |(name, more): &(&str, &str)| {
        format!(
            "  {name}: {{runtime: python3.13, handler: app.handler, role: \"arn:aws:iam::123456789012:role/r\", code: {{zip: package.zip}}{more}}}\n"
        )
    };
    format!("version: 1\nstack: shop\nfunctions:\n{}", functions.iter().map(function).collect::<String>())
}

async fn planned(fixture: &Fixture, text: &str, options: &PlanOptions, alter: fn(&mut Reply)) -> Plan {
    let mut reconciler = fixture.reconciler(text);
    reconciler.endpoint = Arc::new(Altered { inner: fixture.cloud.clone(), alter });
    reconciler.plan(options, Depth::Full).await.unwrap().plan
}

#[test]
fn functions_whose_owner_cannot_be_read_are_named_and_kept() {
    block_on(async {
        let fixture = Fixture::new();
        fixture.fixpoint(&spec(&[("a", ""), ("b", "")])).await;
        for (prune, destroy) in [(false, false), (true, false), (false, true)] {
            let options = PlanOptions { prune, destroy, ..PlanOptions::default() };
            let plan = planned(&fixture, &spec(&[("b", "")]), &options, without_tags).await;
            let causes: Vec<String> = plan.not_compared.iter().filter_map(|it| it.cause()).collect();
            assert!(causes.iter().any(|cause| cause.contains("lambda:ListTags")), "{causes:?}\n{}", shown(&plan));
            assert!(plan.not_compared.iter().any(|it| it.is_unreadable()));
            assert!(plan.steps.iter().all(|step| step.address.keys[0] != "a"), "{}", shown(&plan));
        }
    });
}

#[test]
fn an_environment_that_cannot_be_read_is_not_sent_with_another_key() {
    block_on(async {
        let fixture = Fixture::new();
        let environment = ", environment: {variables: {TABLE: orders}}";
        fixture.fixpoint(&spec(&[("a", environment)])).await;
        let key = ", kms_key_arn: \"arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111\"";
        let text = spec(&[("a", &format!("{environment}{key}"))]);
        let plan = planned(&fixture, &text, &PlanOptions::default(), without_environment).await;
        let fields: Vec<&FieldPath> = plan
            .refusals
            .iter()
            .filter_map(|refusal| match &refusal.kind {
                RefusalKind::UnreadablePart { field, .. } => Some(field),
                _ => None,
            })
            .collect();
        assert_eq!(fields, [&FieldPath::from("environment")], "{}", shown(&plan));
        fixture.fixpoint(&text).await;
    });
}
