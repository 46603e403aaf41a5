//! A function's code signing configuration: whose signatures its code must bear.
//!
//! AWS's quirks: it counts at the next deployment of code, so it is set and taken away before code is updated, and a new
//! function is told in the call that creates it; container images have none, and asking for theirs is an error.
//! [AWS: PutFunctionCodeSigningConfig](https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionCodeSigningConfig.html).

pub mod catalog;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::code_signing_config::unused;
use crate::kinds::code_signing_config::CodeSigningConfig;
use crate::kinds::function::Function;
use crate::kinds::layer::Layer;
use crate::model::{Address, FieldPath, Findings, KindId, StepReasonKind};
use crate::resource::{ApplyWrites as _, Declare as _};
use crate::resource::{
    Context, Derived, Discovered, Lifecycle, Observed, PlannedWrite, ResourceRef, WriteContext, WriteRequest,
};
use crate::wire::{
    Call, DeleteFunctionCodeSigningConfigInputBuilder, FailureClass, GetFunctionCodeSigningConfigInputBuilder, Missing,
    Operation, PutFunctionCodeSigningConfigInputBuilder, ReadCache, Reply, TypedCall,
};

/// The code signing configuration that the function's code is checked against. Only for zip packages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FunctionCodeSigning {
    /// The ARN of a code signing configuration: `${code_signing_configs.NAME.arn}`, or one of another stack.
    #[schemars(
        length(max = 200),
        regex(
            pattern = r"^arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:code-signing-config:csc-[a-z0-9]{17}$"
        )
    )]
    pub code_signing_config_arn: String,
    /// Whether the function is told in the call that creates it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub at_creation: Option<bool>,
}

impl crate::resource::Declare for FunctionCodeSigning {
    const KIND: KindId = KindId::FunctionCodeSigning;
    const PLACES: &'static [&'static str] = &["functions.*.code_signing_config_arn"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    code_signing_config_arn: ${code_signing_configs.ours.arn}
    publish: true
code_signing_configs:
  ours:
    allowed_publishers:
      signing_profile_version_arns: ["arn:aws:signer:${region}:${account}:/signing-profiles/pipeline/a1b2c3d4e5"]
"#
    );
    const SHORTHAND: Option<&'static str> = Some("code_signing_config_arn");

    fn lifecycle() -> Lifecycle {
        Lifecycle { outlives_parent: true, ..Lifecycle::default() }
    }

    fn check(_spec: &FunctionCodeSigning, at: &ResourceRef, around: &dyn Context, findings: &mut Findings) {
        if around.get::<Function>(&function(at)).is_some_and(|function| function.code.image.is_some()) {
            findings
                .error("V091", "code_signing_config_arn", "the code of a container image is not checked by Lambda")
                .help("take it away; images are signed and checked elsewhere");
        }
        unsigned(at, around, findings);
    }
}

impl crate::resource::Observe for FunctionCodeSigning {
    fn observe(
        at: &ResourceRef,
        desired: Option<&FunctionCodeSigning>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<FunctionCodeSigning>>, Missing> {
        let reply = cache.reply(reading(at))?.cloned();
        Ok(reply
            .and_then(|reply| Self::read_response(at, desired, &Reply::GetFunctionCodeSigningConfig(Box::new(reply)))))
    }

    fn discover(parent: &ResourceRef, _around: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        match Self::observe(parent, None, cache) {
            Ok(live) => Ok(Discovered::beside(parent, Self::KIND, live)),
            // This is how Lambda answers for a container image.
            Err(Missing::Failed(failure)) if failure.class == FailureClass::Invalid => Ok(Vec::new()),
            Err(missing) => Err(missing),
        }
    }
}

impl crate::resource::PlanWrites for FunctionCodeSigning {
    fn derive_from_plan(spec: &mut FunctionCodeSigning, at: &ResourceRef, around: &dyn Context) -> Derived {
        let created_with_parent = around.is_made_anew(&function(at));
        spec.at_creation = created_with_parent.then_some(true);
        Derived { created_with_parent, ..Derived::default() }
    }

    fn writes(work: &WriteContext<'_, FunctionCodeSigning>) -> Vec<PlannedWrite> {
        let mut draft = match work.desired {
            Some(desired) if desired.at_creation.is_some() => return Vec::new(),
            Some(_) => PlannedWrite::new(Operation::PutFunctionCodeSigningConfig, StepReasonKind::CheckNextCode),
            None => PlannedWrite::new(Operation::DeleteFunctionCodeSigningConfig, StepReasonKind::Undeclared),
        };
        draft.frees.extend(work.live.map(|live| unused(&live.value.code_signing_config_arn)));
        draft.ahead = true;
        vec![draft]
    }
}

impl crate::resource::ApplyWrites for FunctionCodeSigning {
    fn request(_operation: Operation, doing: &WriteRequest<'_, FunctionCodeSigning>) -> anyhow::Result<Call> {
        let name = doing.at.outer();
        Ok(match &doing.desired {
            Some(spec) => PutFunctionCodeSigningConfigInputBuilder::default()
                .function_name(name)
                .code_signing_config_arn(&spec.code_signing_config_arn)
                .call(),
            None => DeleteFunctionCodeSigningConfigInputBuilder::default().function_name(name).call(),
        })
    }

    fn read_response(
        _at: &ResourceRef,
        _desired: Option<&FunctionCodeSigning>,
        reply: &Reply,
    ) -> Option<Observed<FunctionCodeSigning>> {
        let arn = match reply {
            Reply::PutFunctionCodeSigningConfig(reply) => reply.code_signing_config_arn(),
            Reply::GetFunctionCodeSigningConfig(reply) => reply.code_signing_config_arn(),
            _ => return None,
        };
        // A function without one is answered with nothing or with an empty ARN.
        let arn = Some(arn).filter(|arn| !arn.is_empty())?;
        let value = FunctionCodeSigning { code_signing_config_arn: arn.to_owned(), at_creation: None };
        Some(Observed::new("code signing", value))
    }
}

/// Warns of packages that are made here, and so by nobody who could sign them: the function's own and its layers'.
fn unsigned(at: &ResourceRef, around: &dyn Context, findings: &mut Findings) {
    let template =
        around.pending(&at.address).and_then(|pending| pending.get(&FieldPath::from("code_signing_config_arn")));
    let config = template.and_then(|template| around.get::<CodeSigningConfig>(&template.references().next()?.target));
    // `Warn` is the default, and what it lets in is nobody's mistake.
    if config.is_some_and(|config| config.code_signing_policies.untrusted_artifact_on_deployment != "Enforce") {
        return;
    }
    let layers = around.pending(&function(at)).into_iter().flatten().flat_map(|(path, template)| {
        let targets = template.references().map(|reference| &reference.target);
        targets.filter(|target| target.kind == KindId::Layer && path.within(&FieldPath::from("layers")))
    });
    for address in [&function(at)].into_iter().chain(layers) {
        let function = around.get::<Function>(address).and_then(|function| function.code.dir.as_ref());
        if let Some(dir) = function.or_else(|| around.get::<Layer>(address)?.code.dir.as_ref()) {
            findings
                .warning(
                    "V091",
                    "code_signing_config_arn",
                    format!("{address} is zipped from `{dir}`, without a signature"),
                )
                .help("sign the package and name it as `zip` or `s3`, or let the configuration `Warn`");
        }
    }
}

fn function(at: &ResourceRef) -> Address {
    at.address.sibling(KindId::Function)
}

/// Whether no resource of this kind looks after the function, so that it would be told at its creation and never again.
pub fn is_unattended(at: &ResourceRef, around: &dyn Context) -> bool {
    around.declared(&at.address.sibling(KindId::FunctionCodeSigning)).is_none()
}

fn reading(at: &ResourceRef) -> GetFunctionCodeSigningConfigInputBuilder {
    GetFunctionCodeSigningConfigInputBuilder::default().function_name(at.outer())
}
