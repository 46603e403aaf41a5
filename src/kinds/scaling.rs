//! Function scaling config: how many execution environments a published version has on managed instances.
//!
//! AWS's quirks: it belongs to a version by number or to `$LATEST.PUBLISHED`, never to an alias; what was asked for and
//! what is in force are told apart until the instances are there; both counts at 0 put the version to rest; it cannot be
//! deleted, but putting nothing resets it; to ask about an ordinary function is refused. No RevisionId guards it.
//!
//! Every write puts both counts, so one that the spec no longer names is left out and Lambda's own default holds again.
//! A live count that is not declared therefore differs, save the least of 3 that AWS documents as its default. What
//! Lambda makes of the largest number by itself is not documented, and was never seen to be told.
//! [AWS: PutFunctionScalingConfig](https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionScalingConfig.html).

pub mod catalog;

use aws_sdk_lambda::types::FunctionScalingConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{function, version};
use crate::kinds::function::Function;
use crate::model::{Findings, KindId, StepReason, StepReasonKind};
use crate::resource::Declare as _;
use crate::resource::{
    Context, Discovered, Links, Observed, PlannedWrite, ResourceRef, State, WriteContext, WriteRequest,
};
use crate::wire::{
    Call, GetFunctionScalingConfigInputBuilder, GetFunctionScalingConfigOutput, Missing, Operation,
    PutFunctionScalingConfigInputBuilder, ReadCache, Reply, TypedCall,
};

/// What Lambda keeps at least where nothing is said.
const LEAST: i32 = 3;

/// How many execution environments a version has on managed instances.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scaling {
    /// The least number of execution environments: 0 to 15000. Absent, it is Lambda's default of 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 15000))]
    pub min_execution_environments: Option<i32>,
    /// The largest number of execution environments: 0 to 15000. Absent, it is left to Lambda.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 15000))]
    pub max_execution_environments: Option<i32>,
}

impl crate::resource::Declare for Scaling {
    const KIND: KindId = KindId::Scaling;
    const PLACES: &'static [&'static str] =
        &["functions.*.function_scaling_config", "functions.*.versions.*.function_scaling_config"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    memory_size: 2048
    capacity_provider_config:
      lambda_managed_instances_capacity_provider_config:
        capacity_provider_arn: ${capacity_providers.fleet.arn}
    publish: {publish_to: LATEST_PUBLISHED}
    function_scaling_config: {min_execution_environments: 3, max_execution_environments: 10}
capacity_providers:
  fleet:
    vpc_config: {subnet_ids: [subnet-1], security_group_ids: [sg-1]}
    permissions_config: {capacity_provider_operator_role_arn: "arn:aws:iam::123456789012:role/operator"}
"#
    );

    fn check(spec: &Scaling, at: &ResourceRef, around: &dyn Context, findings: &mut Findings) {
        version::check_number(at, around, findings);
        let function = around.get::<Function>(&at.address.outermost(KindId::Function));
        if function.is_some_and(|function| function.capacity_provider_config.is_none()) {
            findings
                .error("V046", "", "only functions on managed instances have a scaling config")
                .help("add a `capacity_provider_config` to the function, or take this away");
        }
        let (least, most) = (spec.min_execution_environments, spec.max_execution_environments);
        if let Some((least, most)) = least.zip(most).filter(|(least, most)| least > most) {
            findings
                .error("V046", "min_execution_environments", format!("at least {least} are more than at most {most}"))
                .help("raise `max_execution_environments`, or lower `min_execution_environments`");
        }
        if least.is_none() && most.is_none() {
            findings
                .error("V046", "", "a scaling config that says nothing is none")
                .help("give `min_execution_environments`, `max_execution_environments` or both");
        }
    }

    fn links(_spec: &Scaling, at: &ResourceRef) -> Links {
        // The version must exist, and the same plan may publish it.
        Links::after(vec![at.address.outermost(KindId::Version)])
    }
}

impl crate::resource::Observe for Scaling {
    fn observe(
        at: &ResourceRef,
        _desired: Option<&Scaling>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<Scaling>>, Missing> {
        if !is_managed(at, cache)? {
            return Ok(None);
        }
        let live = cache.reply(reading(at))?.map(|reply| observed(at, reply));
        Ok(live.filter(|live| live.value != Scaling::default()))
    }

    fn discover(parent: &ResourceRef, _around: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        if !is_managed(parent, cache)? {
            return Ok(Vec::new());
        }
        let places = places(parent, cache)?;
        let live = Missing::join_all(places.iter().map(|at| Self::observe(at, None, cache)))?;
        let found = places.into_iter().zip(live);
        Ok(found.filter_map(|(at, live)| live.map(|live| Discovered::new(at, live.identity))).collect())
    }
}

impl crate::resource::PlanWrites for Scaling {
    fn canonicalize(desired: &Scaling, live: &mut Scaling) {
        if desired.min_execution_environments.is_none() {
            live.min_execution_environments.take_if(|least| *least == LEAST);
        }
    }

    fn writes(work: &WriteContext<'_, Scaling>) -> Vec<PlannedWrite> {
        let reason = match (work.desired, work.live) {
            (None, _) => StepReasonKind::Undeclared.into(),
            (_, None) => StepReasonKind::DefaultApplies.into(),
            _ => StepReason::fields_differ(work.changes.iter().map(|change| &change.path)),
        };
        vec![PlannedWrite::new(Operation::PutFunctionScalingConfig, reason)]
    }
}

impl crate::resource::ApplyWrites for Scaling {
    fn request(_operation: Operation, doing: &WriteRequest<'_, Scaling>) -> anyhow::Result<Call> {
        let config = doing.desired.as_ref().map(|desired| {
            FunctionScalingConfig::builder()
                .set_min_execution_environments(desired.min_execution_environments)
                .set_max_execution_environments(desired.max_execution_environments)
                .build()
        });
        Ok(PutFunctionScalingConfigInputBuilder::default()
            .function_name(doing.at.outer())
            .qualifier(qualifier(doing.at))
            .set_function_scaling_config(config)
            .call())
    }

    fn read_response(at: &ResourceRef, desired: Option<&Scaling>, reply: &Reply) -> Option<Observed<Scaling>> {
        match reply {
            Reply::PutFunctionScalingConfig(_) => {
                let mut live = Observed::new(qualifier(at), desired.cloned().unwrap_or_default());
                live.state = State::updating("execution environments start and stop");
                Some(live)
            }
            Reply::GetFunctionScalingConfig(reply) => Some(observed(at, reply)),
            _ => None,
        }
    }

    fn poll(at: &ResourceRef, _operation: Operation, last: Option<&Observed<Scaling>>) -> Option<Call> {
        let is_settled = last.is_some_and(|live| live.state == State::Settled);
        (!is_settled).then(|| reading(at).call())
    }
}

/// Where a function on managed instances may have a scaling config: `$LATEST.PUBLISHED`, and every numbered version.
fn places(parent: &ResourceRef, cache: &ReadCache) -> Result<Vec<ResourceRef>, Missing> {
    let mut places = vec![parent.beside(Scaling::KIND)];
    for config in version::listing::numbered(parent.outer(), cache)? {
        let number = config.version().unwrap_or_default();
        places.push(parent.below(Scaling::KIND, number, number));
    }
    Ok(places)
}

fn reading(at: &ResourceRef) -> GetFunctionScalingConfigInputBuilder {
    GetFunctionScalingConfigInputBuilder::default().function_name(at.outer()).qualifier(qualifier(at))
}

/// The version that it is for.
fn qualifier(at: &ResourceRef) -> &str {
    at.names.get(1).map_or(version::LATEST_PUBLISHED, String::as_str)
}

/// Whether the function is there and runs on managed instances; AWS refuses to be asked about any other.
fn is_managed(at: &ResourceRef, cache: &ReadCache) -> Result<bool, Missing> {
    let reply = cache.reply(function::reading(at.outer()))?;
    let config = reply.and_then(|reply| reply.configuration());
    Ok(config.is_some_and(|config| config.capacity_provider_config().is_some()))
}

/// What was asked for, which is in force once the two are told as one.
fn observed(at: &ResourceRef, reply: &GetFunctionScalingConfigOutput) -> Observed<Scaling> {
    let value = |config: &FunctionScalingConfig| Scaling {
        min_execution_environments: config.min_execution_environments(),
        max_execution_environments: config.max_execution_environments(),
    };
    let applied = reply.applied_function_scaling_config().map(value).unwrap_or_default();
    let asked = reply.requested_function_scaling_config().map(value);
    let is_settled = asked.as_ref().is_none_or(|asked| *asked == applied);
    let mut live = Observed::new(qualifier(at), asked.unwrap_or(applied));
    if !is_settled {
        live.state = State::updating("execution environments start and stop");
    }
    live
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::testing;
    use crate::resource::{ApplyWrites as _, PlanWrites as _};

    #[test]
    fn what_was_asked_for_counts_and_what_is_in_force_is_waited_for() {
        let at = testing::at(KindId::Scaling, &["orders"]);
        let config = |least: i32| FunctionScalingConfig::builder().min_execution_environments(least).build();
        let told = |applied: Option<i32>, requested: Option<i32>| {
            let reply = GetFunctionScalingConfigOutput::builder()
                .set_applied_function_scaling_config(applied.map(config))
                .set_requested_function_scaling_config(requested.map(config))
                .build();
            let live = Scaling::read_response(&at, None, &Reply::GetFunctionScalingConfig(Box::new(reply))).unwrap();
            (live.value.min_execution_environments, live.state == State::Settled)
        };
        assert_eq!(told(None, Some(3)), (Some(3), false));
        assert_eq!(told(Some(5), Some(3)), (Some(3), false));
        assert_eq!(told(Some(3), Some(3)), (Some(3), true));
        assert_eq!(told(Some(3), None), (Some(3), true));
        assert_eq!(told(None, None), (None, true));
    }

    #[test]
    fn a_count_that_is_not_declared_is_as_lambda_has_it_by_itself() {
        let scaling = |least, most| Scaling { min_execution_environments: least, max_execution_environments: most };
        let desired = scaling(None, Some(9));
        let agreed = |mut live: Scaling| {
            Scaling::canonicalize(&desired, &mut live);
            live == desired
        };
        assert!(agreed(scaling(None, Some(9))) && agreed(scaling(Some(3), Some(9))));
        assert!(!agreed(scaling(Some(5), Some(9))));
        let mut live = scaling(Some(5), Some(9));
        Scaling::canonicalize(&scaling(Some(5), None), &mut live);
        assert_eq!(live, scaling(Some(5), Some(9)));
    }
}
