//! The binding between a plan and the spec that it was made from.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::declaration::Stack;
use crate::diff::canonical;
use crate::model::{FieldPath, TargetPart};

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
        add(stack.scope.text(TargetPart::Account));
        add(stack.scope.text(TargetPart::Region));
        add(&stack.scope.stack);
        add(&format!("{} {:?}", stack.prune, stack.prune_kinds));
        for (address, desired) in &stack.resources {
            add(&address.to_string());
            add(&canonical(desired.value.without_json().json()));
            desired.pending.iter().for_each(|(path, template)| add(&format!("{path}={template}")));
            desired.ignore.iter().for_each(|path| add(&format!("ignore {path}")));
            add(&format!("{} {:?} {}", desired.prune, desired.prune_kinds, desired.prevent_destroy));
        }
        let key: [u8; 32] = hash.finalize().into();
        let digest = Sha256::new().chain_update(b"trueup spec").chain_update(key).finalize();
        Binding { digest: format!("sha256:{}", hex::encode(digest)), key }
    }

    /// Returns the keyed digest that stands for a secret value.
    pub(super) fn seal(&self, path: &FieldPath, value: &Value) -> Value {
        let hash = Sha256::new().chain_update(self.key).chain_update(path.to_string()).chain_update(canonical(value));
        Value::String(format!("keyed:{}", &URL_SAFE_NO_PAD.encode(hash.finalize())[..22]))
    }
}
