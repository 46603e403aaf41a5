//! Layer: a package that functions share, in numbered versions that never change.
//!
//! AWS's quirks: the layer itself is neither created nor deleted, it exists while it has a version; every publication
//! makes a new version, even of the same bytes, so it is compared with the newest one first; only GetLayerVersion returns
//! the hash, not the listings; layers take no tags, so the owner of an undeclared one is unknown; functions keep a
//! version that is deleted under them.
//! [AWS: PublishLayerVersion](https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html).

mod authorize;
pub mod catalog;
mod observe;
mod retention;
mod rules;
mod spec;
#[cfg(test)]
mod tests;
mod versions;
mod write;

use crate::kinds::shared::package_source::{self};
use crate::model::{AttributeName, Findings, KindId, Package, PackageSource, plain};
use crate::resource::{Context, Naming, Presentation, PresentedChange, ResourceRef, TerraformType, UsedPackage};
pub use spec::{Layer, LayerCode, arn, name};
pub use versions::{newest, numbered};

impl crate::resource::Declare for Layer {
    const KIND: KindId = KindId::Layer;
    const PLACES: &'static [&'static str] = &["layers.*"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    layers: ["${layers.common.arn}"]
    publish: true
layers:
  common:
    description: what all of us need
    license_info: MIT
    compatible_runtimes: [python3.13, python3.12]
    compatible_architectures: [x86_64, arm64]
    code: {zip: package.zip}
    retain_versions: 2
"#
    );

    fn name(spec: &Layer, key: &str) -> String {
        spec.layer_name.clone().unwrap_or_else(|| key.to_owned())
    }

    fn check(spec: &Layer, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, cx, findings);
    }

    fn package_source(spec: &Layer) -> Option<PackageSource> {
        let code = &spec.code;
        package_source::source(code.dir.as_ref(), code.links.as_ref(), code.zip.as_ref())
    }

    fn check_package(spec: &Layer, own: Option<&Package>, _used: &[UsedPackage<'_>], findings: &mut Findings) {
        if let Some(package) = own {
            rules::check_package(spec, &package.contents, findings);
        }
    }
}

impl crate::resource::Present for Layer {
    const LABEL: &'static str = "layer";
    const PUBLISHES: bool = true;
    const TERRAFORM: TerraformType = TerraformType {
        moved: &[("code.sha256", "source_code_hash"), ("code.s3.bucket", "s3_bucket"), ("code.s3.key", "s3_key")],
        ..TerraformType::of("aws_lambda_layer_version", &[("layer_name", Naming::Name)])
    };

    fn present(change: &PresentedChange<'_>) -> Presentation {
        let number = change.predicted.get(AttributeName::VERSION.as_str()).map(plain);
        Presentation { name: number.map(|number| format!("layer version {number}")), ..Presentation::default() }
    }
}
