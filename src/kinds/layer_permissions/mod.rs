//! Layer permissions: who else may use the newest version of a layer.
//!
//! AWS's quirks: a policy belongs to one version, so every new version needs its statements again; there is no update,
//! a changed statement is removed and added; the policy has a RevisionId of its own, and is gone with its last statement.
//! [AWS: AddLayerVersionPermission](https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html).

mod authorize;
pub mod catalog;
mod observe;
mod rules;
mod spec;
#[cfg(test)]
mod tests;
mod write;

use crate::model::{Findings, KindId};
use crate::resource::{Context, Naming, ResourceRef, TerraformType};
pub use spec::{LayerPermissions, LayerStatement};

impl crate::resource::Declare for LayerPermissions {
    const KIND: KindId = KindId::LayerPermissions;
    const PLACES: &'static [&'static str] = &["layers.*.permissions"];
    const EXAMPLE: &'static str = r#"
version: 1
stack: example
layers:
  common:
    code: {zip: package.zip}
    permissions:
      partner: {principal: "210987654321"}
      organization: {principal: "*", organization_id: o-a1b2c3d4e5}
"#;

    fn check(spec: &LayerPermissions, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, cx, findings);
    }
}

impl crate::resource::Present for LayerPermissions {
    const LABEL: &'static str = "layer permissions";
    const TERRAFORM: TerraformType = TerraformType {
        part: Some("statement_id"),
        ..TerraformType::of("aws_lambda_layer_version_permission", &[("layer_name", Naming::Parent)])
    };
}
