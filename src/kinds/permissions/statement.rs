//! One statement, in the user's words and in those of a policy document.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::model::has_reference;

/// A statement of a resource policy. Its id is its key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["action", "principal"]))]
pub struct Statement {
    /// The allowed action: `lambda:InvokeFunction`, `lambda:InvokeFunctionUrl`, `lambda:*`, …
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 10000), regex(pattern = r"^(lambda:[*]|lambda:[a-zA-Z]+|[*])$"))]
    pub action: String,
    /// The principal: a service such as `sns.amazonaws.com`, an account's twelve digits, the ARN of a role or user, or `*` for everybody.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(min = 1, max = 2048), regex(pattern = r"^[^\s]+$"))]
    pub principal: String,
    /// Only on behalf of this resource, or of those that the pattern fits: `arn:aws:s3:::uploads`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(max = 10000),
        regex(
            pattern = r"^arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}|\*)?:(\d{12}|\*)?:(.*)$"
        )
    )]
    pub source_arn: Option<String>,
    /// Only on behalf of resources of this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 12), regex(pattern = r"^\d{12}$"))]
    pub source_account: Option<String>,
    /// Only for members of this AWS organization; goes with the principal `*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 12, max = 34), regex(pattern = r"^o-[a-z0-9]{10,32}$"))]
    pub principal_org_id: Option<String>,
    /// The token that an Alexa Smart Home skill has to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256), regex(pattern = r"^[a-zA-Z0-9._\-]+$"))]
    pub event_source_token: Option<String>,
    /// Only through a function URL with this `auth_type`; goes with `lambda:InvokeFunctionUrl`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["NONE", "AWS_IAM"]))]
    pub function_url_auth_type: Option<String>,
    /// Only through a function URL; goes with `lambda:InvokeFunction`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub invoked_via_function_url: bool,
    /// A live statement as JSON, where the other fields cannot say all of it; then it stands instead of them. It is
    /// not in the schema: nobody writes it, and no declared statement has it, so it always differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub statement: Option<String>,
}

impl Statement {
    /// Reads a statement of the policy of `resource`: in our words, or as a whole where they cannot say all of it.
    pub fn read(raw: &Value, resource: &str) -> Statement {
        let (statement, says_all) = Statement::words(raw, resource);
        if says_all {
            return statement;
        }
        let mut raw = raw.clone();
        // The id is the statement's key.
        raw.as_object_mut().into_iter().for_each(|members| drop(members.remove("Sid")));
        Statement { statement: Some(raw.to_string()), ..Statement::default() }
    }

    /// The fields that our words can say of a statement that they cannot say as a whole.
    pub fn in_part(&self) -> Option<Statement> {
        let raw: Value = serde_json::from_str(self.statement.as_ref()?).ok()?;
        Some(Statement { statement: self.statement.clone(), ..Statement::words(&raw, "").0 })
    }

    /// Reads a statement as far as the spec can express it, and marks whatever it cannot.
    fn words(raw: &Value, resource: &str) -> (Statement, bool) {
        let mut statement = Statement::default();
        let Some(members) = raw.as_object() else { return (statement, false) };
        statement.action = members.get("Action").and_then(single).unwrap_or_default().to_owned();
        statement.principal = members.get("Principal").and_then(principal).unwrap_or_default();
        let known = ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];
        let mut says_all = members.keys().all(|member| known.contains(&member.as_str()))
            && members.get("Effect").and_then(Value::as_str) == Some("Allow")
            && members.get("Resource").and_then(single) == Some(resource)
            && !statement.principal.is_empty()
            && !statement.action.is_empty();
        let conditions = members.get("Condition");
        says_all &= conditions.is_none_or(Value::is_object);
        for (operator, keys) in conditions.and_then(Value::as_object).into_iter().flatten() {
            says_all &= keys.is_object();
            for (key, value) in keys.as_object().into_iter().flatten() {
                says_all &= statement.condition(operator, key, value).is_some();
            }
        }
        (statement, says_all)
    }

    /// Takes one condition in; `None` if there is no word for it. The names of keys have no case.
    fn condition(&mut self, operator: &str, key: &str, value: &Value) -> Option<()> {
        if operator == "Bool" && key.eq_ignore_ascii_case("lambda:InvokedViaFunctionUrl") {
            self.invoked_via_function_url = true;
            return (value == true || single(value) == Some("true")).then_some(());
        }
        let text = single(value)?;
        let has_pattern = text.contains(['*', '?']);
        let key = key.to_ascii_lowercase();
        let field = match key.as_str() {
            "aws:sourcearn" => &mut self.source_arn,
            "aws:sourceaccount" => &mut self.source_account,
            "aws:principalorgid" => &mut self.principal_org_id,
            "lambda:eventsourcetoken" => &mut self.event_source_token,
            "lambda:functionurlauthtype" => &mut self.function_url_auth_type,
            _ => return None,
        };
        let means_ours = match operator {
            "ArnLike" | "ArnEquals" => key == "aws:sourcearn",
            "StringLike" => key == "aws:sourcearn" || !has_pattern,
            "StringEquals" => key != "aws:sourcearn" || !has_pattern,
            _ => false,
        };
        (means_ours && field.replace(text.to_owned()).is_none()).then_some(())
    }

    /// The statement as Lambda would write it for AddPermission.
    pub fn document(&self, id: &str, resource: &str, partition: &str) -> Value {
        let text = |key: &str, value: &Option<String>| Some((key.to_owned(), json!(value.as_ref()?)));
        let equals = [
            text("AWS:SourceAccount", &self.source_account),
            text("lambda:FunctionUrlAuthType", &self.function_url_auth_type),
            text("aws:PrincipalOrgID", &self.principal_org_id),
            text("lambda:EventSourceToken", &self.event_source_token),
        ];
        let by_url = self.invoked_via_function_url.then(|| ("lambda:InvokedViaFunctionUrl".to_owned(), json!("true")));
        let conditions: [(&str, Map<String, Value>); 3] = [
            ("StringEquals", equals.into_iter().flatten().collect()),
            ("ArnLike", text("AWS:SourceArn", &self.source_arn).into_iter().collect()),
            ("Bool", by_url.into_iter().collect()),
        ];
        let conditions: Map<String, Value> = conditions
            .into_iter()
            .filter(|(_, keys)| !keys.is_empty())
            .map(|(operator, keys)| (operator.to_owned(), Value::Object(keys)))
            .collect();
        let mut statement = json!({
            "Sid": id,
            "Effect": "Allow",
            "Principal": self.who(partition),
            "Action": self.action,
            "Resource": resource,
        });
        if !conditions.is_empty() {
            statement["Condition"] = Value::Object(conditions);
        }
        statement
    }

    fn who(&self, partition: &str) -> Value {
        match self.principal.as_str() {
            "*" => json!("*"),
            account if is_account(account) => json!({"AWS": format!("arn:{partition}:iam::{account}:root")}),
            arn if arn.starts_with("arn:") => json!({"AWS": arn}),
            service => json!({"Service": service}),
        }
    }

    /// Returns true if the principal is a service, as far as its form shows: the domains differ between partitions.
    pub fn is_for_service(&self) -> bool {
        self.principal.contains('.') && !self.principal.starts_with("arn:") && !has_reference(&self.principal)
    }

    /// Returns the unintended callers that the statement lets in, if it leaves the function open.
    pub fn opens_to(&self) -> Option<&'static str> {
        let is_of_one = self.source_arn.as_deref().is_some_and(is_of_one);
        let narrowed = is_of_one || self.source_account.is_some() || self.principal_org_id.is_some();
        if self.principal != "*" || narrowed {
            return None;
        }
        Some(match self.function_url_auth_type.as_deref() {
            Some("AWS_IAM") => "every AWS account",
            _ if self.invoked_via_function_url => "everyone who calls its URL",
            _ => "everyone",
        })
    }
}

/// Tests for a source that one account has. Any bucket, for example, is `arn:aws:s3:::*`: names of buckets have no account.
fn is_of_one(arn: &str) -> bool {
    let mut parts = arn.splitn(6, ':').skip(4);
    let [account, name] = [parts.next(), parts.next()].map(|part| part.unwrap_or_default());
    let is_any = |text: &str| text.chars().all(|letter| matches!(letter, '*' | '?' | '/'));
    !is_any(account) || !is_any(name)
}

/// A principal in the user's words: the digits of an account for its root, `*` in whichever form.
fn principal(raw: &Value) -> Option<String> {
    // Lambda writes `*` so, and some servers every ARN.
    if let Some(text) = raw.as_str() {
        return Some(account(text).to_owned());
    }
    let members = raw.as_object().filter(|members| members.len() == 1)?;
    let (kind, who) = members.iter().next()?;
    let who = single(who)?;
    match kind.as_str() {
        "AWS" => Some(account(who).to_owned()),
        "Service" => Some(who.to_owned()),
        _ => None,
    }
}

/// The account that an ARN of its root stands for; any other principal is its own name.
pub fn account(principal: &str) -> &str {
    let root = principal.strip_suffix(":root").and_then(|rest| rest.split_once(":iam::"));
    root.map(|(_, account)| account).filter(|account| is_account(account)).unwrap_or(principal)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The text that a value is, also as the only one of a list.
fn single(value: &Value) -> Option<&str> {
    match value {
        Value::Array(list) if list.len() == 1 => list[0].as_str(),
        other => other.as_str(),
    }
}
