//! A field that no spec writes: true if Lambda could apply the last write. Live it is `false` where it could not and absent
//! elsewhere, so that a plan has something to do about it.

/// Returns the wanted value: success, where the last write failed.
pub fn wanted(live: Option<bool>) -> Option<bool> {
    (live == Some(false)).then_some(true)
}

/// Takes a write that has settled meanwhile to be as wanted.
pub fn canonicalize(desired: Option<bool>, live: &mut Option<bool>) {
    if desired.is_some() && live.is_none() {
        *live = desired;
    }
}
