//! A map whose keys are addresses: iterated in their order, looked up by their hash.
//!
//! A plan looks up every resource a dozen times. In an ordered tree of tens of thousands of addresses each look-up compares
//! some sixteen of them, most of which are in no cache of the CPU; by hash it compares one.

use std::ops::Deref;

use indexmap::IndexMap;

use super::{Address, KindId};

/// Values by address. Reading is that of [`IndexMap`]; writing keeps the order of the addresses.
#[derive(Clone, Debug)]
pub struct AddressMap<V>(IndexMap<Address, V>);

impl<V> AddressMap<V> {
    /// Returns the addresses of a kind whose outermost keys are `keys`, in order, by a binary search.
    pub fn below(&self, kind: KindId, keys: &[String]) -> Vec<&Address> {
        let is_before = |address: &Address, _: &V| (address.kind, &*address.keys) < (kind, keys);
        let is_below = |address: &&Address| address.kind == kind && address.keys.starts_with(keys);
        let from = self.0.partition_point(is_before);
        self.0.get_range(from..).into_iter().flat_map(|rest| rest.keys()).take_while(is_below).collect()
    }

    /// Returns the value at an address, to change it.
    pub fn get_mut(&mut self, address: &Address) -> Option<&mut V> {
        self.0.get_mut(address)
    }

    /// Returns the values with their addresses, to change the values.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Address, &mut V)> {
        self.0.iter_mut()
    }

    /// Keeps the values at the addresses that `keeps` accepts.
    pub fn retain(&mut self, keeps: impl Fn(&Address) -> bool) {
        self.0.retain(|address, _| keeps(address));
    }
}

impl<V> Default for AddressMap<V> {
    fn default() -> Self {
        AddressMap(IndexMap::new())
    }
}

impl<V: PartialEq> PartialEq for AddressMap<V> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<V> Deref for AddressMap<V> {
    type Target = IndexMap<Address, V>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<V> Extend<(Address, V)> for AddressMap<V> {
    fn extend<I: IntoIterator<Item = (Address, V)>>(&mut self, values: I) {
        self.0.extend(values);
        self.0.sort_keys();
    }
}

impl<V> FromIterator<(Address, V)> for AddressMap<V> {
    fn from_iter<I: IntoIterator<Item = (Address, V)>>(values: I) -> Self {
        let mut map = AddressMap::default();
        map.extend(values);
        map
    }
}

impl<'m, V> IntoIterator for &'m AddressMap<V> {
    type Item = (&'m Address, &'m V);
    type IntoIter = indexmap::map::Iter<'m, Address, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(names: &[&str]) -> AddressMap<usize> {
        names.iter().map(|name| name.parse().unwrap()).zip(0..).collect()
    }

    #[test]
    fn the_order_is_that_of_the_addresses_however_they_came() {
        let mut map = map(&["function/c", "alias/b/live", "function/a"]);
        map.retain(|address| *address.keys != ["c"]);
        map.extend([("function/b".parse().unwrap(), 3), ("alias/a/live".parse().unwrap(), 4)]);
        let order: Vec<String> = map.keys().map(Address::to_string).collect();
        let mut sorted: Vec<Address> = map.keys().cloned().collect();
        sorted.sort();
        assert_eq!(order, sorted.iter().map(Address::to_string).collect::<Vec<_>>());
    }

    #[test]
    fn the_addresses_below_some_keys_are_those_that_begin_with_them() {
        let map = map(&["alias/a/live", "alias/a/next", "alias/ab/live", "alias/b/live", "function/a"]);
        let below = |keys: &[&str]| {
            let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
            map.below(KindId::Alias, &keys).into_iter().map(Address::to_string).collect::<Vec<_>>()
        };
        assert_eq!(below(&["a"]), ["alias/a/live", "alias/a/next"]);
        assert_eq!(below(&["b", "live"]), ["alias/b/live"]);
        assert_eq!(below(&["c"]), [""; 0]);
        assert_eq!(below(&[]).len(), 4);
    }
}
