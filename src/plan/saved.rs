//! A plan on disk: written so that it holds no secret, read back, and held against the plan of now.
//!
//! Secret values are replaced by digests under a key that follows from the whole spec, secrets included. The key is
//! not in the file, so a secret cannot be guessed from its digest one candidate at a time; and the same spec gives the
//! same bytes. Applying a file makes the plan again from the same spec and refuses if the two are not the same plan.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Baseline, FORMAT_VERSION, Plan, Step};
use crate::declaration::Stack;
use crate::diff::canonical;
use crate::kinds;
use crate::model::{Action, Address, Change, FieldPath, MASK};
use crate::resource::field_traits;

/// What ties a plan to its spec.
#[derive(Clone)]
pub struct Binding {
    /// What stands in the plan.
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
            add(&canonical(&desired.value));
            desired.pending.iter().for_each(|(path, template)| add(&format!("{path}={template}")));
            desired.ignore.iter().for_each(|path| add(&format!("ignore {path}")));
            add(&format!("{} {:?} {}", desired.prune, desired.prune_kinds, desired.prevent_destroy));
        }
        let key: [u8; 32] = hash.finalize().into();
        let digest = Sha256::new().chain_update(b"trueup spec").chain_update(key).finalize();
        Binding { digest: format!("sha256:{}", hex(&digest)), key }
    }

    fn seal(&self, path: &FieldPath, value: &Value) -> Value {
        let hash = Sha256::new().chain_update(self.key).chain_update(path.to_string()).chain_update(canonical(value));
        Value::String(format!("keyed:{}", &URL_SAFE_NO_PAD.encode(hash.finalize())[..22]))
    }
}

/// The plan with every secret replaced by a keyed digest: what is saved, and what two plans are compared by.
pub fn sealed(plan: &Plan, binding: &Binding) -> Plan {
    without_secrets(plan, &|path, value| binding.seal(path, value))
}

/// The plan with every secret masked: what is shown.
pub fn masked(plan: &Plan) -> Plan {
    without_secrets(plan, &|_, _| Value::String(MASK.to_owned()))
}

/// The plan as the text of a file.
pub fn write(plan: &Plan, binding: &Binding) -> String {
    let mut text = serde_json::to_string_pretty(&sealed(plan, binding)).expect("plans are plain data");
    text.push('\n');
    text
}

/// Reads a saved plan.
pub fn read(text: &str) -> Result<Plan, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("it is not a plan: {error}"))?;
    let version = value.get("format_version").and_then(Value::as_str).unwrap_or_default();
    let major = |version: &str| version.split('.').next().unwrap_or_default().to_owned();
    if major(version) != major(FORMAT_VERSION) {
        return Err(format!("its format is `{version}`, and this trueup reads {FORMAT_VERSION}: make the plan again"));
    }
    serde_json::from_value(value).map_err(|error| format!("it is not a plan: {error}"))
}

/// Why a saved plan is not what would happen now.
#[derive(Clone, Debug, PartialEq)]
pub enum Stale {
    /// It was made from another spec, or for another account, region or stack.
    OtherSpec {
        /// What differs.
        what: &'static str,
        /// In the file.
        saved: String,
        /// Now.
        now: String,
    },
    /// A resource that it writes is not as it was.
    Moved {
        /// Which.
        address: Address,
        /// The fields that differ, from then to now; none if only the revision moved.
        moved: Vec<Change>,
        /// What happened, in words.
        how: &'static str,
    },
    /// The steps would be others.
    OtherSteps {
        /// The first step that differs, as it was and as it would be.
        first: (String, String),
    },
}

/// Everything in which the saved plan differs from the plan of now. Both must be sealed with the same binding.
pub fn stale(saved: &Plan, now: &Plan) -> Vec<Stale> {
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
    for planned in saved.resources.iter().filter(|planned| planned.action != Action::Keep) {
        let then = planned.saw.as_ref();
        let seen = now.planned(&planned.address).and_then(|planned| planned.saw.as_ref());
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
        stale.push(Stale::OtherSteps { first: other.map_or_else(Default::default, |(then, now)| said(then, now)) });
    }
    stale
}

/// Two steps in words, with as much detail as it takes to tell them apart.
fn said(then: Option<&Step>, now: Option<&Step>) -> (String, String) {
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

fn changes(plan: &Plan) -> Vec<(&Address, &Vec<Change>)> {
    let touched = plan.resources.iter().filter(|planned| planned.action != Action::Keep);
    touched.map(|planned| (&planned.address, &planned.changes)).collect()
}

fn moves(address: &Address, then: &Baseline, now: &Baseline) -> Vec<Change> {
    let Some(kind) = kinds::kind(&address.kind) else { return Vec::new() };
    let nothing = std::collections::BTreeMap::new();
    let terms = crate::diff::Terms { schema: kind.schema(), ignore: &[], pending: &nothing, prune: true };
    crate::diff::diff(Some(&now.value), Some(&then.value), &terms).changes
}

fn without_secrets(plan: &Plan, hide: &dyn Fn(&FieldPath, &Value) -> Value) -> Plan {
    let mut plan = plan.clone();
    for planned in &mut plan.resources {
        for change in planned.changes.iter_mut().filter(|change| change.secret) {
            change.before = change.before.as_ref().map(|value| hide(&change.path, value));
            change.after = change.after.as_ref().map(|value| hide(&change.path, value));
        }
        if let (Some(saw), Some(kind)) = (&mut planned.saw, kinds::kind(&planned.address.kind)) {
            hide_within(&mut saw.value, kind.schema(), false, &FieldPath::root(), hide);
        }
    }
    for unmanaged in &mut plan.unmanaged {
        let kind = kinds::kind(&unmanaged.address.kind);
        if let (Some(live), Some(kind)) = (&mut unmanaged.live, kind) {
            let path = unmanaged.field.clone().unwrap_or_else(FieldPath::root);
            let (schema, secret) = path.0.iter().fold((kind.schema(), false), |(schema, secret), key| {
                let below = field_traits::field(schema, key);
                (below, secret || field_traits::has(below, field_traits::SECRET))
            });
            hide_within(live, schema, secret, &path, hide);
        }
    }
    plan
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

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
