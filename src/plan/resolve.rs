//! Works out the declared value of a resource: references, defaults, and what follows from other resources.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::context::PlanContext;
use crate::declaration::Desired;
use crate::model::{FieldPath, Package, Template, plain};
use crate::resource::{Attribute, Context, Derived, Document, KindEntry};

/// A declared value with references, defaults and derived fields filled in.
pub(super) struct ResolvedSpec {
    /// The value.
    pub value: Document,
    /// The fields whose value is known only while applying.
    pub pending: BTreeMap<FieldPath, Template>,
    /// The other results of deriving fields from the plan.
    pub derived: Derived,
    /// The deployment package.
    pub package: Option<Arc<Package>>,
}

/// Works out the declared value from the spec, the package and the decisions so far.
pub(super) fn resolve(cx: PlanContext<'_>, kind: &KindEntry, desired: &Desired) -> ResolvedSpec {
    let package = cx.inputs.packages.get(&desired.at.address).cloned();
    let (mut value, mut pending) = (desired.value.clone(), desired.pending.clone());
    fill(cx, &mut value, &mut pending);
    kind.apply_defaults(&mut value, &desired.at, package.as_deref());
    let mut derived = kind.derive_from_plan(&mut value, &desired.at, &cx);
    pending.extend(derived.pending.drain(..));
    fill(cx, &mut value, &mut pending);
    ResolvedSpec { value, pending, derived, package }
}

/// Replaces the references that are known, and shows what is expected of the others.
fn fill(cx: PlanContext<'_>, value: &mut Document, pending: &mut BTreeMap<FieldPath, Template>) {
    pending.retain(|path, template| {
        let mut certain = true;
        let text = template.fill(|reference| match cx.attribute(&reference.target, &reference.attribute) {
            Some(Attribute::Known(known)) => Some(plain(&known)),
            Some(Attribute::Predicted(likely)) => {
                certain = false;
                Some(plain(&likely))
            }
            _ => None,
        });
        let is_settled = certain && text.is_some();
        let text = Value::String(text.unwrap_or_else(|| template.to_string()));
        value.change_json(|json| path.set(json, Some(text)));
        !is_settled
    });
}
