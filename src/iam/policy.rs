//! A policy as a document: statements that allow actions on the same resources under the same condition.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// The conditions of a statement: operators with their keys and values.
pub type Conditions = BTreeMap<&'static str, BTreeMap<String, Vec<String>>>;

/// A policy of an identity.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct IamPolicy {
    /// The version of the language.
    version: &'static str,
    /// The statements.
    #[serde(rename = "Statement")]
    pub statements: Vec<PolicyStatement>,
}

/// A statement that allows actions.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyStatement {
    /// Its name.
    pub sid: String,
    effect: &'static str,
    /// The actions.
    #[serde(rename = "Action")]
    pub actions: BTreeSet<String>,
    /// The resources.
    #[serde(rename = "Resource")]
    pub resources: BTreeSet<String>,
    /// The conditions.
    #[serde(rename = "Condition", skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: Conditions,
}

/// The resources of a statement, with the conditions under which they may be used, and the name that they give it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatementScope {
    /// The name.
    pub name: &'static str,
    /// The resources.
    pub resources: Vec<String>,
    /// The conditions.
    pub conditions: Conditions,
}

impl StatementScope {
    /// Returns true if it is wider than another one: it has all resources of that, under no other condition.
    fn covers(&self, other: &StatementScope) -> bool {
        let has = |arn: &String| self.resources.iter().any(|pattern| matches(pattern, arn));
        let is_free = self.conditions.is_empty() || self.conditions == other.conditions;
        // Of two that cover each other the first is said.
        let is_alike = self.conditions == other.conditions
            && self.resources.iter().all(|arn| other.resources.iter().any(|pattern| matches(pattern, arn)));
        is_free && other.resources.iter().all(has) && (!is_alike || self < other)
    }

    /// Returns the name of a statement about it: with the tag of the stack, the stack's own resources, or new ones.
    fn title(&self) -> String {
        let has = |key: &str| self.conditions.values().flat_map(BTreeMap::keys).any(|it| it.starts_with(key));
        // What is new has a tag in the request, and none yet.
        let prefix = match (has("aws:RequestTag/"), has("aws:ResourceTag/")) {
            (true, _) => "New",
            (false, true) => "Own",
            (false, false) => "",
        };
        format!("{prefix}{}", self.name)
    }
}

/// Returns true if a text matches a pattern in which `*` stands for any text.
pub fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.any(|at| matches(rest, &text[at..]))
        }),
    }
}

/// Collects the actions of each scope.
#[derive(Debug, Default)]
pub struct Statements(BTreeMap<StatementScope, BTreeSet<String>>);

impl Statements {
    /// Adds an action.
    pub fn allow(&mut self, scope: StatementScope, action: impl Into<String>) {
        self.0.entry(scope).or_default().insert(action.into());
    }

    /// Returns the policy. The same actions under the same conditions are one statement.
    pub fn policy(self) -> IamPolicy {
        let mut merged: BTreeMap<(String, Conditions, BTreeSet<String>), BTreeSet<String>> = BTreeMap::new();
        for (scope, actions) in self.narrowed() {
            let key = (scope.title(), scope.conditions, actions);
            merged.entry(key).or_default().extend(scope.resources);
        }
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        let statements = merged.into_iter().map(|((title, conditions, actions), resources)| {
            let number = names.entry(title.clone()).or_default();
            *number += 1;
            let sid = if *number == 1 { title } else { format!("{title}{number}") };
            PolicyStatement { sid, effect: "Allow", actions, resources, conditions }
        });
        let statements = statements.collect();
        IamPolicy { version: "2012-10-17", statements }
    }

    /// Returns the actions of each scope without those that a wider one allows as well.
    fn narrowed(self) -> BTreeMap<StatementScope, BTreeSet<String>> {
        let is_wide = |scope: &StatementScope| scope.resources.iter().all(|arn| arn.ends_with('*'));
        let wide = self.0.iter().filter(|(scope, _)| is_wide(scope));
        let wide: Vec<(StatementScope, BTreeSet<String>)> =
            wide.map(|(it, actions)| (it.clone(), actions.clone())).collect();
        let mut narrowed = self.0;
        for (scope, actions) in &mut narrowed {
            for (_, allowed) in wide.iter().filter(|(wide, _)| wide.covers(scope)) {
                actions.retain(|action| !allowed.contains(action));
            }
        }
        narrowed.retain(|_, actions| !actions.is_empty());
        narrowed
    }
}

impl IamPolicy {
    /// The most characters that IAM takes for a managed policy, white space not counted.
    pub const MAX_MANAGED: usize = 6144;

    /// Returns the number of characters as IAM counts them.
    pub fn size(&self) -> usize {
        let text = serde_json::to_string(self).unwrap_or_default();
        text.chars().filter(|letter| !letter.is_whitespace()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_names() {
        assert!(matches("shop-*", "shop-orders") && matches("*", "x") && matches("a*c*", "abcd"));
        assert!(!matches("shop-*", "orders") && !matches("a*c", "abcd"));
    }

    #[test]
    fn what_a_wider_statement_allows_is_said_once() {
        let scope = |arn: &str| StatementScope {
            name: "Functions",
            resources: vec![arn.to_owned()],
            conditions: Conditions::new(),
        };
        let mut statements = Statements::default();
        statements.allow(scope("function:orders"), "lambda:GetFunction");
        statements.allow(scope("function:orders"), "lambda:GetPolicy");
        statements.allow(scope("function:*"), "lambda:GetFunction");
        let policy = statements.policy();
        let said: Vec<_> = policy.statements.iter().map(|it| (it.resources.len(), it.actions.len())).collect();
        assert_eq!(said, [(1, 1), (1, 1)], "{policy:?}");
    }
}
