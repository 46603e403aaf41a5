//! Provisioned concurrency: execution environments that Lambda keeps warm for an alias or for a version by its number.
//!
//! AWS's quirks: the number counts inside the function's reserved concurrency; it moves with the alias and is
//! allocated anew for minutes; an allocation that failed stays listed and must be put again. No RevisionId guards it.
//! [AWS: PutProvisionedConcurrencyConfig](https://docs.aws.amazon.com/lambda/latest/api/API_PutProvisionedConcurrencyConfig.html).
//!
//! One listing a function tells all of its aliases, and the alias room asks for the same. A server that does not know
//! the listing answers without the list itself, where AWS sends an empty one; only then is the alias asked by itself,
//! so on AWS it never costs a call.

pub mod catalog;

use aws_sdk_lambda::types::{ProvisionedConcurrencyConfigListItem, ProvisionedConcurrencyStatusEnum};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::version;
use crate::kinds::alias::Alias;
use crate::kinds::function::Function;
use crate::kinds::reserved_concurrency::ReservedConcurrency;
use crate::kinds::shared::limits;
use crate::model::{Address, Findings, KindId, Package, StepReason, StepReasonKind};
use crate::resource::Declare as _;
use crate::resource::{
    Context, Discovered, Links, Observed, PlannedWrite, ResourceRef, State, WriteContext, WriteRequest,
};
use crate::wire::{
    Call, DeleteProvisionedConcurrencyConfigInputBuilder, GetProvisionedConcurrencyConfigInputBuilder,
    ListProvisionedConcurrencyConfigsInputBuilder, ListProvisionedConcurrencyConfigsOutput, Missing, Operation,
    PutProvisionedConcurrencyConfigInputBuilder, ReadCache, Reply, TypedCall,
};

/// The number of execution environments that Lambda keeps ready for an alias or a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvisionedConcurrency {
    /// Execution environments; at least 1, and all of a function's aliases together at most its reserved concurrency.
    #[schemars(range(min = 1))]
    pub provisioned_concurrent_executions: i32,
    /// Whether Lambda gave up allocating them, which putting the same number again repairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub failed: Option<bool>,
}

impl crate::resource::Declare for ProvisionedConcurrency {
    const KIND: KindId = KindId::ProvisionedConcurrency;
    const PLACES: &'static [&'static str] = &[
        "functions.*.aliases.*.provisioned_concurrent_executions",
        "functions.*.versions.*.provisioned_concurrent_executions",
    ];
    const EXAMPLE: &'static str = function_with!(
        r#"
    aliases:
      live: {function_version: published, provisioned_concurrent_executions: 4}
"#
    );
    const SHORTHAND: Option<&'static str> = Some("provisioned_concurrent_executions");

    fn check(spec: &ProvisionedConcurrency, at: &ResourceRef, around: &dyn Context, findings: &mut Findings) {
        version::check_number(at, around, findings);
        let field = "provisioned_concurrent_executions";
        let alias = around.get::<Alias>(&at.address.sibling(KindId::Alias));
        let version = provisioned_version(&at.address, around);
        if version.is_some_and(|version| version.starts_with("$LATEST")) {
            findings
                .error("V065", field, "the alias points to $LATEST, for which nothing can be provisioned")
                .help("point the alias to a published version");
        }
        if alias.is_some_and(|alias| alias.routing_config.is_some()) {
            findings
                .warning("V068", field, "the alias shares its traffic, so the allocation is shared by both versions")
                .help("expect fewer ready environments for each version than this number");
        }
        let function = around.get::<Function>(&at.address.outermost(KindId::Function));
        if function.is_some_and(|function| function.snap_start.apply_on == "PublishedVersions") {
            findings
                .error("V028", field, "provisioned concurrency and SnapStart exclude each other")
                .help("keep one of the two");
        }
        if function.is_some_and(|function| function.tenancy_config.is_some()) {
            findings
                .error("V033", field, "provisioned concurrency and tenant isolation exclude each other")
                .help("keep one of the two");
        }
        let beside = beside(at, around);
        if let Some(version) = version.filter(|version| !version.contains("${")) {
            let twin = beside
                .iter()
                .find(|(other, _)| *other < at.address && provisioned_version(other, around) == Some(version));
            if let Some((other, _)) = twin {
                findings
                    .error("V067", field, format!("{other} provisions the same version; a version can have only one"))
                    .help("keep it on one of the two");
            }
        }
        let reserved = around
            .get::<ReservedConcurrency>(&at.address.outermost(KindId::ReservedConcurrency))
            .map(|reserved| i64::from(reserved.reserved_concurrent_executions));
        let others: i64 = beside.iter().map(|(_, executions)| executions).sum();
        let total = others + i64::from(spec.provisioned_concurrent_executions);
        // The last allocation of a function reports for all of them.
        let is_last = beside.iter().all(|(other, _)| *other < at.address);
        if let Some(reserved) = reserved.filter(|reserved| is_last && total > *reserved) {
            findings
                .error(
                    "V066",
                    field,
                    format!("{total} are provisioned, but only {reserved} are reserved for the function"),
                )
                .help("raise `reserved_concurrent_executions` of the function, or provision fewer");
        }
    }

    fn links(_spec: &ProvisionedConcurrency, at: &ResourceRef) -> Links {
        // A number may be that of the version which the same plan publishes.
        let by_number = at.address.keys.get(1).is_some_and(|key| version::is_number(key));
        Links::after(by_number.then(|| at.address.outermost(KindId::Version)).into_iter().collect())
    }
}

impl crate::resource::Observe for ProvisionedConcurrency {
    fn observe(
        at: &ResourceRef,
        _desired: Option<&ProvisionedConcurrency>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<ProvisionedConcurrency>>, Missing> {
        let pages = cache.pages(listing(at.outer()))?;
        if is_unmodelled(&pages) {
            let reply = cache.reply(reading(at))?;
            return Ok(reply.and_then(|reply| {
                observed(
                    at,
                    reply.requested_provisioned_concurrent_executions(),
                    reply.status(),
                    reply.status_reason().unwrap_or_default(),
                )
            }));
        }
        let mut items = pages.iter().flat_map(|page| page.provisioned_concurrency_configs());
        Ok(items.find(|item| qualifier_of(item, at) == Some(at.own())).and_then(|item| {
            observed(
                at,
                item.requested_provisioned_concurrent_executions(),
                item.status(),
                item.status_reason().unwrap_or_default(),
            )
        }))
    }

    fn discover(parent: &ResourceRef, _around: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        if parent.names.len() > 1 {
            let live = Self::observe(parent, None, cache)?;
            return Ok(Discovered::beside(parent, Self::KIND, live));
        }
        let pages = cache.pages(listing(parent.outer()))?;
        let items = pages.iter().flat_map(|page| page.provisioned_concurrency_configs());
        // What belongs to an alias is found below the alias.
        let numbers = items.filter_map(|item| qualifier_of(item, parent)).filter(|name| version::is_number(name));
        Ok(numbers.map(|name| Discovered::new(parent.below(Self::KIND, name, name), name)).collect())
    }
}

impl crate::resource::PlanWrites for ProvisionedConcurrency {
    fn apply_defaults(spec: &mut ProvisionedConcurrency, _at: &ResourceRef, _package: Option<&Package>) {
        spec.failed = Some(false);
    }

    fn writes(work: &WriteContext<'_, ProvisionedConcurrency>) -> Vec<PlannedWrite> {
        let (account, reserved) = (limits::unreserved(), limits::reserved(work.at));
        let provisioned = limits::room_below_provisioned(work.at);
        let before = work.live.map(|live| live.value.provisioned_concurrent_executions);
        let Some(desired) = work.desired else {
            let mut draft =
                PlannedWrite::new(Operation::DeleteProvisionedConcurrencyConfig, StepReasonKind::Undeclared);
            draft.frees = vec![account, reserved, provisioned];
            return vec![draft];
        };
        let reason = match work.live {
            None => StepReasonKind::NotSet.into(),
            Some(live) if live.value.failed == Some(true) => StepReasonKind::AllocationFailed.into(),
            Some(live) => StepReason::live_value(
                "provisioned_concurrent_executions",
                live.value.provisioned_concurrent_executions,
            ),
        };
        let mut draft = PlannedWrite::new(Operation::PutProvisionedConcurrencyConfig, reason);
        if before.is_some_and(|before| desired.provisioned_concurrent_executions < before) {
            draft.frees = vec![account, reserved, provisioned];
        } else {
            draft.takes = vec![account, reserved];
        }
        vec![draft]
    }
}

impl crate::resource::ApplyWrites for ProvisionedConcurrency {
    fn request(operation: Operation, doing: &WriteRequest<'_, ProvisionedConcurrency>) -> anyhow::Result<Call> {
        let (function, qualifier) = (doing.at.outer(), doing.at.own());
        Ok(match (operation, &doing.desired) {
            (Operation::PutProvisionedConcurrencyConfig, Some(spec)) => {
                PutProvisionedConcurrencyConfigInputBuilder::default()
                    .function_name(function)
                    .qualifier(qualifier)
                    .provisioned_concurrent_executions(spec.provisioned_concurrent_executions)
                    .call()
            }
            _ => DeleteProvisionedConcurrencyConfigInputBuilder::default()
                .function_name(function)
                .qualifier(qualifier)
                .call(),
        })
    }

    fn read_response(
        at: &ResourceRef,
        _desired: Option<&ProvisionedConcurrency>,
        reply: &Reply,
    ) -> Option<Observed<ProvisionedConcurrency>> {
        match reply {
            Reply::PutProvisionedConcurrencyConfig(reply) => observed(
                at,
                reply.requested_provisioned_concurrent_executions(),
                reply.status(),
                reply.status_reason().unwrap_or_default(),
            ),
            Reply::GetProvisionedConcurrencyConfig(reply) => observed(
                at,
                reply.requested_provisioned_concurrent_executions(),
                reply.status(),
                reply.status_reason().unwrap_or_default(),
            ),
            _ => None,
        }
    }

    fn poll(at: &ResourceRef, operation: Operation, _last: Option<&Observed<ProvisionedConcurrency>>) -> Option<Call> {
        // A deletion is done when it is answered.
        (operation != Operation::DeleteProvisionedConcurrencyConfig).then(|| reading(at).call())
    }
}

fn listing(function: &str) -> ListProvisionedConcurrencyConfigsInputBuilder {
    ListProvisionedConcurrencyConfigsInputBuilder::default().function_name(function)
}

fn reading(at: &ResourceRef) -> GetProvisionedConcurrencyConfigInputBuilder {
    GetProvisionedConcurrencyConfigInputBuilder::default().function_name(at.outer()).qualifier(at.own())
}

/// Whether the server answered without knowing the listing: AWS always sends the list, if only an empty one.
fn is_unmodelled(pages: &[&ListProvisionedConcurrencyConfigsOutput]) -> bool {
    // A listing of nothing at all is what is made of a 404, which some servers answer for a function that is there.
    pages.is_empty() || pages.iter().any(|page| page.provisioned_concurrency_configs.is_none())
}

/// The alias or version that an item is for, if it is one of this function.
fn qualifier_of<'i>(item: &'i ProvisionedConcurrencyConfigListItem, at: &ResourceRef) -> Option<&'i str> {
    let (arn, qualifier) = item.function_arn()?.rsplit_once(':')?;
    arn.ends_with(&format!(":function:{}", at.outer())).then_some(qualifier)
}

/// The version for which a declaration provisions: the one that its alias names, or the number that it stands at.
fn provisioned_version<'a>(address: &'a Address, around: &'a dyn Context) -> Option<&'a str> {
    match around.get::<Alias>(&address.sibling(KindId::Alias)) {
        Some(alias) => Some(&alias.function_version),
        None => address.keys.get(1).map(String::as_str),
    }
}

fn observed(
    at: &ResourceRef,
    requested: Option<i32>,
    status: Option<&ProvisionedConcurrencyStatusEnum>,
    reason: &str,
) -> Option<Observed<ProvisionedConcurrency>> {
    let failed = status == Some(&ProvisionedConcurrencyStatusEnum::Failed);
    let value = ProvisionedConcurrency { provisioned_concurrent_executions: requested?, failed: Some(failed) };
    let mut live = Observed::new(at.own(), value);
    live.state = match status {
        Some(ProvisionedConcurrencyStatusEnum::Failed) => {
            State::Failed { code: "FAILED".to_owned(), reason: reason.to_owned() }
        }
        Some(ProvisionedConcurrencyStatusEnum::InProgress) => {
            State::updating("the allocation of provisioned concurrency")
        }
        _ => State::Settled,
    };
    Some(live)
}

/// What is declared for the other aliases and versions of the same function.
fn beside(at: &ResourceRef, around: &dyn Context) -> Vec<(Address, i64)> {
    let all = around.below(ProvisionedConcurrency::KIND, &at.address.keys[..1]).into_iter();
    let others = all.filter(|other| **other != at.address);
    let executions = |other: &Address| {
        Some(i64::from(around.get::<ProvisionedConcurrency>(other)?.provisioned_concurrent_executions))
    };
    others.filter_map(|other| Some((other.clone(), executions(other)?))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::{Action, Change};
    use crate::resource::testing::{self, TestContext};
    use crate::resource::{Observe as _, PlanWrites as _};
    use crate::wire::ReadResult;

    fn at() -> ResourceRef {
        testing::at(KindId::ProvisionedConcurrency, &["orders", "live"])
    }

    fn spec(executions: i32) -> ProvisionedConcurrency {
        ProvisionedConcurrency { provisioned_concurrent_executions: executions, failed: Some(false) }
    }

    fn codes(executions: i32, beside: &[(&str, Value)]) -> Vec<&'static str> {
        testing::broken(&spec(executions), &at(), &crate::kinds::testing::declaring(beside))
    }

    #[test]
    fn each_rule_finds_its_mistake_and_leaves_what_is_right_alone() {
        let alias = |version: &str| ("alias/orders/live", json!({"function_version": version}));
        let reserved = |n: i64| ("reserved_concurrency/orders", json!({"reserved_concurrent_executions": n}));
        let other = ("provisioned_concurrency/orders/canary", json!({"provisioned_concurrent_executions": 3}));
        let next = |version: &str| ("alias/orders/canary", json!({"function_version": version}));
        let shared = json!({"function_version": "1", "routing_config": {"additional_version_weights": {"2": 0.1}}});
        assert_eq!(codes(4, &[alias("7"), reserved(7), other.clone(), next("8")]), [""; 0]);
        assert_eq!(codes(4, &[alias("$LATEST")]), ["V065"]);
        assert_eq!(codes(4, &[alias("7"), reserved(6), other.clone(), next("8")]), ["V066"]);
        assert_eq!(codes(1, &[alias("7"), reserved(0)]), ["V066"]);
        assert_eq!(codes(4, &[alias("published"), other, next("published")]), ["V067"]);
        assert_eq!(codes(4, &[("alias/orders/live", shared)]), ["V068"]);
        let fixed = |number: &str| {
            let at = testing::at(KindId::ProvisionedConcurrency, &["orders", number]);
            let beside = [alias("7"), ("provisioned_concurrency/orders/live", json!({}))];
            testing::broken(&spec(1), &at, &crate::kinds::testing::declaring(&beside))
        };
        assert_eq!(fixed("8"), [""; 0]);
        assert_eq!(fixed("seven"), ["V132"]);
        let function = |value: Value| ("function/orders", value);
        let codes = |executions: i32, beside: &[(&str, Value)]| codes(executions, &[beside, &[alias("7")]].concat());
        assert_eq!(codes(4, &[function(json!({"snap_start": {"apply_on": "PublishedVersions"}}))]), ["V028"]);
        assert_eq!(codes(4, &[function(json!({"tenancy_config": {"tenant_isolation_mode": "PER_TENANT"}}))]), ["V033"]);
        assert_eq!(codes(4, &[function(json!({"snap_start": {"apply_on": "None"}, "tenancy_config": null}))]), [""; 0]);
    }

    #[test]
    fn the_listing_suffices_where_the_server_knows_it() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders:";
        let fixed = ProvisionedConcurrencyConfigListItem::builder().function_arn(format!("{arn}7"));
        let item = ProvisionedConcurrencyConfigListItem::builder()
            .function_arn(format!("{arn}live"))
            .requested_provisioned_concurrent_executions(4)
            .status(ProvisionedConcurrencyStatusEnum::Failed)
            .status_reason("FUNCTION_ERROR_INIT_FAILURE")
            .build();
        let mut cache = ReadCache::default();
        let reply = ListProvisionedConcurrencyConfigsOutput::builder()
            .provisioned_concurrency_configs(item)
            .provisioned_concurrency_configs(fixed.build())
            .build();
        cache.insert(
            &listing("orders").call(),
            ReadResult::Pages(vec![Reply::ListProvisionedConcurrencyConfigs(Box::new(reply))]),
        );
        assert!(testing::wanted(ProvisionedConcurrency::observe(&at(), None, &cache)).is_empty());
        let live = ProvisionedConcurrency::observe(&at(), None, &cache).unwrap().unwrap();
        assert_eq!(live.value.failed, Some(true));
        let function = testing::at(KindId::Function, &["orders"]);
        let found = ProvisionedConcurrency::discover(&function, &TestContext::default(), &cache).unwrap();
        let found: Vec<_> = found.iter().map(|found| found.at.address.to_string()).collect();
        assert_eq!(found, ["provisioned_concurrency/orders/7"]);
        assert!(matches!(live.state, State::Failed { reason, .. } if reason == "FUNCTION_ERROR_INIT_FAILURE"));

        let unmodelled = ListProvisionedConcurrencyConfigsOutput::builder().build();
        cache.insert(
            &listing("orders").call(),
            ReadResult::Pages(vec![Reply::ListProvisionedConcurrencyConfigs(Box::new(unmodelled))]),
        );
        assert_eq!(testing::wanted(ProvisionedConcurrency::observe(&at(), None, &cache)), [reading(&at()).call()]);
    }

    #[test]
    fn lowering_makes_room_and_raising_takes_it() {
        let draft = |before: Option<i32>, after: Option<i32>| {
            let (live, desired) = (before.map(|before| Observed::new("live", spec(before))), after.map(spec));
            let changes: &[Change] = &[];
            let at = at();
            let work = WriteContext {
                at: &at,
                action: Action::Update,
                desired: desired.as_ref(),
                live: live.as_ref(),
                changes,
            };
            let draft = ProvisionedConcurrency::writes(&work).remove(0);
            (draft.operation.name(), !draft.frees.is_empty(), !draft.takes.is_empty())
        };
        assert_eq!(draft(None, Some(2)), ("PutProvisionedConcurrencyConfig", false, true));
        assert_eq!(draft(Some(4), Some(2)), ("PutProvisionedConcurrencyConfig", true, false));
        assert_eq!(draft(Some(4), None), ("DeleteProvisionedConcurrencyConfig", true, false));
    }
}
