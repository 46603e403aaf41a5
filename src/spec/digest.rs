//! What a spec means, as a number: two specs with the same digest ask for the same.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Stack;
use crate::model::{MASK, Path};

/// The SHA-256, in hex, over all that determines what the stack asks for, except for secret values: a digest of a
/// password can be tried out. Plans hold keyed digests of those.
pub fn digest(stack: &Stack) -> String {
    let mut hash = Sha256::new();
    let scope = &stack.scope;
    hash.update(json!([scope.account, scope.region, scope.stack, stack.prune, stack.prune_kinds]).to_string());
    for (address, it) in &stack.resources {
        let mut value = it.value.clone();
        for path in &it.secret {
            hide(&mut value, path);
        }
        let pending: Vec<Value> =
            it.pending.iter().map(|(path, template)| json!([path, template_text(it, path, template)])).collect();
        let line = json!([
            address.to_string(),
            it.at.names,
            value,
            pending,
            it.ignore,
            it.prevent_destroy,
            it.prune,
            it.prune_kinds,
        ]);
        // One line each, so that no two lists of resources run together into the same bytes.
        hash.update(line.to_string());
        hash.update("\n");
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn template_text(it: &super::Desired, path: &Path, template: &crate::model::Template) -> String {
    if it.secret.contains(path) {
        let names: Vec<String> = template.references().map(ToString::to_string).collect();
        return names.join(" ");
    }
    template.to_string()
}

fn hide(value: &mut Value, path: &Path) {
    if path.get(value).is_some() {
        path.set(value, Some(json!(MASK)));
    }
}
