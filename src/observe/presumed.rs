//! Decides which live resource is whose, where several declarations may be the same one.
//!
//! A mapping that moves from function to function, or a code signing configuration without a tag, is found by what it is like.
//! A kind finds it for one declaration, and does not see the others. If another declaration is the same live resource, or may
//! be because it could not be read, the first one does not exist yet.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Address, KindId};
use crate::plan::LiveState;

/// Returns the kinds of which a live resource is presumed to be a declared one.
pub(super) fn kinds(observed: &LiveState) -> BTreeSet<KindId> {
    observed.live.iter().filter(|(_, live)| live.presumed).map(|(address, _)| address.kind).collect()
}

/// Forgets every presumed resource that belongs to another declaration. All declarations of its kind must have been observed.
pub(super) fn resolve(observed: &mut LiveState) {
    let presumed: Vec<Address> =
        observed.live.iter().filter(|(_, live)| live.presumed).map(|(at, _)| at.clone()).collect();
    let certain = observed.live.iter().filter(|(_, live)| !live.presumed);
    let mut claimed: BTreeSet<(KindId, String)> =
        certain.map(|(address, live)| (address.kind, live.identity.clone())).collect();
    let unreadable: BTreeMap<KindId, _> =
        observed.unreadable.iter().map(|(address, failure)| (address.kind, failure.clone())).collect();
    let mut lost = BTreeSet::new();
    for address in presumed {
        let identity = observed.live[&address].identity.clone();
        if !claimed.insert((address.kind, identity)) {
            lost.insert(address);
        } else if let Some(failure) = unreadable.get(&address.kind) {
            lost.insert(address.clone());
            observed.unreadable.insert(address, failure.clone());
        }
    }
    if !lost.is_empty() {
        observed.live.retain(|address| !lost.contains(address));
    }
}
