//! A policy document, as IAM stores it, and its decision on an action.

use std::collections::{BTreeMap, BTreeSet};

use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::Value;

use super::condition::{Condition, Context};
use super::pattern::Pattern;

/// An identity-based policy; clones share the record of what it was used for.
#[derive(Clone, Debug)]
pub struct IamPolicy {
    statements: Arc<Vec<Statement>>,
    used: Arc<Mutex<BTreeSet<(usize, String)>>>,
}

/// The reason why a text is no policy.
#[derive(Debug, thiserror::Error)]
pub enum IamPolicyError {
    /// It is not JSON, or lacks a member.
    #[error("not an IAM policy document")]
    Document(#[from] serde_json::Error),
    /// A statement is malformed, or has what the simulator does not know.
    #[error("statement {number}: {mistake}")]
    Statement {
        /// The number of the statement, from 1.
        number: usize,
        /// The mistake.
        mistake: String,
    },
}

#[derive(Debug)]
struct Statement {
    name: String,
    allows: bool,
    actions: Vec<Pattern>,
    resources: Vec<Pattern>,
    conditions: Vec<Condition>,
}

/// An action that must be allowed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Need {
    /// The action, such as `lambda:GetFunction`.
    pub(crate) action: String,
    /// The ARN of its resource; `*` for an action that has none.
    pub(crate) resource: String,
    /// The condition keys.
    pub(crate) context: Context,
}

/// The decision on an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Allowed,
    /// No statement allows it.
    ImplicitDeny,
    /// A statement denies it.
    ExplicitDeny,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DocumentJson {
    #[serde(rename = "Version")]
    _version: Option<String>,
    #[serde(rename = "Id")]
    _id: Option<String>,
    statement: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct StatementJson {
    sid: Option<String>,
    effect: String,
    action: OneOrMany<String>,
    resource: OneOrMany<String>,
    #[serde(default)]
    condition: BTreeMap<String, BTreeMap<String, OneOrMany<String>>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    fn into_vec(self) -> Vec<T> {
        match self {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        }
    }
}

impl IamPolicy {
    /// Parses a policy document.
    ///
    /// # Errors
    /// [`IamPolicyError`] for what is no policy document, and for what the simulator cannot decide: `NotAction`, `NotResource`,
    /// policy variables and condition operators that it does not know.
    pub fn parse(text: &str) -> Result<IamPolicy, IamPolicyError> {
        let document: DocumentJson = serde_json::from_str(text)?;
        let statements = match document.statement {
            Value::Array(statements) => statements,
            one => vec![one],
        };
        let statements = statements.into_iter().enumerate().map(|(index, json)| {
            let read = serde_json::from_value(json).map_err(|error| error.to_string());
            let read = read.and_then(|json| Statement::read(index, json));
            read.map_err(|mistake| IamPolicyError::Statement { number: index + 1, mistake })
        });
        let statements = statements.collect::<Result<Vec<_>, _>>()?;
        Ok(IamPolicy { statements: Arc::new(statements), used: Arc::default() })
    }

    /// Returns the actions and resources that no request used, by statement: what the policy grants without need.
    pub fn unused(&self) -> Vec<String> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let of_statement = |(index, statement): (usize, &Statement)| {
            let patterns = statement.actions.iter().chain(&statement.resources);
            let unused = patterns.filter(|pattern| !used.contains(&(index, pattern.text.clone())));
            unused.map(|pattern| format!("{}: {}", statement.name, pattern.text)).collect::<Vec<_>>()
        };
        let allowing = self.statements.iter().enumerate().filter(|(_, statement)| statement.allows);
        allowing.flat_map(of_statement).collect()
    }

    /// Returns the decision on an action, and records what allowed it.
    pub(crate) fn decide(&self, need: &Need) -> Decision {
        let mut decision = Decision::ImplicitDeny;
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        for (index, statement) in self.statements.iter().enumerate() {
            let Some(patterns) = statement.matching(need) else { continue };
            if !statement.allows {
                return Decision::ExplicitDeny;
            }
            used.extend(patterns.into_iter().map(|pattern| (index, pattern.text.clone())));
            decision = Decision::Allowed;
        }
        decision
    }
}

impl Statement {
    fn read(index: usize, json: StatementJson) -> Result<Statement, String> {
        let patterns = |texts: OneOrMany<String>| -> Result<Vec<Pattern>, String> {
            texts.into_vec().iter().map(|text| Pattern::new(text)).collect()
        };
        let conditions = json.condition.into_iter().map(|(operator, keys)| {
            let keys = keys.into_iter().map(|(key, values)| (key, values.into_vec()));
            Condition::read(&operator, keys)
        });
        Ok(Statement {
            name: json.sid.unwrap_or_else(|| format!("statement {}", index + 1)),
            allows: match json.effect.as_str() {
                "Allow" => true,
                "Deny" => false,
                effect => return Err(format!("`Effect` is Allow or Deny, not `{effect}`")),
            },
            actions: json.action.into_vec().iter().map(|text| Pattern::of_action(text)).collect::<Result<_, _>>()?,
            resources: patterns(json.resource)?,
            conditions: conditions.collect::<Result<_, _>>()?,
        })
    }

    /// Returns the patterns that match the action and its resource; `None` if the statement is about something else.
    fn matching(&self, need: &Need) -> Option<[&Pattern; 2]> {
        let action = need.action.to_lowercase();
        let action = self.actions.iter().find(|pattern| pattern.matches(&action))?;
        let resource = self.resources.iter().find(|pattern| pattern.matches(&need.resource))?;
        self.conditions.iter().all(|condition| condition.holds(&need.context)).then_some([action, resource])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(statements: Value) -> Result<IamPolicy, IamPolicyError> {
        IamPolicy::parse(&json!({"Version": "2012-10-17", "Statement": statements}).to_string())
    }

    fn need(action: &str, resource: &str) -> Need {
        Need { action: action.to_owned(), resource: resource.to_owned(), context: BTreeMap::new() }
    }

    #[test]
    fn a_deny_outweighs_every_allow_and_nothing_is_allowed_unsaid() {
        let policy = policy(json!([
            {"Sid": "All", "Effect": "Allow", "Action": "lambda:*", "Resource": "*"},
            {"Effect": "Deny", "Action": ["lambda:DeleteFunction"], "Resource": "arn:aws:lambda:*:*:function:live-?"},
        ]))
        .expect("a policy");
        let on = |name: &str| format!("arn:aws:lambda:us-east-1:1:function:{name}");
        assert_eq!(policy.decide(&need("lambda:deletefunction", &on("live-a"))), Decision::ExplicitDeny);
        assert_eq!(policy.decide(&need("lambda:DeleteFunction", &on("live-ab"))), Decision::Allowed);
        assert_eq!(policy.decide(&need("iam:PassRole", "arn:aws:iam::1:role/r")), Decision::ImplicitDeny);
        assert!(policy.unused().is_empty());
    }

    #[test]
    fn what_no_request_used_is_named_by_its_statement() {
        let policy =
            policy(json!({"Sid": "Read", "Effect": "Allow", "Action": ["lambda:GetAlias", "lambda:GetPolicy"],
            "Resource": "*"}))
            .expect("a policy");
        policy.decide(&need("lambda:GetAlias", "arn:aws:lambda:us-east-1:1:function:f"));
        assert_eq!(policy.unused(), ["Read: lambda:GetPolicy"]);
    }

    #[test]
    fn what_cannot_be_decided_is_refused() {
        for (statement, wrong) in [
            (json!({"Effect": "Allow", "NotAction": "x", "Resource": "*"}), "NotAction"),
            (json!({"Effect": "Perhaps", "Action": "x", "Resource": "*"}), "`Effect` is Allow or Deny"),
            (json!({"Effect": "Allow", "Action": "x", "Resource": "${aws:username}"}), "policy variables"),
            (
                json!({"Effect": "Allow", "Action": "x", "Resource": "*", "Condition": {"Bool": {"a": "true"}}}),
                "`Bool`",
            ),
        ] {
            let error = policy(json!([statement])).expect_err(wrong).to_string();
            assert!(error.contains(wrong) || error.contains("did not match"), "{error}");
        }
    }
}
