//! The resources that a user chooses, as addresses of a spec.

use crate::declaration::Stack;
use crate::model::{Address, AddressPattern};
use crate::plan::PlanOptions;

/// The resources that a user chooses.
#[derive(Clone, Debug, Default)]
pub struct ChosenResources {
    /// Only these, and what they need.
    pub targets: Vec<AddressPattern>,
    /// All but these, and what needs them.
    pub excludes: Vec<AddressPattern>,
    /// A commit of the spec's repository: only what can have changed since then.
    pub changed_since: Option<String>,
}

/// A pattern that no resource of the spec fits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no resource of the spec has an address like `{pattern}`")]
pub struct NoMatch {
    /// The pattern.
    pub pattern: String,
}

impl ChosenResources {
    /// Adds the chosen resources to the options of a plan.
    ///
    /// # Errors
    /// A pattern that fits none: a plan of everything, or of nothing, would not be what was asked for.
    pub fn choose(&self, stack: &Stack, options: &mut PlanOptions) -> Result<(), NoMatch> {
        options.targets.extend(chosen(&self.targets, stack)?);
        // What is deleted because the spec does not declare it can be left out as well.
        let is_declared = |pattern: &&AddressPattern| stack.resources.keys().any(|address| pattern.fits(address));
        let deletes_others = options.prune || options.destroy || stack.prunes_anything();
        let (of_spec, of_others): (Vec<_>, Vec<_>) = self.excludes.iter().partition(is_declared);
        let named = if deletes_others { of_spec } else { of_spec.into_iter().chain(of_others).collect() };
        options.excludes.extend(chosen(named, stack)?);
        options.exclude_patterns.extend(self.excludes.iter().filter(|_| deletes_others).cloned());
        Ok(())
    }
}

fn chosen<'p>(patterns: impl IntoIterator<Item = &'p AddressPattern>, stack: &Stack) -> Result<Vec<Address>, NoMatch> {
    let mut all: Vec<Address> = Vec::new();
    for pattern in patterns {
        let fitting = pattern.select(stack.resources.keys());
        if fitting.is_empty() {
            return Err(NoMatch { pattern: pattern.to_string() });
        }
        all.extend(fitting.into_iter().filter(|address| !all.contains(address)).collect::<Vec<_>>());
    }
    Ok(all)
}
