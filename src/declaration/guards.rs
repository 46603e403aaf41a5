//! `limits`: what a plan of the spec may do at most, and what has to be confirmed.

use serde_json::{Value, json};

use crate::model::{Guards, RiskClass, Threshold};

/// The key at the top of a spec.
pub const KEY: &str = "limits";

/// The word for every class of risks.
const ALL: &str = "all";

/// The schema of the limits.
pub fn schema() -> Value {
    let threshold = |description: &str| {
        json!({
            "description": format!("{description}: a number, or a share of the live resources such as `30%`."),
            "type": "string",
            "pattern": "^[0-9]{1,6}%?$",
        })
    };
    let classes: Vec<&str> = RiskClass::ALL.into_iter().map(RiskClass::name).chain([ALL]).collect();
    json!({
        "description": "What a plan may do at most, and what has to be confirmed. It is refused otherwise (exit 4).",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "max_deletes": threshold("The most resources that a plan deletes or replaces"),
            "max_changes": threshold("The most resources that a plan changes in any way"),
            "shares_from": {
                "description": "The number of live resources from which shares count. Default: 10.",
                "type": "integer",
                "minimum": 0,
            },
            "confirm": {
                "description": "The risks that need `--confirm NAME`; `all` for each of them.",
                "type": "array",
                "items": {"type": "string", "enum": classes},
            },
        },
    })
}

/// Returns the limits of a spec from their value, of which what does not fit has been reported.
pub fn guards(value: Option<&Value>) -> Guards {
    let field = |name: &str| value.and_then(|value| value.get(name));
    let threshold = |name: &str| field(name).and_then(Value::as_str).and_then(|text| text.parse::<Threshold>().ok());
    let words = field("confirm").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut confirm: Vec<RiskClass> = words
        .flat_map(|word| match word {
            ALL => RiskClass::ALL.to_vec(),
            word => word.parse().into_iter().collect(),
        })
        .collect();
    confirm.sort();
    confirm.dedup();
    Guards {
        max_deletes: threshold("max_deletes"),
        max_changes: threshold("max_changes"),
        shares_from: field("shares_from").and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok()),
        confirm,
    }
}
