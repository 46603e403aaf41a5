//! A field that no spec writes: whether Lambda could carry out what was written last. Live it is `false` where it could not and absent
//! elsewhere, so that a plan has something to do about it.

use serde_json::json;

use crate::resource::{Context, ResourceRef};

/// What is wanted of it: success, where there was none.
pub fn wanted(at: &ResourceRef, around: &dyn Context) -> Option<bool> {
    let failed = around.observed(&at.address).is_some_and(|live| live.value["settled"] == json!(false));
    failed.then_some(true)
}

/// What settled meanwhile is as wanted.
pub fn agree(desired: Option<bool>, live: &mut Option<bool>) {
    if desired.is_some() && live.is_none() {
        *live = desired;
    }
}
