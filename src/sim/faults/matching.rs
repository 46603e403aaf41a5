//! The resource that a call names.

use serde_json::{Map, Value};

use crate::sim::context::identifiers::FunctionName;

/// The members that name a resource. A description that reads like a name is not one.
const NAMES: [&str; 14] = [
    "FunctionName",
    "Resource",
    "ResourceArn",
    "Name",
    "Qualifier",
    "LayerName",
    "Arn",
    "UUID",
    "CapacityProviderName",
    "CodeSigningConfigArn",
    "EventSourceArn",
    "StatementId",
    "DurableExecutionArn",
    "CallbackId",
];

/// Returns whether the call names the resource `name`, in whatever form either is given.
pub(crate) fn is_named(input: &Map<String, Value>, name: &str) -> bool {
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    NAMES.into_iter().any(|member| {
        let Some(given) = text(member) else { return false };
        let is_function = matches!(member, "FunctionName" | "Resource" | "ResourceArn");
        given == name || last(given) == Some(name) || (is_function && is_function_of(given, text("Qualifier"), name))
    })
}

/// Returns whether `given`, with `qualifier` if it has none, is the function `name`, or its version or alias of that name.
fn is_function_of(given: &str, qualifier: Option<&str>, name: &str) -> bool {
    let (Some(given), Some(name)) = (FunctionName::parse(given), FunctionName::parse(name)) else { return false };
    let qualifier = given.qualifier.as_deref().or(qualifier);
    given.name == name.name && (name.qualifier.is_none() || name.qualifier.as_deref() == qualifier)
}

/// Returns the name within the ARN of a Lambda resource other than a function; a layer version has a number after it.
fn last(arn: &str) -> Option<&str> {
    let mut parts = arn.strip_prefix("arn:")?.split(':').skip(1);
    let (service, kind) = (parts.next()?, parts.nth(2)?);
    parts.next().filter(|_| service == "lambda" && kind != "function")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn about(input: Value, name: &str) -> bool {
        is_named(input.as_object().expect("members"), name)
    }

    #[test]
    fn a_function_is_meant_in_whatever_form_it_is_named() {
        let arn = "arn:aws:lambda:us-east-1:123456789012:function:orders";
        for given in ["orders", "orders:$LATEST", "123456789012:function:orders", arn] {
            assert!(about(json!({"FunctionName": given}), "orders"), "{given}");
            assert!(about(json!({"FunctionName": given}), arn), "{given}");
        }
        assert!(about(json!({"Resource": arn}), "orders"));
        assert!(about(json!({"FunctionName": "orders", "Qualifier": "live"}), "orders:live"));
        assert!(!about(json!({"FunctionName": "orders", "Qualifier": "7"}), "orders:live"));
        assert!(!about(json!({"FunctionName": "orders-eu", "Description": "orders"}), "orders"));
    }

    #[test]
    fn what_is_no_function_is_meant_by_its_name_or_its_arn() {
        let mapping = "arn:aws:lambda:us-east-1:123456789012:event-source-mapping:abc";
        assert!(about(json!({"Resource": mapping}), "abc"));
        assert!(about(json!({"LayerName": "arn:aws:lambda:us-east-1:123456789012:layer:common"}), "common"));
        assert!(about(json!({"Arn": "arn:aws:lambda:us-east-1:123456789012:layer:common:3"}), "common"));
        assert!(!about(json!({"Arn": "arn:aws:lambda:us-east-1:123456789012:layer:common:3"}), "3"));
        assert!(!about(json!({"EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:abc"}), "abc"));
        assert!(about(json!({"FunctionName": "f", "Name": "live"}), "live"));
    }
}
