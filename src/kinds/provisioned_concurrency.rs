//! Provisioned concurrency: environments kept warm for an alias.
//!
//! AWS's quirks: it takes minutes and can fail; while an alias moves AWS reallocates it by itself; it counts inside the
//! function's reserved concurrency, so a reservation is raised before it and lowered after it; a failed configuration
//! stays and has to be put again; no RevisionId guards it.
//! [AWS: PutProvisionedConcurrencyConfig](https://docs.aws.amazon.com/lambda/latest/api/API_PutProvisionedConcurrencyConfig.html).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Around, At, Attributes, Doing, Draft, Found, Live, State, Work};
use crate::model::{Action, Address, Findings};
use crate::wire::{
    Call, DeleteProvisionedConcurrencyConfigInputBuilder, GetProvisionedConcurrencyConfigInputBuilder,
    ListProvisionedConcurrencyConfigsInputBuilder, Operation, PutProvisionedConcurrencyConfigInputBuilder, Reply, Seen,
    Unread,
};

/// The kind's line in the table.
pub struct Room;

/// Execution environments that are kept ready for an alias.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvisionedConcurrency {
    /// Environments to keep ready; at least 1.
    #[schemars(range(min = 1))]
    pub provisioned_concurrent_executions: i32,
    /// Whether Lambda gave up on it, so that it has to be asked again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub failed: Option<bool>,
}

impl super::Room for Room {
    type Spec = ProvisionedConcurrency;
    const NAME: &'static str = "provisioned_concurrency";
    const PLACES: &'static [&'static str] = &["functions.*.aliases.*.provisioned_concurrent_executions"];
    const EXAMPLE: &'static str = r#"
version: 1
stack: example
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
    aliases:
      live: {function_version: published, provisioned_concurrent_executions: 4}
"#;
    const SHORTHAND: Option<&'static str> = Some("provisioned_concurrent_executions");

    fn check(&self, spec: &ProvisionedConcurrency, at: &At, around: &dyn Around, findings: &mut Findings) {
        let field =
            |address: Address, field: &str| around.declared(&address).and_then(|value| value.get(field).cloned());
        let alias = Address::new("alias", &at.address.keys);
        let function = Address::new("function", &at.address.keys[..1]);
        let version = field(alias.clone(), "function_version");
        if version.as_ref().and_then(|version| version.as_str()).is_some_and(|version| version.starts_with('$')) {
            findings.error(
                "V065",
                "",
                "provisioned concurrency is for published versions, and the alias points to $LATEST",
            );
        }
        if field(alias, "routing_config").is_some() {
            findings.warning(
                "V068",
                "",
                "the alias shares its traffic, and AWS splits the environments in the same way",
            );
        }
        let reserved = Address::new("reserved_concurrency", &at.address.keys[..1]);
        let reserved = field(reserved, "reserved_concurrent_executions").and_then(|reserved| reserved.as_i64());
        let siblings =
            around.all("provisioned_concurrency").into_iter().filter(|other| other.keys[0] == at.address.keys[0]);
        let total: i64 = siblings
            .filter_map(|other| around.declared(other)?.get("provisioned_concurrent_executions")?.as_i64())
            .sum();
        if let Some(reserved) = reserved.filter(|reserved| *reserved < total) {
            findings
                .error("V066", "", format!("the function provisions {total}, and reserves {reserved}"))
                .help("reserve at least as many as are provisioned");
        }
        let snap = field(function.clone(), "snap_start").and_then(|snap| snap.get("apply_on").cloned());
        if snap.is_some_and(|on| on == "PublishedVersions") {
            findings.error("V028", "", "provisioned concurrency and SnapStart exclude each other");
        }
        if field(function, "tenancy_config").is_some() {
            findings.error("V033", "", "provisioned concurrency and tenant isolation exclude each other");
        }
        let _ = spec;
    }

    fn complete(&self, spec: &mut ProvisionedConcurrency, _at: &At, _package: Option<&crate::model::Package>) {
        spec.failed = Some(false);
    }

    fn reads(&self, at: &At, _desired: Option<&ProvisionedConcurrency>, seen: &Seen) -> Vec<Call> {
        let list = listing(at.outer());
        match seen.pages(list.clone()) {
            Err(Unread::NotAsked(_)) => vec![list.call()],
            // Some servers know one configuration and cannot list them, which looks like having none.
            Ok(pages) if pages.iter().all(|page| page.provisioned_concurrency_configs().is_empty()) => {
                let one = reading(at).call();
                if seen.has(&one) { Vec::new() } else { vec![one] }
            }
            _ => Vec::new(),
        }
    }

    fn live(
        &self,
        at: &At,
        _desired: Option<&ProvisionedConcurrency>,
        seen: &Seen,
    ) -> Result<Option<Live<ProvisionedConcurrency>>, Unread> {
        let arn = at.scope.arn(&format!("function:{}:{}", at.outer(), at.own()));
        for page in seen.pages(listing(at.outer()))? {
            let found =
                page.provisioned_concurrency_configs().iter().find(|config| config.function_arn() == Some(&arn));
            if let Some(config) = found {
                let status = config.status().map(|status| status.as_str());
                return Ok(Some(observed(
                    config.requested_provisioned_concurrent_executions(),
                    status,
                    config.status_reason(),
                )));
            }
        }
        // The reading of one is only there where the listing showed none at all.
        let Ok(Some(one)) = seen.reply(reading(at)) else { return Ok(None) };
        let status = one.status().map(|status| status.as_str());
        Ok(Some(observed(one.requested_provisioned_concurrent_executions(), status, one.status_reason())))
    }

    fn found_reads(&self, parent: &At, _around: &dyn Around, seen: &Seen) -> Vec<Call> {
        let list = listing(parent.outer()).call();
        if seen.has(&list) { Vec::new() } else { vec![list] }
    }

    fn found(&self, parent: &At, _around: &dyn Around, seen: &Seen) -> Result<Vec<Found>, Unread> {
        let live = self.live(parent, None, seen)?;
        Ok(live.into_iter().map(|live| Found { identity: live.identity, surplus: None }).collect())
    }

    fn attributes(
        &self,
        _at: &At,
        _after: &ProvisionedConcurrency,
        _live: Option<&Live<ProvisionedConcurrency>>,
        _action: Action,
    ) -> Attributes {
        Attributes::new()
    }

    fn drafts(&self, work: &Work<'_, ProvisionedConcurrency>) -> Vec<Draft> {
        let reserved = format!("reserved concurrency of {}", work.at.outer());
        let room = format!("room below the provisioned concurrency of {}", work.at.outer());
        let before = work.live.map(|live| live.value.provisioned_concurrent_executions);
        let mut draft = match (before, work.desired) {
            (_, None) => Draft::new("DeleteProvisionedConcurrencyConfig", "the spec no longer names it"),
            (Some(before), Some(_)) => {
                Draft::new("PutProvisionedConcurrencyConfig", format!("{before} are provisioned"))
            }
            (None, Some(_)) => Draft::new("PutProvisionedConcurrencyConfig", "none are provisioned"),
        };
        let after = work.desired.map_or(0, |desired| desired.provisioned_concurrent_executions);
        if after < before.unwrap_or(0) {
            draft.frees = vec![room];
        } else {
            draft.takes = vec![reserved];
        }
        vec![draft]
    }

    fn call(&self, _operation: &str, doing: &Doing<'_, ProvisionedConcurrency>) -> anyhow::Result<Call> {
        let (function, alias) = (doing.at.outer(), doing.at.own());
        Ok(match &doing.desired {
            Some(spec) => PutProvisionedConcurrencyConfigInputBuilder::default()
                .function_name(function)
                .qualifier(alias)
                .provisioned_concurrent_executions(spec.provisioned_concurrent_executions)
                .call(),
            None => DeleteProvisionedConcurrencyConfigInputBuilder::default()
                .function_name(function)
                .qualifier(alias)
                .call(),
        })
    }

    fn reply(
        &self,
        _at: &At,
        _desired: Option<&ProvisionedConcurrency>,
        reply: &Reply,
    ) -> Option<Live<ProvisionedConcurrency>> {
        let (requested, status, reason) = match reply {
            Reply::PutProvisionedConcurrencyConfig(reply) => {
                (reply.requested_provisioned_concurrent_executions(), reply.status(), reply.status_reason())
            }
            Reply::GetProvisionedConcurrencyConfig(reply) => {
                (reply.requested_provisioned_concurrent_executions(), reply.status(), reply.status_reason())
            }
            _ => return None,
        };
        let status = status.map(|status| status.as_str());
        let mut live = observed(requested, status, reason);
        if status == Some("FAILED") {
            let reason = reason.unwrap_or("Lambda gives no reason").to_owned();
            live.state = State::Failed { code: "FAILED".to_owned(), reason };
        }
        Some(live)
    }

    fn poll(&self, at: &At, operation: &str, _last: Option<&Live<ProvisionedConcurrency>>) -> Option<Call> {
        (operation != "DeleteProvisionedConcurrencyConfig").then(|| reading(at).call())
    }
}

fn listing(function: &str) -> ListProvisionedConcurrencyConfigsInputBuilder {
    ListProvisionedConcurrencyConfigsInputBuilder::default().function_name(function)
}

fn reading(at: &At) -> GetProvisionedConcurrencyConfigInputBuilder {
    GetProvisionedConcurrencyConfigInputBuilder::default().function_name(at.outer()).qualifier(at.own())
}

/// A failed one is there and does nothing, which shows as a change: putting it again is what mends it.
fn observed(requested: Option<i32>, status: Option<&str>, reason: Option<&str>) -> Live<ProvisionedConcurrency> {
    let failed = status == Some("FAILED");
    let value = ProvisionedConcurrency {
        provisioned_concurrent_executions: requested.unwrap_or_default(),
        failed: Some(failed),
    };
    let mut live = Live::new("provisioned", value);
    if status == Some("IN_PROGRESS") {
        live.state = State::Settling("provisioned concurrency IN_PROGRESS".to_owned());
    }
    if failed {
        live.notes.push(format!("Lambda could not provision it: {}", reason.unwrap_or("no reason given")));
    }
    live
}
