//! Finds two targets of a spec that would change the same resources: each run would undo the other's half.

use std::collections::HashMap;
use std::fmt;

use crate::declaration::Stack;
use crate::kinds;
use crate::model::{Address, KindId};

/// Two targets that would change the same resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The names of the two.
    pub targets: [String; 2],
    /// What both would change.
    pub shared: Shared,
}

/// What two targets in one account and region would both change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shared {
    /// Everything: the stack has the same name.
    Stack(String),
    /// A resource, which has the same name.
    Resource(Address),
}

impl fmt::Display for Overlap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = &self.targets;
        write!(f, "the targets {first} and {second} are the same account and region, and both ")?;
        match &self.shared {
            Shared::Stack(stack) => write!(f, "are the stack {stack}"),
            Shared::Resource(address) => write!(f, "declare {address} with the same name"),
        }
    }
}

/// Finds two targets that would change the same resources. Those whose account or region is not known are left out.
pub fn overlap<'s>(stacks: impl IntoIterator<Item = (&'s str, &'s Stack)>) -> Option<Overlap> {
    let (mut by_stack, mut by_name) = (HashMap::new(), HashMap::new());
    for (target, stack) in stacks {
        let Some(place) = stack.scope.account.as_deref().zip(stack.scope.region.as_deref()) else { continue };
        let of_two = |first: &str, shared| Some(Overlap { targets: [first.to_owned(), target.to_owned()], shared });
        if let Some(first) = by_stack.insert((place, stack.scope.stack.as_str()), target) {
            return of_two(first, Shared::Stack(stack.scope.stack.clone()));
        }
        for (address, desired) in stack.resources.iter().filter(|(address, _)| is_unique_by_name(address.kind)) {
            if let Some(first) = by_name.insert((place, address.kind, &desired.at.names), target) {
                return of_two(first, Shared::Resource(address.clone()));
            }
        }
    }
    None
}

/// Tests for a kind of which an account has one resource of a name, as users may then write it in a field of its own.
fn is_unique_by_name(kind: KindId) -> bool {
    let fields = &kinds::entry(kind).schema()["properties"];
    fields.get(format!("{kind}_name")).is_some()
}
