//! Policy documents: JSON whose order is kept, because the text itself is part of the answer.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// JSON in the order in which it was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum OrderedJson {
    /// An object.
    Object(IndexMap<String, OrderedJson>),
    /// An array.
    List(Vec<OrderedJson>),
    /// Anything that has no order.
    Plain(Value),
}

impl OrderedJson {
    /// An object of these members.
    pub(crate) fn object<const N: usize>(members: [(&str, OrderedJson); N]) -> Self {
        OrderedJson::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// A text.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        OrderedJson::Plain(Value::String(text.into()))
    }

    fn get(&self, name: &str) -> Option<&OrderedJson> {
        match self {
            OrderedJson::Object(members) => members.get(name),
            _ => None,
        }
    }

    fn as_text(&self) -> Option<&str> {
        match self {
            OrderedJson::Plain(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Compact JSON, as the service writes it.
    pub(crate) fn print(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A resource's policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub(crate) document: OrderedJson,
    /// Moves with every change of the policy, and with nothing else.
    pub(crate) revision: String,
}

impl Policy {
    /// A policy without statements.
    pub(crate) fn empty() -> Self {
        let document = OrderedJson::object([
            ("Version", OrderedJson::text("2012-10-17")),
            ("Id", OrderedJson::text("default")),
            ("Statement", OrderedJson::List(Vec::new())),
        ]);
        Policy { document, revision: String::new() }
    }

    /// The statements. A document may have a single one without a list around it.
    fn statements(&self) -> &[OrderedJson] {
        match self.document.get("Statement") {
            Some(OrderedJson::List(statements)) => statements,
            Some(statement @ OrderedJson::Object(_)) => std::slice::from_ref(statement),
            _ => &[],
        }
    }

    /// Returns whether there is a statement with this id.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.statements().iter().any(|statement| statement_id(statement) == Some(id))
    }

    /// Returns whether there are no statements.
    pub(crate) fn is_empty(&self) -> bool {
        self.statements().is_empty()
    }

    /// The same policy with one statement more.
    pub(crate) fn with(&self, statement: OrderedJson) -> Policy {
        let mut statements = self.statements().to_vec();
        statements.push(statement);
        self.of(statements)
    }

    /// The same policy without the statement of this id.
    pub(crate) fn without(&self, id: &str) -> Policy {
        self.of(self.statements().iter().filter(|statement| statement_id(statement) != Some(id)).cloned().collect())
    }

    fn of(&self, statements: Vec<OrderedJson>) -> Policy {
        let mut policy = self.clone();
        if let OrderedJson::Object(members) = &mut policy.document {
            members.insert("Statement".to_owned(), OrderedJson::List(statements));
        }
        policy
    }
}

fn statement_id(statement: &OrderedJson) -> Option<&str> {
    statement.get("Sid").and_then(OrderedJson::as_text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_keeps_its_order() {
        let text = r#"{"Version":"2012-10-17","Statement":{"Sid":"b","Effect":"Allow","Action":["z","a"],"N":1}}"#;
        let document: OrderedJson = serde_json::from_str(text).expect("JSON");
        assert_eq!(document.print(), text);
        let policy = Policy { document, revision: String::new() };
        assert!(policy.has("b") && policy.without("b").is_empty());
    }
}
