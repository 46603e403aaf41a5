//! Decides which of the resources that were found at another place than they are declared at have really moved.
//!
//! A kind finds such a resource for one declaration, and does not see the others. If another declaration is the same live
//! resource, or may be because it could not be read, the first one is not there yet.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Address, KindId};
use crate::plan::LiveState;

/// Forgets every resource that is said to have moved and belongs to another declaration.
pub(super) fn resolve(observed: &mut LiveState) {
    let moved: Vec<Address> = observed.live.iter().filter(|(_, live)| live.moved).map(|(at, _)| at.clone()).collect();
    if moved.is_empty() {
        return;
    }
    let in_place = observed.live.iter().filter(|(_, live)| !live.moved);
    let mut claimed: BTreeSet<(KindId, String)> =
        in_place.map(|(address, live)| (address.kind, live.identity.clone())).collect();
    let unreadable: BTreeMap<KindId, _> =
        observed.unreadable.iter().map(|(address, failure)| (address.kind, failure.clone())).collect();
    for address in moved {
        let identity = observed.live[&address].identity.clone();
        if !claimed.insert((address.kind, identity)) {
            observed.live.remove(&address);
        } else if let Some(failure) = unreadable.get(&address.kind) {
            observed.live.remove(&address);
            observed.unreadable.insert(address, failure.clone());
        }
    }
}
