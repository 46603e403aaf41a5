//! The rules of scaling configurations: what Lambda would reject, as far as the spec shows it.

use super::catalog::V046;
use super::spec::Scaling;
use crate::kinds::function::Function;
use crate::kinds::version;
use crate::model::{Findings, KindId};
use crate::resource::{Context, ResourceRef};

/// Reports what Lambda would reject, as far as the spec alone shows it.
pub(super) fn check(spec: &Scaling, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
    version::check_number(at, cx, findings);
    let function = cx.get::<Function>(&at.address.outermost(KindId::Function));
    if function.is_some_and(|function| function.capacity_provider_config.is_none()) {
        findings
            .error(V046, "", "a scaling configuration requires managed instances")
            .help("add `capacity_provider_config` to the function, or remove this");
    }
    let (least, most) = (spec.min_execution_environments, spec.max_execution_environments);
    if let Some((least, most)) = least.zip(most).filter(|(least, most)| least > most) {
        findings
            .error(
                V046,
                "min_execution_environments",
                format!("the minimum of {least} is more than the maximum of {most}"),
            )
            .help("raise `max_execution_environments`, or lower `min_execution_environments`");
    }
    if least.is_none() && most.is_none() {
        findings
            .error(V046, "", "the scaling configuration is empty")
            .help("add `min_execution_environments`, `max_execution_environments` or both");
    }
}
