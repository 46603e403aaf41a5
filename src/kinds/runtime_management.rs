//! Runtime management: when Lambda moves a function, or one of its versions, to a newer build of its runtime.
//!
//! AWS's quirks: it is always there and cannot be deleted, so deleting it is putting AWS's default; a version takes what holds for the function when it is published, so publishing comes after;
//! an image has no runtime and is not even asked. It takes no RevisionId, and AWS does not say whether it moves the
//! function's, so the function is read again before it is published.
//! [AWS: PutRuntimeManagementConfig](https://docs.aws.amazon.com/lambda/latest/api/API_PutRuntimeManagementConfig.html).

pub mod catalog;

use aws_sdk_lambda::types::{PackageType, UpdateRuntimeOn};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{function, version};
use crate::kinds::function::Function;
use crate::model::{Findings, KindId, StepReason, StepReasonKind};
use crate::resource::Declare as _;
use crate::resource::{
    Context, Discovered, Lifecycle, Links, Observed, PlannedWrite, ResourceRef, WriteContext, WriteRequest,
};
use crate::wire::{
    Call, GetRuntimeManagementConfigInputBuilder, Missing, Operation, PutRuntimeManagementConfigInputBuilder,
    ReadCache, Reply, TypedCall,
};

/// What Lambda calls the function itself.
const LATEST: &str = "$LATEST";

/// AWS's default.
const AUTO: &str = "Auto";

/// When the runtime of a function or of a version is updated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuntimeManagement {
    /// `Auto` as AWS rolls builds out, `FunctionUpdate` whenever the function is updated, `Manual` never.
    #[serde(default = "auto")]
    #[schemars(extend("enum" = ["Auto", "Manual", "FunctionUpdate"]))]
    pub update_runtime_on: String,
    /// The ARN of the build to stay at; with `Manual`, and only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 26, max = 2048),
        regex(
            pattern = r"^((arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}::runtime:.+)|(arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:runtime/[A-Za-z0-9_.-]{1,128}/version/[A-Za-z0-9_.-]{1,128}))$"
        )
    )]
    pub runtime_version_arn: Option<String>,
}

fn auto() -> String {
    AUTO.to_owned()
}

impl crate::resource::Declare for RuntimeManagement {
    const KIND: KindId = KindId::RuntimeManagement;
    const PLACES: &'static [&'static str] =
        &["functions.*.runtime_management_config", "functions.*.versions.*.runtime_management_config"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    publish: true
    runtime_management_config: {update_runtime_on: FunctionUpdate}
    versions:
      "1":
        runtime_management_config:
          update_runtime_on: Manual
          runtime_version_arn: "arn:aws:lambda:us-east-1::runtime:0123456789abcdef"
"#
    );

    fn lifecycle() -> Lifecycle {
        Lifecycle { created_with_parent: true, ..Lifecycle::default() }
    }

    fn check(spec: &RuntimeManagement, at: &ResourceRef, around: &dyn Context, findings: &mut Findings) {
        version::check_number(at, around, findings);
        match (spec.update_runtime_on.as_str(), &spec.runtime_version_arn) {
            ("Manual", None) => findings
                .error("V094", "", "`Manual` stays at one build of the runtime, and none is named")
                .help("add `runtime_version_arn: …`; the function's logs name the one in use"),
            ("Auto" | "FunctionUpdate", Some(_)) => findings
                .error("V094", "runtime_version_arn", "a build of the runtime is named with `Manual` only")
                .help("take it away, or write `update_runtime_on: Manual`"),
            _ => {}
        }
        let function = around.get::<Function>(&at.address.outermost(KindId::Function));
        if function.is_some_and(|function| function.code.image.is_some()) {
            findings
                .warning("V095", "", "a container image brings its own runtime, so AWS has none to update")
                .help("take the runtime management away");
        }
    }

    fn links(_spec: &RuntimeManagement, at: &ResourceRef) -> Links {
        // A number may be that of the version which the same plan publishes; the configuration of the function itself
        // comes before the publication.
        let is_version = at.address.keys.len() > 1;
        Links::after(is_version.then(|| at.address.outermost(KindId::Version)).into_iter().collect())
    }
}

impl crate::resource::Observe for RuntimeManagement {
    fn observe(
        at: &ResourceRef,
        _desired: Option<&RuntimeManagement>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<RuntimeManagement>>, Missing> {
        if !has_runtime(at, cache)? {
            return Ok(None);
        }
        let set = cache.reply(reading(at))?.and_then(|reply| reply.update_runtime_on().map(|on| (on, reply)));
        Ok(set.map(|(on, reply)| observed(at, on, reply.runtime_version_arn().map(str::to_owned))))
    }

    fn discover(parent: &ResourceRef, _around: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        // What a published version took along is its history, and costs a read each; AWS's default says nothing.
        let live = Self::observe(parent, None, cache)?.filter(|live| live.value.update_runtime_on != AUTO);
        Ok(Discovered::beside(parent, Self::KIND, live))
    }
}

impl crate::resource::PlanWrites for RuntimeManagement {
    fn writes(work: &WriteContext<'_, RuntimeManagement>) -> Vec<PlannedWrite> {
        let is_function = work.at.names.len() == 1;
        let reason = match (work.desired, work.live) {
            (None, _) => StepReasonKind::Undeclared.into(),
            // A new function is at the default by itself, and a new version as the function is.
            (Some(desired), None) if desired.update_runtime_on == AUTO && is_function => return Vec::new(),
            (_, live) => {
                let now = live.map_or(AUTO, |live| live.value.update_runtime_on.as_str());
                StepReason::live_value("update_runtime_on", now)
            }
        };
        let draft = PlannedWrite::new(Operation::PutRuntimeManagementConfig, reason);
        let function = work.at.address.outermost(KindId::Function);
        vec![if is_function { draft.moving(function) } else { draft }]
    }
}

impl crate::resource::ApplyWrites for RuntimeManagement {
    fn request(_operation: Operation, doing: &WriteRequest<'_, RuntimeManagement>) -> anyhow::Result<Call> {
        let on = doing.desired.as_ref().map_or(AUTO, |desired| desired.update_runtime_on.as_str());
        Ok(PutRuntimeManagementConfigInputBuilder::default()
            .function_name(doing.at.outer())
            .qualifier(qualifier(doing.at))
            .update_runtime_on(UpdateRuntimeOn::from(on))
            .set_runtime_version_arn(doing.desired.as_ref().and_then(|desired| desired.runtime_version_arn.clone()))
            .call())
    }

    fn read_response(
        at: &ResourceRef,
        _desired: Option<&RuntimeManagement>,
        reply: &Reply,
    ) -> Option<Observed<RuntimeManagement>> {
        match reply {
            Reply::PutRuntimeManagementConfig(reply) => {
                Some(observed(at, reply.update_runtime_on(), reply.runtime_version_arn().map(str::to_owned)))
            }
            _ => None,
        }
    }
}

fn reading(at: &ResourceRef) -> GetRuntimeManagementConfigInputBuilder {
    GetRuntimeManagementConfigInputBuilder::default().function_name(at.outer()).qualifier(qualifier(at))
}

/// The version that it is for.
fn qualifier(at: &ResourceRef) -> &str {
    at.names.get(1).map_or(LATEST, String::as_str)
}

/// Whether the function is there and has a runtime of AWS; AWS refuses to be asked about an image.
fn has_runtime(at: &ResourceRef, cache: &ReadCache) -> Result<bool, Missing> {
    let reply = cache.reply(function::reading(at.outer()))?;
    let config = reply.and_then(|reply| reply.configuration());
    Ok(config.is_some_and(|config| config.package_type() != Some(&PackageType::Image)))
}

fn observed(at: &ResourceRef, on: &UpdateRuntimeOn, build: Option<String>) -> Observed<RuntimeManagement> {
    let value = RuntimeManagement { update_runtime_on: on.as_str().to_owned(), runtime_version_arn: build };
    Observed::new(qualifier(at), value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Action;
    use crate::resource::PlanWrites as _;
    use crate::resource::testing::{self, TestContext};

    fn at(names: &[&str]) -> ResourceRef {
        testing::at(KindId::RuntimeManagement, names)
    }

    fn spec(on: &str, build: Option<&str>) -> RuntimeManagement {
        RuntimeManagement { update_runtime_on: on.to_owned(), runtime_version_arn: build.map(str::to_owned) }
    }

    #[test]
    fn a_build_is_named_with_manual_and_only_then() {
        let codes = |on: &str, build: Option<&str>, names: &[&str]| {
            testing::broken(&spec(on, build), &at(names), &TestContext::default())
        };
        assert_eq!(codes("Manual", None, &["orders"]), ["V094"]);
        assert_eq!(codes("Auto", Some("arn"), &["orders"]), ["V094"]);
        assert_eq!(codes("Manual", Some("arn"), &["orders"]), [""; 0]);
        assert_eq!(codes("FunctionUpdate", None, &["orders", "7"]), [""; 0]);
        assert_eq!(codes("FunctionUpdate", None, &["orders", "live"]), ["V132"]);
    }

    #[test]
    fn a_new_function_needs_no_default_and_a_new_version_may() {
        let drafts = |names: &[&str]| {
            let (at, desired) = (at(names), spec(AUTO, None));
            let work =
                WriteContext { at: &at, action: Action::Create, desired: Some(&desired), live: None, changes: &[] };
            RuntimeManagement::writes(&work)
        };
        assert_eq!(drafts(&["orders"]), []);
        assert_eq!(drafts(&["orders", "7"]).len(), 1);
        assert_eq!(drafts(&["orders", "7"])[0].moves, None);
    }
}
