//! Contexts for tests of rules that look at other resources.

use serde_json::{Map, Value};

use crate::model::{Address, KindId};
use crate::resource::testing::TestContext;

/// Nothing but these declarations, by their addresses. A function's role and code, which no test is about, may be left out.
pub fn declaring(declared: &[(&str, Value)]) -> TestContext {
    let declared = declared.iter().map(|(at, value)| {
        let (address, mut value) = (Address::try_from((*at).to_owned()).unwrap(), value.clone());
        if let (KindId::Function, Value::Object(fields)) = (address.kind, &mut value) {
            fields.entry("role").or_insert_with(|| "arn:aws:iam::123456789012:role/orders".into());
            fields.entry("code").or_insert_with(|| Map::new().into());
        }
        (address, value.into())
    });
    TestContext { declared: declared.collect(), ..TestContext::default() }
}
