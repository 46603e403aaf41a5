//! The depth of an observation.

use crate::plan::PlanOptions;

/// The depth of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The declared resources, and whatever their reads show besides.
    Declared,
    /// All resources, declared or not.
    Full,
}

impl Depth {
    /// Returns the depth that the options need: pruning needs undeclared resources.
    pub fn max_for(self, options: &PlanOptions) -> Depth {
        if options.prune || options.destroy { Depth::Full } else { self }
    }
}
