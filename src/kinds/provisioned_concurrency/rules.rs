//! The rules of provisioned concurrency: what Lambda would reject, as far as the spec shows it.

use super::catalog::{V028, V065, V066, V067, V068};
use super::spec::{ProvisionedConcurrency, other_allocations};
use crate::kinds::alias::Alias;
use crate::kinds::function::Function;
use crate::kinds::function::catalog::exclusions::V033;
use crate::kinds::reserved_concurrency::ReservedConcurrency;
use crate::kinds::version;
use crate::model::{Address, Findings, KindId, has_reference};
use crate::resource::{Context, ResourceRef};

/// Reports what Lambda would reject, as far as the spec alone shows it.
pub(super) fn check(spec: &ProvisionedConcurrency, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
    version::check_number(at, cx, findings);
    let Some(executions) = spec.provisioned_concurrent_executions else { return };
    let field = "provisioned_concurrent_executions";
    let alias = cx.get::<Alias>(&at.address.sibling(KindId::Alias));
    let version = provisioned_version(&at.address, cx);
    if version.is_some_and(|version| version.starts_with("$LATEST")) {
        findings
            .error(V065, field, "the alias points to $LATEST, which cannot have provisioned concurrency")
            .help("point the alias to a published version");
    }
    if alias.is_some_and(|alias| alias.routing_config.is_some()) {
        findings
            .warning(V068, field, "the alias splits its traffic, so both versions share the provisioned concurrency")
            .help("expect fewer ready environments for each version than this number");
    }
    let function = cx.get::<Function>(&at.address.outermost(KindId::Function));
    if function.is_some_and(|function| function.snap_start.apply_on == "PublishedVersions") {
        findings
            .error(V028, field, "provisioned concurrency and SnapStart cannot be combined")
            .help("remove one of them");
    }
    if function.is_some_and(|function| function.tenancy_config.is_some()) {
        findings
            .error(V033, field, "provisioned concurrency and tenant isolation cannot be combined")
            .help("remove one of them");
    }
    let other_allocations = other_allocations(at, cx);
    if let Some(version) = version.filter(|version| !has_reference(version)) {
        let twin = other_allocations
            .iter()
            .find(|(other, _)| *other < at.address && provisioned_version(other, cx) == Some(version));
        if let Some((other, _)) = twin {
            findings
                .error(
                    V067,
                    field,
                    format!("{other} configures the same version, which can have only one configuration"),
                )
                .help("keep it on one of the two");
        }
    }
    let reserved = cx
        .get::<ReservedConcurrency>(&at.address.outermost(KindId::ReservedConcurrency))
        .and_then(|reserved| reserved.reserved_concurrent_executions.map(i64::from));
    let others: i64 = other_allocations.iter().map(|(_, executions)| executions).sum();
    let total = others + i64::from(executions);
    // The last allocation of a function reports for all of them.
    let is_last = other_allocations.iter().all(|(other, _)| *other < at.address);
    if let Some(reserved) = reserved.filter(|reserved| is_last && total > *reserved) {
        findings
            .error(
                V066,
                field,
                format!("provisioned concurrency is {total} in total, but the function reserves only {reserved}"),
            )
            .help("raise `reserved_concurrent_executions` of the function, or lower the provisioned concurrency");
    }
}

/// The version for which a declaration provisions: the one that its alias names, or the number that it stands at.
pub(super) fn provisioned_version<'a>(address: &'a Address, cx: &'a dyn Context) -> Option<&'a str> {
    match cx.get::<Alias>(&address.sibling(KindId::Alias)) {
        Some(alias) => Some(&alias.function_version),
        None => address.keys.get(1).map(String::as_str),
    }
}
