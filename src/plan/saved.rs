//! Saved plans: written without secrets, read back, and compared with the plan of now.
//!
//! Secret values are replaced by digests under a key that is derived from the whole spec, secrets included.
//!
//! # Guarantees
//! `tests/it/saved_plan.rs` tests each of these:
//! - A saved plan holds no secret, and not the key: a secret cannot be guessed from its digest alone.
//! - The same spec and live state give the same bytes.
//! - A saved plan is applied exactly or refused: applying makes the plan again, and refuses if the two differ.
//!
//! # Caveats
//! Somebody who knows every other value of the spec can test guesses of its only secret against the digest.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Baseline, FORMAT_VERSION, Plan, ResourcePlan, Step, Unmanaged};
use crate::declaration::Stack;
use crate::diff::canonical;
use crate::kinds;
use crate::model::{Action, Address, Change, FieldPath, MASK};
use crate::resource::field_traits;

/// The binding between a plan and its spec.
#[derive(Clone)]
pub struct Binding {
    /// The digest that the plan carries.
    pub digest: String,
    key: [u8; 32],
}

impl Binding {
    /// The binding of a stack: a digest over every declared value.
    pub fn of(stack: &Stack) -> Binding {
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        };
        add(&stack.scope.account);
        add(&stack.scope.region);
        add(&stack.scope.stack);
        add(&format!("{} {:?}", stack.prune, stack.prune_kinds));
        for (address, desired) in &stack.resources {
            add(&address.to_string());
            add(&canonical(desired.value.json()));
            desired.pending.iter().for_each(|(path, template)| add(&format!("{path}={template}")));
            desired.ignore.iter().for_each(|path| add(&format!("ignore {path}")));
            add(&format!("{} {:?} {}", desired.prune, desired.prune_kinds, desired.prevent_destroy));
        }
        let key: [u8; 32] = hash.finalize().into();
        let digest = Sha256::new().chain_update(b"trueup spec").chain_update(key).finalize();
        Binding { digest: format!("sha256:{}", hex::encode(digest)), key }
    }

    fn seal(&self, path: &FieldPath, value: &Value) -> Value {
        let hash = Sha256::new().chain_update(self.key).chain_update(path.to_string()).chain_update(canonical(value));
        Value::String(format!("keyed:{}", &URL_SAFE_NO_PAD.encode(hash.finalize())[..22]))
    }
}

/// A plan in which every secret value is masked: what people and other programs are shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct MaskedPlan(Plan<Value>);

/// A plan in which every secret value is replaced by a keyed digest: what is saved, and what two plans are compared by.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct SealedPlan(Plan<Value>);

impl Deref for MaskedPlan {
    type Target = Plan<Value>;
    fn deref(&self) -> &Plan<Value> {
        &self.0
    }
}

impl Deref for SealedPlan {
    type Target = Plan<Value>;
    fn deref(&self) -> &Plan<Value> {
        &self.0
    }
}

impl<V: Borrow<Value>> Plan<V> {
    /// Returns the plan to show: every secret value is [`MASK`].
    pub fn masked(&self) -> MaskedPlan {
        MaskedPlan(self.hiding_secrets(&|_, _| Value::String(MASK.to_owned())))
    }
}

impl Plan {
    /// Returns the plan to save: every secret value is a digest under the key of `binding`.
    pub fn sealed(&self, binding: &Binding) -> SealedPlan {
        SealedPlan(self.hiding_secrets(&|path, value| binding.seal(path, value)))
    }
}

impl SealedPlan {
    /// Returns the text of the file.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("plans are plain data");
        text.push('\n');
        text
    }

    /// Reads a saved plan.
    ///
    /// # Errors
    /// The text is not JSON, not a plan, or a plan of another major format version.
    pub fn from_json(text: &str) -> Result<SealedPlan, PlanFileError> {
        let value: Value = serde_json::from_str(text).map_err(PlanFileError::NotAPlan)?;
        let version = value.get("format_version").and_then(Value::as_str).unwrap_or_default();
        let major = |version: &str| version.split('.').next().unwrap_or_default().to_owned();
        if major(version) != major(FORMAT_VERSION) {
            return Err(PlanFileError::OtherVersion(version.to_owned()));
        }
        serde_json::from_value(value).map(SealedPlan).map_err(PlanFileError::NotAPlan)
    }
}

/// A reason for which a file cannot be read as a plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// It is not JSON, or lacks what a plan has.
    #[error("not a saved plan: {0}")]
    NotAPlan(serde_json::Error),
    /// It was written by another major version.
    #[error("plan format `{0}` is not supported (this trueup reads {FORMAT_VERSION}). Run plan again.")]
    OtherVersion(String),
}

/// A difference between a saved plan and what would happen now.
#[derive(Clone, Debug, PartialEq)]
pub enum Stale {
    /// It was made from another spec, or for another account, region or stack.
    OtherSpec {
        /// The thing that differs.
        what: &'static str,
        /// In the file.
        saved: String,
        /// Now.
        now: String,
    },
    /// A resource that it writes is not as it was.
    Moved {
        /// The resource.
        address: Address,
        /// The fields that differ, from then to now; none if only the revision moved.
        moved: Vec<Change<Value>>,
        /// The change, in words.
        how: &'static str,
    },
    /// The steps would be others.
    OtherSteps {
        /// The first step that differs, as it was and as it would be.
        first: (String, String),
    },
}

/// Everything in which the saved plan differs from the plan of now. Both must be sealed with the same binding.
pub fn stale(saved: &SealedPlan, now: &SealedPlan) -> Vec<Stale> {
    let bound = [
        ("account", &saved.account, &now.account),
        ("region", &saved.region, &now.region),
        ("stack", &saved.stack, &now.stack),
        ("spec", &saved.spec_digest, &now.spec_digest),
    ];
    let other = bound.into_iter().filter(|(_, saved, now)| saved != now);
    let mut stale: Vec<Stale> =
        other.map(|(what, saved, now)| Stale::OtherSpec { what, saved: saved.clone(), now: now.clone() }).collect();
    if !stale.is_empty() {
        return stale;
    }
    let baselines: BTreeMap<_, _> = now.resources.iter().map(|it| (&it.address, it.saw.as_ref())).collect();
    for planned in saved.resources.iter().filter(|planned| planned.action != Action::Keep) {
        let then = planned.saw.as_ref();
        let seen = baselines.get(&planned.address).copied().flatten();
        if then == seen {
            continue;
        }
        let (moved, how) = match (then, seen) {
            (Some(then), Some(seen)) => match moves(&planned.address, then, seen) {
                moved if moved.is_empty() => {
                    (moved, "it was written to, or an update of it settled (its RevisionId moved),")
                }
                moved => (moved, "it was changed"),
            },
            (None, Some(_)) => (Vec::new(), "it was created"),
            _ => (Vec::new(), "it was deleted"),
        };
        stale.push(Stale::Moved { address: planned.address.clone(), moved, how });
    }
    if stale.is_empty() && (saved.steps != now.steps || changes(saved) != changes(now)) {
        let length = saved.steps.len().max(now.steps.len());
        let other = (0..length).map(|at| (saved.steps.get(at), now.steps.get(at))).find(|(then, now)| then != now);
        stale
            .push(Stale::OtherSteps { first: other.map_or_else(Default::default, |(then, now)| described(then, now)) });
    }
    stale
}

/// Two steps in words, with as much detail as it takes to tell them apart.
fn described(then: Option<&Step>, now: Option<&Step>) -> (String, String) {
    let name = |step: Option<&Step>| step.map_or("nothing".to_owned(), |it| format!("{} {}", it.operation, it.address));
    let whole = |step: Option<&Step>| step.and_then(|step| serde_json::to_string(step).ok()).unwrap_or_default();
    if name(then) == name(now) { (whole(then), whole(now)) } else { (name(then), name(now)) }
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stale::OtherSpec { what, saved, now } => write!(f, "the plan is for {what} {saved}, and this is {now}"),
            Stale::Moved { address, how, .. } => write!(f, "{address}: {how} since the plan was made"),
            Stale::OtherSteps { first: (then, now) } if then == now => {
                write!(f, "the plan tells of other changes than there would now be")
            }
            Stale::OtherSteps { first: (then, now) } => {
                write!(f, "the plan had `{then}` where there would now be `{now}`")
            }
        }
    }
}

fn changes(plan: &SealedPlan) -> Vec<(&Address, &Vec<Change<Value>>)> {
    let touched = plan.resources.iter().filter(|planned| planned.action != Action::Keep);
    touched.map(|planned| (&planned.address, &planned.changes)).collect()
}

fn moves(address: &Address, then: &Baseline<Value>, now: &Baseline<Value>) -> Vec<Change<Value>> {
    let kind = kinds::entry(address.kind);
    let nothing = BTreeMap::new();
    let terms = crate::diff::Terms { schema: kind.schema(), ignore: &[], pending: &nothing, prune: true };
    let changes = crate::diff::diff(Some(&now.value), Some(&then.value), &terms).changes;
    // Both sides are sealed already.
    changes.iter().map(|change| change.map(|value| value.clone().into_inner())).collect()
}

impl<V: Borrow<Value>> Plan<V> {
    /// Replaces every secret value by what `hide` makes of it.
    fn hiding_secrets(&self, hide: &dyn Fn(&FieldPath, &Value) -> Value) -> Plan<Value> {
        Plan {
            format_version: self.format_version.clone(),
            trueup_version: self.trueup_version.clone(),
            account: self.account.clone(),
            region: self.region.clone(),
            stack: self.stack.clone(),
            spec_digest: self.spec_digest.clone(),
            choice: self.choice.clone(),
            resources: self.resources.iter().map(|resource| resource.hiding_secrets(hide)).collect(),
            steps: self.steps.clone(),
            unmanaged: self.unmanaged.iter().map(|unmanaged| unmanaged.hiding_secrets(hide)).collect(),
            remarks: self.remarks.clone(),
            not_compared: self.not_compared.clone(),
            refusals: self.refusals.clone(),
        }
    }
}

impl<V: Borrow<Value>> ResourcePlan<V> {
    fn hiding_secrets(&self, hide: &dyn Fn(&FieldPath, &Value) -> Value) -> ResourcePlan<Value> {
        let change = |change: &Change<V>| {
            let path = &change.path;
            change.map(|value| if change.secret { hide(path, value.borrow()) } else { value.borrow().clone() })
        };
        let saw = self.saw.as_ref().map(|saw| Baseline {
            identity: saw.identity.clone(),
            revision: saw.revision.clone(),
            value: hidden(&self.address, &FieldPath::root(), saw.value.borrow(), hide),
        });
        ResourcePlan {
            address: self.address.clone(),
            action: self.action,
            kept: self.kept.clone(),
            changes: self.changes.iter().map(change).collect(),
            predicted: self.predicted.clone(),
            data_loss: self.data_loss.clone(),
            notes: self.notes.clone(),
            surplus: self.surplus,
            with: self.with.clone(),
            saw,
        }
    }
}

impl<V: Borrow<Value>> Unmanaged<V> {
    fn hiding_secrets(&self, hide: &dyn Fn(&FieldPath, &Value) -> Value) -> Unmanaged<Value> {
        let path = self.field.clone().unwrap_or_else(FieldPath::root);
        let live = self.live.as_ref().map(|live| hidden(&self.address, &path, live.borrow(), hide));
        Unmanaged { address: self.address.clone(), field: self.field.clone(), live }
    }
}

/// The value at `path` of a resource, with what the kind's schema calls secret hidden.
fn hidden(address: &Address, path: &FieldPath, value: &Value, hide: &dyn Fn(&FieldPath, &Value) -> Value) -> Value {
    let mut value = value.clone();
    let (schema, secret) =
        path.keys().iter().fold((kinds::entry(address.kind).schema(), false), |(schema, secret), key| {
            let below = field_traits::field(schema, key);
            (below, secret || field_traits::has(below, field_traits::SECRET))
        });
    hide_within(&mut value, schema, secret, path, hide);
    value
}

fn hide_within(
    value: &mut Value,
    schema: &Value,
    secret: bool,
    path: &FieldPath,
    hide: &dyn Fn(&FieldPath, &Value) -> Value,
) {
    let secret = secret || field_traits::has(schema, field_traits::SECRET);
    match value {
        Value::Null => {}
        Value::Object(map) => {
            for (key, value) in map {
                hide_within(value, field_traits::field(schema, key), secret, &path.then(key.as_str()), hide);
            }
        }
        Value::Array(list) => {
            for (at, value) in list.iter_mut().enumerate() {
                hide_within(value, field_traits::field(schema, ""), secret, &path.then(at.to_string()), hide);
            }
        }
        value if secret => *value = hide(path, value),
        _ => {}
    }
}
