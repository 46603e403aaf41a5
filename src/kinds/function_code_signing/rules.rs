//! The rules of functions' code signing configurations: what Lambda would reject, as far as the spec shows it.

use super::catalog::V091;
use super::spec::FunctionCodeSigning;
use crate::kinds::code_signing_config::CodeSigningConfig;
use crate::kinds::function::Function;
use crate::kinds::layer::Layer;
use crate::model::{Address, FieldPath, Findings, KindId};
use crate::resource::{Context, ResourceRef};

/// Reports what Lambda would reject, as far as the spec alone shows it.
pub(super) fn check(_spec: &FunctionCodeSigning, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
    if cx.get::<Function>(&function(at)).is_some_and(|function| function.code.image.is_some()) {
        findings
            .error(V091, "code_signing_config_arn", "code signing does not apply to container images")
            .help("remove it; container images are signed in Amazon ECR");
    }
    unsigned(at, cx, findings);
}

/// Warns of packages that are built here and therefore not signed: the function's own and its layers'.
pub(super) fn unsigned(at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
    let template = cx.pending(&at.address).and_then(|pending| pending.get(&FieldPath::from("code_signing_config_arn")));
    let config = template.and_then(|template| cx.get::<CodeSigningConfig>(&template.references().next()?.target));
    // `Warn` is the default, and what it accepts is no mistake.
    if config.is_some_and(|config| config.code_signing_policies.untrusted_artifact_on_deployment != "Enforce") {
        return;
    }
    let layers = cx.pending(&function(at)).into_iter().flatten().flat_map(|(path, template)| {
        let targets = template.references().map(|reference| &reference.target);
        targets.filter(|target| target.kind == KindId::Layer && path.within(&FieldPath::from("layers")))
    });
    for address in [&function(at)].into_iter().chain(layers) {
        let function = cx.get::<Function>(address).and_then(|function| function.code.dir.as_ref());
        if let Some(dir) = function.or_else(|| cx.get::<Layer>(address)?.code.dir.as_ref()) {
            findings
                .warning(
                    V091,
                    "code_signing_config_arn",
                    format!("the package of {address} is built from `{dir}` and not signed"),
                )
                .help("deploy a signed package with `zip` or `s3`, or use the policy `Warn`");
        }
    }
}

pub(super) fn function(at: &ResourceRef) -> Address {
    at.address.sibling(KindId::Function)
}
