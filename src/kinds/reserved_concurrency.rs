//! Reserved concurrency: the share of the account's concurrency that belongs to one function, and its ceiling.
//!
//! AWS's quirks: at least 100 executions of the account must stay unreserved at every moment, so lowering comes before
//! raising across the whole plan; 0 is a value and stops the function; no RevisionId guards it.
//! [AWS: PutFunctionConcurrency](https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::function;
use crate::kinds::shared::limits;
use crate::model::{KindId, StepReason, StepReasonKind};
use crate::resource::Declare as _;
use crate::resource::{Discovered, Observed, PlannedWrite, ResourceRef, WriteContext, WriteRequest};
use crate::wire::{
    Call, DeleteFunctionConcurrencyInputBuilder, GetFunctionConcurrencyInputBuilder, Missing, Operation,
    PutFunctionConcurrencyInputBuilder, ReadCache, Reply, TypedCall,
};

/// The number of simultaneous executions that are set aside for a function, and that it may not exceed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReservedConcurrency {
    /// Simultaneous executions; 0 stops the function.
    #[schemars(range(min = 0))]
    pub reserved_concurrent_executions: i32,
}

impl crate::resource::Declare for ReservedConcurrency {
    const KIND: KindId = KindId::ReservedConcurrency;
    const PLACES: &'static [&'static str] = &["functions.*.reserved_concurrent_executions"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    reserved_concurrent_executions: 20
"#
    );
    const SHORTHAND: Option<&'static str> = Some("reserved_concurrent_executions");
}

impl crate::resource::Observe for ReservedConcurrency {
    fn observe(
        at: &ResourceRef,
        _desired: Option<&ReservedConcurrency>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<ReservedConcurrency>>, Missing> {
        let reply = cache.reply(function::reading(at.outer()))?;
        let reserved = reply.and_then(|reply| reply.concurrency()).and_then(|it| it.reserved_concurrent_executions());
        Ok(reserved.map(|reserved| observed(at, reserved)))
    }

    fn discover(
        parent: &ResourceRef,
        _around: &dyn crate::resource::Context,
        cache: &ReadCache,
    ) -> Result<Vec<Discovered>, Missing> {
        let live = Self::observe(parent, None, cache)?;
        Ok(Discovered::beside(parent, Self::KIND, live))
    }
}

/// The only field.
const FIELD: &str = "reserved_concurrent_executions";

impl crate::resource::PlanWrites for ReservedConcurrency {
    fn writes(work: &WriteContext<'_, ReservedConcurrency>) -> Vec<PlannedWrite> {
        let (account, reserved) = (limits::unreserved(), limits::reserved(work.at));
        let provisioned = limits::room_below_provisioned(work.at);
        let before = work.live.map(|live| live.value.reserved_concurrent_executions);
        match (before, work.desired.map(|desired| desired.reserved_concurrent_executions)) {
            (_, None) => {
                let mut draft = PlannedWrite::new(Operation::DeleteFunctionConcurrency, StepReasonKind::Undeclared);
                draft.frees = vec![account, reserved];
                vec![draft]
            }
            (Some(before), Some(after)) if after < before => {
                let mut draft =
                    PlannedWrite::new(Operation::PutFunctionConcurrency, StepReason::live_value(FIELD, before));
                draft.frees = vec![account];
                draft.takes = vec![provisioned];
                vec![draft]
            }
            (before, Some(_)) => {
                let reason =
                    before.map_or(StepReasonKind::NotSet.into(), |before| StepReason::live_value(FIELD, before));
                let mut draft = PlannedWrite::new(Operation::PutFunctionConcurrency, reason);
                draft.frees = vec![reserved];
                draft.takes = vec![account];
                vec![draft]
            }
        }
    }
}

impl crate::resource::ApplyWrites for ReservedConcurrency {
    fn request(operation: Operation, doing: &WriteRequest<'_, ReservedConcurrency>) -> anyhow::Result<Call> {
        let function = doing.at.outer();
        Ok(match (operation, &doing.desired) {
            (Operation::PutFunctionConcurrency, Some(spec)) => PutFunctionConcurrencyInputBuilder::default()
                .function_name(function)
                .reserved_concurrent_executions(spec.reserved_concurrent_executions)
                .call(),
            _ => DeleteFunctionConcurrencyInputBuilder::default().function_name(function).call(),
        })
    }

    fn read_response(
        at: &ResourceRef,
        _desired: Option<&ReservedConcurrency>,
        reply: &Reply,
    ) -> Option<Observed<ReservedConcurrency>> {
        let reserved = match reply {
            Reply::PutFunctionConcurrency(reply) => reply.reserved_concurrent_executions(),
            Reply::GetFunctionConcurrency(reply) => reply.reserved_concurrent_executions(),
            _ => None,
        };
        reserved.map(|reserved| observed(at, reserved))
    }

    fn poll(at: &ResourceRef, operation: Operation, _last: Option<&Observed<ReservedConcurrency>>) -> Option<Call> {
        (operation != Operation::DeleteFunctionConcurrency)
            .then(|| GetFunctionConcurrencyInputBuilder::default().function_name(at.outer()).call())
    }
}

fn observed(_at: &ResourceRef, reserved: i32) -> Observed<ReservedConcurrency> {
    Observed::new("reserved", ReservedConcurrency { reserved_concurrent_executions: reserved })
}
