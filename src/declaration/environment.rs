//! The environment, as far as a spec may read it.

use std::collections::{BTreeMap, BTreeSet};

use super::Inputs;

/// The environment variables that a spec may read.
#[derive(Clone, Debug)]
pub struct SpecEnvironment {
    values: BTreeMap<String, String>,
    allowed: Option<BTreeSet<String>>,
}

impl SpecEnvironment {
    /// Takes the environment from the inputs, without the variables that the spec may not read.
    pub fn of(inputs: &Inputs) -> SpecEnvironment {
        let allowed = inputs.allow_env.clone();
        let mut values = inputs.environment.clone();
        if let Some(allowed) = &allowed {
            values.retain(|name, _| allowed.contains(name));
        }
        SpecEnvironment { values, allowed }
    }

    /// Tests whether the spec may read a variable, set or not.
    pub fn allows(&self, name: &str) -> bool {
        self.allowed.as_ref().is_none_or(|allowed| allowed.contains(name))
    }

    /// Returns the value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Returns the names of the variables that are set.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }
}
