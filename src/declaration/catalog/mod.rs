//! The rules of the declaration language.

pub mod expressions;
pub mod files;
pub mod resources;
pub mod values;

use crate::model::Rule;

/// Returns every rule of the language, in the order of the codes.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [files::RULES, values::RULES, expressions::RULES, resources::RULES].into_iter().flatten()
}
