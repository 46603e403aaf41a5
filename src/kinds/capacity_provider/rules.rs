//! The rules of capacity providers: what Lambda would reject, as far as the spec shows it.

use super::catalog::{V044, V051, V052, V053, V135};
use super::spec::CapacityProvider;
use crate::kinds::function::Function;
use crate::kinds::shared::tags;
use crate::model::{FieldPath, Findings, KindId, with_examples};
use crate::resource::{Context, ResourceRef};

pub(super) fn check(spec: &CapacityProvider, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
    let (name, form) = (at.own(), with_examples(at.own()));
    if form.len() > 140 || !form.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        findings
            .error(V135, "capacity_provider_name", format!("invalid capacity provider name `{name}`"))
            .help("use at most 140 letters, digits, `-` and `_`");
    }
    let wanted = &spec.instance_requirements;
    if !wanted.allowed_instance_types.is_empty() && !wanted.excluded_instance_types.is_empty() {
        findings
            .error(V051, "instance_requirements", "instance types can be allowed or excluded, not both")
            .help("keep one of the two lists");
    }
    let scaling = &spec.capacity_provider_scaling_config;
    let field = "capacity_provider_scaling_config.scaling_policies";
    match (scaling.scaling_mode.as_str(), scaling.scaling_policies.is_empty()) {
        ("Manual", true) => findings
            .warning(V052, field, "the scaling mode `Manual` requires a scaling policy")
            .help("add a policy, or remove the mode"),
        ("Auto", false) => findings
            .warning(V052, field, "scaling policies apply only in the mode `Manual`")
            .help("use `scaling_mode: Manual`, or remove the policies"),
        _ => {}
    }
    if spec.propagate_tags.mode != "Explicit" && !spec.propagate_tags.explicit_tags.is_empty() {
        findings
            .error(V053, "propagate_tags.explicit_tags", "`explicit_tags` requires the mode `Explicit`")
            .help("use `mode: Explicit`, or remove the tags");
    }
    tags::check(spec.tags.as_ref(), findings);
    for address in cx.referrers(KindId::Function, &at.address) {
        let runs_here = cx.pending(address).into_iter().flatten().any(|(path, template)| {
            path.within(&FieldPath::from("capacity_provider_config"))
                && template.references().any(|it| it.target == at.address)
        });
        let architecture = cx.get::<Function>(address).and_then(|function| function.architectures.first());
        let Some(other) = architecture.filter(|it| runs_here && !wanted.architectures.iter().any(|own| own == *it))
        else {
            continue;
        };
        findings
            .error(
                V044,
                "instance_requirements",
                format!("{address} has the architecture {other}, and runs on these instances"),
            )
            .help("use the same architecture for both");
    }
}
