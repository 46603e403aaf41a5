//! The rules of layers that a schema cannot express.

use super::catalog::{V088, V089};
use super::spec::{Layer, name};
use crate::kinds::function::Function;
use crate::kinds::function::catalog::package::V138;
use crate::kinds::shared::package_rules;
use crate::model::{Contents, FieldLocation, FieldPath, Findings, KindId, Lookup, with_examples};
use crate::resource::{Context, ResourceRef};

/// The directory into which Lambda unpacks layers.
const MOUNT: &str = "/opt";

/// Checks a layer by its own rules and against the functions that use it.
pub fn check(spec: &Layer, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
    let name = name(at);
    let form = with_examples(name);
    if form.len() > 140 || !form.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        findings
            .error(V088, "layer_name", format!("invalid layer name `{name}`"))
            .help("use at most 140 letters, digits, `-` and `_`");
    }
    match [spec.code.dir.is_some(), spec.code.zip.is_some(), spec.code.s3.is_some()].iter().filter(|it| **it).count() {
        1 => {}
        0 => findings.error(V088, "code", "the layer has no code").help("add one of `dir`, `zip` and `s3`"),
        _ => findings.error(V088, "code", "the code has more than one source").help("keep one of them"),
    }
    if spec.code.links.is_some() && spec.code.dir.is_none() {
        findings.error(V088, FieldLocation::key("code.links"), "`links` requires `dir`").help("remove it");
    }
    if spec.code.s3.as_ref().is_some_and(|s3| s3.sha256.is_none()) {
        findings
            .warning(
                V088,
                "code.s3",
                "a change of the S3 object may go unnoticed, because Lambda may not report the source of a layer",
            )
            .help("add the package's `sha256`");
    }
    for address in cx.referrers(KindId::Function, &at.address) {
        let uses = cx.pending(address).into_iter().flatten().any(|(path, template)| {
            path.within(&FieldPath::from("layers")) && template.references().any(|it| it.target == at.address)
        });
        let Some(function) = cx.get::<Function>(address).filter(|_| uses) else { continue };
        let lacks =
            |list: &[String], one: Option<&String>| !list.is_empty() && one.is_some_and(|it| !list.contains(it));
        for (field, lacking, what) in [
            ("compatible_runtimes", lacks(&spec.compatible_runtimes, function.runtime.as_ref()), &function.runtime),
            (
                "compatible_architectures",
                lacks(&spec.compatible_architectures, function.architectures.first()),
                &function.architectures.first().cloned(),
            ),
        ] {
            if lacking {
                let what = what.as_deref().unwrap_or_default();
                findings
                    .warning(V089, field, format!("{address} uses the layer with {what}, which is not listed here"))
                    .help(format!("add `{what}` if the layer works there"));
            }
        }
    }
}

/// Reports what cannot work in the layer's package, such as the runtime that it brings.
pub fn check_package(spec: &Layer, contents: &Contents, findings: &mut Findings) {
    let architecture = match spec.compatible_architectures.as_slice() {
        [only] => Some(only.as_str()),
        _ => None,
    };
    if let Lookup::File(_, entry) = contents.find(b"bootstrap", MOUNT)
        && let Some(wrong) = package_rules::why_it_cannot_run(entry, architecture)
    {
        findings
            .warning(V138, "code", format!("`bootstrap` {wrong}"))
            .help("put an executable `bootstrap` for Linux at the top of the package, with the mode 0755");
    }
    package_rules::check(contents, MOUNT, findings);
}
