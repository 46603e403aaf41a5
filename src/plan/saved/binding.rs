//! The binding between a plan and the spec that it was made from.
//!
//! # Guarantees
//! The digest is over the spec without its secrets, and over the names of the variables that they come from: with the plan
//! and everything else, no guess of a secret can be tested (`tests/it/saved_plan`).

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::PlanKey;
use super::hidden::hidden;
use crate::declaration::{Desired, Stack};
use crate::diff::canonical;
use crate::model::{Address, FieldPath, MASK, TargetPart};

/// The binding between a plan and its spec.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The digest that the plan carries.
    pub digest: String,
    /// The key that binds secret values too.
    pub(super) key: Option<PlanKey>,
}

impl Binding {
    /// The binding of a stack: a digest over every declared value that is not secret, and over the places and the origins of
    /// those that are.
    pub fn of(stack: &Stack) -> Binding {
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        };
        add(stack.scope.text(TargetPart::Account));
        add(stack.scope.text(TargetPart::Region));
        add(&stack.scope.stack);
        add(&format!("{} {:?}", stack.prune, stack.prune_kinds));
        for (address, desired) in &stack.resources {
            add(&address.to_string());
            add(&canonical(&blanked(address, desired)));
            for (path, template) in &desired.pending {
                // The text around the references of a secret value is secret too.
                match desired.secret.contains_key(path) {
                    true => template.references().for_each(|reference| add(&format!("{path}={reference}"))),
                    false => add(&format!("{path}={template}")),
                }
            }
            desired.secret.iter().for_each(|(path, origin)| add(&format!("{path} from {origin}")));
            desired.ignore.iter().for_each(|path| add(&format!("ignore {path}")));
            add(&format!("{} {:?} {}", desired.prune, desired.prune_kinds, desired.prevent_destroy));
        }
        Binding { digest: format!("sha256:{}", hex::encode(hash.finalize())), key: None }
    }

    /// The same binding, which binds secret values too, by digests under a key.
    #[must_use]
    pub fn with_key(self, key: Option<PlanKey>) -> Binding {
        Binding { key, ..self }
    }

    /// Returns what stands for a secret value: nothing but the fact that there is one, or a digest under the key.
    pub(super) fn seal(&self, path: &FieldPath, value: &Value) -> Value {
        match &self.key {
            Some(key) => key.seal(path, value),
            None => Value::from(MASK),
        }
    }
}

/// Returns the declared value with a blank in each place of a secret.
fn blanked(address: &Address, desired: &Desired) -> Value {
    let value = desired.value.without_json();
    hidden(address, &FieldPath::root(), value.json(), &desired.secret.keys().cloned().collect(), &|_, _| {
        Value::from(MASK)
    })
}
