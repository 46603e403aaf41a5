//! Recursion config: whether Lambda ends a function that invokes itself in a loop through SQS, SNS or S3.
//!
//! AWS's quirks: it is always there and cannot be deleted, so deleting it is putting AWS's default; it is of the function as a whole, without versions. No RevisionId guards it.
//! [AWS: PutFunctionRecursionConfig](https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionRecursionConfig.html).

use aws_sdk_lambda::types::RecursiveLoop;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{KindId, StepReason, StepReasonKind};
use crate::resource::Declare as _;
use crate::resource::{
    Context, Discovered, Lifecycle, Observed, PlannedWrite, ResourceRef, WriteContext, WriteRequest,
};
use crate::wire::{
    Call, GetFunctionRecursionConfigInputBuilder, Missing, Operation, PutFunctionRecursionConfigInputBuilder,
    ReadCache, Reply, TypedCall,
};

/// What the only one below a function is told by.
const IDENTITY: &str = "recursion";

/// AWS's default.
const TERMINATE: &str = "Terminate";

/// What Lambda does when it finds that a function invokes itself in a loop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recursion {
    /// `Terminate` ends the loop after about 16 rounds; `Allow` lets it go on.
    #[serde(default = "terminate")]
    #[schemars(extend("enum" = ["Allow", "Terminate"]))]
    pub recursive_loop: String,
}

fn terminate() -> String {
    TERMINATE.to_owned()
}

impl crate::resource::Declare for Recursion {
    const KIND: KindId = KindId::Recursion;
    const PLACES: &'static [&'static str] = &["functions.*.recursive_loop"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    recursive_loop: Allow
"#
    );
    const SHORTHAND: Option<&'static str> = Some("recursive_loop");

    fn lifecycle() -> Lifecycle {
        Lifecycle { created_with_parent: true, ..Lifecycle::default() }
    }
}

impl crate::resource::Observe for Recursion {
    fn observe(
        at: &ResourceRef,
        _desired: Option<&Recursion>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<Recursion>>, Missing> {
        let reply = cache.reply(reading(at))?;
        Ok(reply.and_then(|reply| reply.recursive_loop()).map(observed))
    }

    fn discover(parent: &ResourceRef, _around: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        // What is at AWS's default says nothing.
        let live = Self::observe(parent, None, cache)?.filter(|live| live.value.recursive_loop != TERMINATE);
        Ok(Discovered::beside(parent, Self::KIND, live))
    }
}

impl crate::resource::PlanWrites for Recursion {
    fn writes(work: &WriteContext<'_, Recursion>) -> Vec<PlannedWrite> {
        let reason = match (work.desired, work.live) {
            (None, _) => StepReasonKind::Undeclared.into(),
            // A new function is at the default by itself.
            (Some(desired), None) if desired.recursive_loop == TERMINATE => return Vec::new(),
            (Some(_), None) => StepReasonKind::DefaultApplies.into(),
            (Some(_), Some(live)) => StepReason::live_value("recursive_loop", &live.value.recursive_loop),
        };
        vec![PlannedWrite::new(Operation::PutFunctionRecursionConfig, reason)]
    }
}

impl crate::resource::ApplyWrites for Recursion {
    fn request(_operation: Operation, doing: &WriteRequest<'_, Recursion>) -> anyhow::Result<Call> {
        let desired = doing.desired.as_ref().map_or(TERMINATE, |desired| desired.recursive_loop.as_str());
        Ok(PutFunctionRecursionConfigInputBuilder::default()
            .function_name(doing.at.outer())
            .recursive_loop(RecursiveLoop::from(desired))
            .call())
    }

    fn read_response(_at: &ResourceRef, _desired: Option<&Recursion>, reply: &Reply) -> Option<Observed<Recursion>> {
        match reply {
            Reply::PutFunctionRecursionConfig(reply) => reply.recursive_loop().map(observed),
            _ => None,
        }
    }
}

fn reading(at: &ResourceRef) -> GetFunctionRecursionConfigInputBuilder {
    GetFunctionRecursionConfigInputBuilder::default().function_name(at.outer())
}

fn observed(set: &RecursiveLoop) -> Observed<Recursion> {
    Observed::new(IDENTITY, Recursion { recursive_loop: set.as_str().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, KindId};
    use crate::resource::testing::{self, TestContext};
    use crate::resource::{ApplyWrites as _, Observe as _, PlanWrites as _};
    use crate::wire::{GetFunctionRecursionConfigOutput, ReadResult};

    #[test]
    fn the_default_is_no_find_and_deleting_puts_it_back() {
        let at = testing::at(KindId::Recursion, &["orders"]);
        let cache = |set: &str| {
            let reply = GetFunctionRecursionConfigOutput::builder().recursive_loop(RecursiveLoop::from(set)).build();
            let mut cache = ReadCache::default();
            let pages = vec![Reply::GetFunctionRecursionConfig(Box::new(reply))];
            cache.insert(&reading(&at).call(), ReadResult::Pages(pages));
            cache
        };
        let live = |set: &str| Recursion::observe(&at, None, &cache(set)).unwrap();
        assert_eq!(live("Allow").unwrap().value.recursive_loop, "Allow");
        assert_eq!(Recursion::discover(&at, &TestContext::default(), &cache("Allow")).unwrap().len(), 1);
        assert_eq!(Recursion::discover(&at, &TestContext::default(), &cache("Terminate")).unwrap(), []);
        let desired = Recursion { recursive_loop: terminate() };
        let work = WriteContext { at: &at, action: Action::Create, desired: Some(&desired), live: None, changes: &[] };
        assert_eq!(Recursion::writes(&work), []);
        let doing = WriteRequest { at: &at, desired: None, live: live("Allow"), covers: &[], package: None };
        let call = Recursion::request(Operation::PutFunctionRecursionConfig, &doing).unwrap();
        let wanted = PutFunctionRecursionConfigInputBuilder::default()
            .function_name("orders")
            .recursive_loop(RecursiveLoop::Terminate);
        assert_eq!(call, wanted.call());
    }
}
