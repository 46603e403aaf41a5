use super::spec::EventSourceMapping;
use crate::kinds::*;
use crate::model::*;
pub fn check(_s: &EventSourceMapping, _a: &At, _r: &dyn Around, _f: &mut Findings) {}
