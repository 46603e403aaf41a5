//! Published version: a frozen copy of a function's code and configuration, known by its content and not by its number.
//!
//! A version is published when what the function will be differs from the newest healthy version, field by field and by
//! CodeSha256. AWS's quirks: publishing twice without an update in between gives the same version again; a version whose
//! start-up failed stays, and would be given again too, so the function is touched before the next try; listings do not
//! tell a version's state, but an alias that points to it does, because AWS refuses to point one to a failed version.
//! [AWS: PublishVersion](https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html).

pub mod catalog;
mod content;
pub(super) mod listing;
mod retention;

use anyhow::Context as _;
use aws_sdk_lambda::types::FunctionVersionLatestPublished;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::function::{self, Function};
use crate::kinds::shared::retention::NewerVersions;
use crate::model::{Action, FieldPath, Findings, KindId, StepReasonKind};
use crate::resource::Extra;
use crate::resource::{
    Attribute, Attributes, Context, Derived, Discovered, Lifecycle, Links, Observed, PlannedWrite, PreconditionKind,
    ResourceRef, State, WriteContext, WriteRequest,
};
use crate::wire::{
    Call, DeleteFunctionInputBuilder, Missing, Operation, PublishVersionInputBuilder, ReadCache, Reply, TypedCall,
    UpdateFunctionConfigurationInputBuilder,
};
use content::{empty, frozen, observed, slot, within};
use listing::{Newest, number, reading};

/// The one version of a function on managed instances that is published again and again.
pub const LATEST_PUBLISHED: &str = "$LATEST.PUBLISHED";

/// Publishing of a function. An alias that asks for `published` brings it into being with these defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// Whether the function publishes.
    #[serde(default = "yes")]
    #[schemars(extend("x-source" = true))]
    pub enabled: bool,
    /// The description of the versions to come; at most 256 characters. By itself it is no reason to publish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256), extend("x-source" = true))]
    pub description: Option<String>,
    /// How many of the newest versions to keep. Versions that an alias, a mapping or provisioned concurrency uses are kept beside them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("x-source" = true))]
    pub retain_versions: Option<u32>,
    /// `LATEST_PUBLISHED` publishes to the one version `$LATEST.PUBLISHED` again and again, instead of to a new number each time; for functions on managed instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["LATEST_PUBLISHED"], "x-source" = true))]
    pub publish_to: Option<String>,
    /// What the version freezes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub content: Option<Box<Function>>,
}

/// The versions of a function beside the one that it is compared with.
pub struct History {
    /// The number of the newest version of all.
    pub newest: u64,
    /// The content of the newest version, if it could not start.
    failed: Option<Function>,
}

impl History {
    fn of(live: &Observed<Version>) -> Option<&History> {
        live.extra.get()
    }
}

fn yes() -> bool {
    true
}

impl crate::resource::Declare for Version {
    const KIND: KindId = KindId::Version;
    const PLACES: &'static [&'static str] = &["functions.*.publish"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    publish: {description: the first of its kind, retain_versions: 3}
"#
    );
    const SHORTHAND: Option<&'static str> = Some("enabled");

    fn lifecycle() -> Lifecycle {
        Lifecycle { implied: true, ..Lifecycle::default() }
    }

    fn check(spec: &Version, at: &ResourceRef, around: &dyn Context, findings: &mut Findings) {
        let function = around.get::<Function>(&at.address.outermost(KindId::Function));
        let is_managed = function.is_some_and(|function| function.capacity_provider_config.is_some());
        if spec.publish_to.is_some() && !is_managed {
            findings
                .error("V047", "publish_to", "only functions on managed instances have a version $LATEST.PUBLISHED")
                .help("take `publish_to` away, so that numbers are published");
        }
    }

    fn links(_spec: &Version, at: &ResourceRef) -> Links {
        // Publishing freezes the runtime management of the function.
        Links::after(vec![at.address.outermost(KindId::RuntimeManagement)])
    }
}

impl crate::resource::Observe for Version {
    fn observe(
        at: &ResourceRef,
        desired: Option<&Version>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<Version>>, Missing> {
        if is_slot(desired) {
            let reply = cache.reply(reading(at.outer(), LATEST_PUBLISHED))?;
            return Ok(reply.and_then(|reply| reply.configuration()).map(|config| slot(at, config)));
        }
        let numbers = listing::numbered(at.outer(), cache)?;
        if let [_, own] = at.names.as_slice() {
            let Some(place) = numbers.iter().position(|config| config.version() == Some(own)) else { return Ok(None) };
            let mut live = observed(at, numbers[place]);
            live.extra = Extra::of(NewerVersions(place));
            return Ok(Some(live));
        }
        // Discovery will ask what uses the old versions, which takes no round of its own if it is read here.
        let retained = desired.and_then(|desired| desired.retain_versions);
        let uses = retained.map_or(Ok(()), |keep| retention::uses(at.outer(), keep, cache).map(drop));
        let (Newest { healthy, failed }, ()) = Missing::join(listing::newest(at.outer(), cache), uses)?;
        let Some(newest) = numbers.first().and_then(|config| number(config)) else { return Ok(None) };
        let mut live = match healthy {
            Some(config) => observed(at, config),
            // Nothing healthy was ever published, and still the next number is not 1.
            None => Observed::new("", empty()),
        };
        let failed_content = failed.map(|config| frozen(function::configuration(config)));
        live.extra = Extra::of(History { newest, failed: failed_content });
        if let Some(failed) = failed {
            live.notes.push(format!(
                "version {} could not start, and does not count as published",
                failed.version().unwrap_or("?")
            ));
        }
        Ok(Some(live))
    }

    fn discover(parent: &ResourceRef, around: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        let address = parent.address.sibling(KindId::Version);
        match around.get::<Version>(&address).and_then(|desired| desired.retain_versions) {
            Some(keep) => retention::candidates(parent, keep, around, cache),
            // Old versions are history and not unmanaged.
            None => Ok(Vec::new()),
        }
    }

    fn still_surplus(at: &ResourceRef, live: &Observed<Version>, around: &dyn Context) -> bool {
        retention::is_surplus(at, live, around)
    }
}

impl crate::resource::PlanWrites for Version {
    fn derive_from_plan(spec: &mut Version, at: &ResourceRef, around: &dyn Context) -> Derived {
        // What is ignored on the function is no reason to publish it.
        let ignored = around.ignored(&at.address.outermost(KindId::Function));
        let mut derived = Derived { ignore: ignored.iter().map(within).collect(), ..Derived::default() };
        if let Some((content, pending)) = content::planned(at, around) {
            spec.content = Some(Box::new(content));
            derived.pending = pending;
        }
        derived
    }

    fn attributes(at: &ResourceRef, after: &Version, live: Option<&Observed<Version>>, action: Action) -> Attributes {
        let attribute = |live: &Observed<Version>, name| live.attributes.get(name).cloned();
        if let Some(version) = live.filter(|_| action == Action::Keep).and_then(|live| attribute(live, "version")) {
            let arn = json!(arn(at, version.as_str().unwrap_or_default()));
            return Attributes::from([("version", Attribute::Known(version)), ("arn", Attribute::Known(arn))]);
        }
        if is_slot(Some(after)) {
            let known = |value: serde_json::Value| Attribute::Known(value);
            let arn = json!(arn(at, LATEST_PUBLISHED));
            return Attributes::from([("version", known(json!(LATEST_PUBLISHED))), ("arn", known(arn))]);
        }
        let next = (live.and_then(History::of).map_or(0, |history| history.newest) + 1).to_string();
        let arn = json!(arn(at, &next));
        Attributes::from([("version", Attribute::Predicted(json!(next))), ("arn", Attribute::Predicted(arn))])
    }

    fn writes(work: &WriteContext<'_, Version>) -> Vec<PlannedWrite> {
        let Some(desired) = work.desired else {
            return vec![PlannedWrite::new(Operation::DeleteFunction, StepReasonKind::Undeclared)];
        };
        if !desired.enabled {
            return Vec::new();
        }
        let function = PreconditionKind::RevisionOf(work.at.address.outermost(KindId::Function));
        let reason = match work.live.and_then(|live| live.attributes.get("version")) {
            Some(version) => StepReasonKind::ContentDiffers { version: crate::model::plain(version) },
            None => StepReasonKind::Unpublished,
        };
        let publish = PlannedWrite::new(Operation::PublishVersion, reason).guarded(function.clone());
        let failed = work.live.and_then(History::of).and_then(|history| history.failed.as_ref());
        let again = failed.is_some() && desired.content.as_deref() == failed;
        let touch = PlannedWrite::new(Operation::UpdateFunctionConfiguration, StepReasonKind::FailedVersion);
        let touch = touch.guarded(function).covering(vec![FieldPath::from("enabled")]);
        if again { vec![touch, publish] } else { vec![publish] }
    }
}

impl crate::resource::ApplyWrites for Version {
    fn request(operation: Operation, doing: &WriteRequest<'_, Version>) -> anyhow::Result<Call> {
        let name = doing.at.outer();
        if operation == Operation::DeleteFunction {
            return Ok(DeleteFunctionInputBuilder::default().function_name(name).qualifier(doing.at.own()).call());
        }
        let spec = doing.desired.as_ref().context("a publication needs a declaration")?;
        let content = spec.content.as_ref().context("it is not known what to publish")?;
        Ok(match operation {
            Operation::UpdateFunctionConfiguration => UpdateFunctionConfigurationInputBuilder::default()
                .function_name(name)
                .set_memory_size(content.memory_size)
                .call(),
            _ => PublishVersionInputBuilder::default()
                .function_name(name)
                .set_code_sha256(content.code.sha256.clone())
                .set_description(spec.description.clone())
                .set_publish_to(spec.publish_to.as_deref().map(FunctionVersionLatestPublished::from))
                .call(),
        })
    }

    fn read_response(at: &ResourceRef, _desired: Option<&Version>, reply: &Reply) -> Option<Observed<Version>> {
        match reply {
            Reply::PublishVersion(reply) => {
                let mut live = Observed::new(reply.version()?, empty());
                live.state = State::creating("it is being published");
                Some(live)
            }
            Reply::GetFunction(reply) => {
                let config = reply.configuration()?;
                let mut live = observed(at, config);
                if number(config).is_none() && config.version() != Some(LATEST_PUBLISHED) {
                    // This is the function itself, touched so that it can be published again.
                    live.identity.clear();
                }
                live.state = function::state(config);
                Some(live)
            }
            _ => None,
        }
    }

    fn poll(at: &ResourceRef, operation: Operation, last: Option<&Observed<Version>>) -> Option<Call> {
        match operation {
            Operation::DeleteFunction => None,
            Operation::PublishVersion => last.map(|last| reading(at.outer(), &last.identity).call()),
            _ => Some(function::reading(at.outer()).call()),
        }
    }
}

/// Whether the function publishes to the one version that has no number.
fn is_slot(desired: Option<&Version>) -> bool {
    desired.is_some_and(|desired| desired.publish_to.is_some())
}

/// Whether the word is the number of a version.
pub fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reports a key of `versions` that is not a number, for the kinds that stand below one.
pub fn check_number(at: &ResourceRef, around: &dyn Context, findings: &mut Findings) {
    let Some(key) = at.address.keys.get(1).filter(|key| !is_number(key)) else { return };
    if around.declared(&at.address.sibling(KindId::Alias)).is_none() {
        findings
            .error("V132", "", format!("`{key}` is not the number of a version"))
            .help("name a published version by its number, or write this below an alias");
    }
}

fn arn(at: &ResourceRef, version: &str) -> String {
    at.scope.arn(&format!("function:{}:{version}", at.outer()))
}

#[cfg(test)]
mod tests;
