//! One statement, in the user's words and in those of a policy document.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Who may do what with the function. The statement's id is its key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// What is allowed: `lambda:InvokeFunction`, `lambda:InvokeFunctionUrl`, `lambda:*`, …
    #[schemars(length(max = 10000), regex(pattern = r"^(lambda:[*]|lambda:[a-zA-Z]+|[*])$"))]
    pub action: String,
    /// Who: a service such as `sns.amazonaws.com`, an account's twelve digits, the ARN of a role or user, or `*` for everybody.
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
    /// A live statement as a whole, where the other fields cannot say all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub beyond: Option<String>,
}

impl Statement {
    /// Reads a statement of the policy of `resource`. What cannot be said in our words is kept in `beyond`.
    pub fn read(raw: &Value, resource: &str) -> Statement {
        let mut statement = Statement::default();
        let told = statement.tell(raw, resource).is_some();
        statement.beyond = (!told).then(|| raw.to_string());
        statement
    }

    fn tell(&mut self, raw: &Value, resource: &str) -> Option<()> {
        let members = raw.as_object()?;
        // Both first, so that a plan can show them even if the rest is beyond us.
        self.action = members.get("Action").and_then(single).unwrap_or_default().to_owned();
        let principal = members.get("Principal").and_then(principal);
        self.principal = principal.clone().unwrap_or_default();
        let known = ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];
        let ours = members.keys().all(|member| known.contains(&member.as_str()))
            && members.get("Effect").and_then(Value::as_str) == Some("Allow")
            && members.get("Resource").and_then(single) == Some(resource);
        if !ours || principal.is_none() || self.action.is_empty() {
            return None;
        }
        let Some(conditions) = members.get("Condition") else { return Some(()) };
        for (operator, keys) in conditions.as_object()? {
            for (key, value) in keys.as_object()? {
                self.condition(operator, key, value)?;
            }
        }
        Some(())
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

    /// Whether it names a service, as far as that can be told.
    pub fn is_for_service(&self) -> bool {
        let host = self.principal.strip_suffix(".cn").unwrap_or(&self.principal);
        host.ends_with(".amazonaws.com") || host.ends_with(".amazon.com")
    }

    /// Who gets in though nobody meant them, if the statement leaves the function open.
    pub fn opens_to(&self) -> Option<&'static str> {
        let narrowed = self.source_arn.is_some() || self.source_account.is_some() || self.principal_org_id.is_some();
        // Alone, a way in through the URL opens nothing: the URL itself has to be opened by another statement.
        if self.principal != "*" || narrowed || self.invoked_via_function_url {
            return None;
        }
        Some(match self.function_url_auth_type.as_deref() {
            Some("AWS_IAM") => "every AWS account",
            _ => "everyone",
        })
    }
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
