//! Function URL: an address of its own under which a function, or one of its aliases, is invoked over HTTPS.
//!
//! AWS's quirks: the address is drawn at creation and lost with a deletion, so a URL is only ever updated; an update
//! leaves out what it is not told, so everything is sent, and no CORS as an empty `Cors`; no RevisionId guards it. With
//! `auth_type: NONE` Lambda still refuses everybody until the policy has two statements that open it. They come with
//! the URL, and go when it asks for authentication again (see the kind `permissions`, which writes them).
//! [AWS: CreateFunctionUrlConfig](https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html).

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{Cors as LambdaCors, FunctionUrlAuthType, FunctionUrlConfig, InvokeMode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Around, At, Attribute, Attributes, Doing, Draft, Found, Live, Work, permissions};
use crate::model::{Action, Address, Findings};
use crate::wire::{
    Call, CreateFunctionUrlConfigInputBuilder, DeleteFunctionUrlConfigInputBuilder, GetFunctionUrlConfigInputBuilder,
    ListFunctionUrlConfigsInputBuilder, Operation, Reply, Seen, Unread, UpdateFunctionUrlConfigInputBuilder,
};

/// The kind's line in the table.
pub struct Room;

/// The name of the kind, for those that stand beside it.
pub const KIND: &str = "url";

/// An HTTPS address of a function or of an alias. It stays the same as long as the URL is not deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Url {
    /// Who may use it: `AWS_IAM` for callers that sign their requests, `NONE` for everybody.
    #[schemars(extend("enum" = ["AWS_IAM", "NONE"]))]
    pub auth_type: String,
    /// Which web pages of other origins may use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cors: Option<Cors>,
    /// `BUFFERED` answers when the function has ended, with up to 6 MB; `RESPONSE_STREAM` while it runs.
    #[serde(default = "buffered")]
    #[schemars(extend("enum" = ["BUFFERED", "RESPONSE_STREAM"]))]
    pub invoke_mode: String,
    /// Whether `auth_type: NONE` brings the two statements that open the URL, and `AWS_IAM` takes them away.
    #[serde(default = "yes")]
    #[schemars(extend("x-source" = true))]
    pub public_statements: bool,
}

/// Cross-origin resource sharing. What is absent allows nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cors {
    /// Whether pages may send cookies and other credentials.
    #[serde(default)]
    pub allow_credentials: bool,
    /// Headers that requests may have.
    #[serde(default)]
    #[schemars(length(max = 100), inner(length(max = 1024)), extend("x-set" = true))]
    pub allow_headers: Vec<String>,
    /// Methods that requests may use, or `*`. `OPTIONS` is always allowed and cannot be listed.
    #[serde(default)]
    #[schemars(length(max = 6), inner(length(max = 6)), extend("x-set" = true))]
    pub allow_methods: Vec<String>,
    /// Origins whose pages may use the URL, or `*`.
    #[serde(default)]
    #[schemars(length(max = 100), inner(length(min = 1, max = 253)), extend("x-set" = true))]
    pub allow_origins: Vec<String>,
    /// Headers of answers that pages may see.
    #[serde(default)]
    #[schemars(length(max = 100), inner(length(max = 1024)), extend("x-set" = true))]
    pub expose_headers: Vec<String>,
    /// How many seconds browsers may remember all this.
    #[serde(default)]
    #[schemars(range(min = 0, max = 86400))]
    pub max_age: i32,
}

fn buffered() -> String {
    "BUFFERED".to_owned()
}

fn yes() -> bool {
    true
}

impl super::Room for Room {
    type Spec = Url;
    const NAME: &'static str = KIND;
    const PLACES: &'static [&'static str] = &["functions.*.url", "functions.*.aliases.*.url"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    url:
      auth_type: NONE
      cors: {allow_origins: ["https://shop.example"], allow_methods: [GET, POST], allow_headers: [Content-Type], max_age: 300}
      invoke_mode: RESPONSE_STREAM
    aliases:
      live:
        function_version: published
        url: {auth_type: AWS_IAM, public_statements: false}
"#
    );

    fn check(&self, spec: &Url, at: &At, around: &dyn Around, findings: &mut Findings) {
        if let Some(cors) = &spec.cors
            && cors.allow_credentials
            && cors.allow_origins.iter().any(|origin| origin == "*")
        {
            findings
                .warning("V072", "cors.allow_credentials", "browsers send no credentials to where every origin may ask")
                .help("name the origins, or take `allow_credentials` away");
        }
        let function = around.declared(&Address::new("function", &at.address.keys[..1]));
        if function.is_some_and(|function| function.get("tenancy_config").is_some_and(|config| !config.is_null())) {
            findings
                .error("V033", "", "tenant isolation and function URLs exclude each other")
                .help("take the URL away, or `tenancy_config` from the function");
        }
        let policy = around.declared(&permissions::beside(at));
        if spec.auth_type == "NONE" && !spec.public_statements && !permissions::opens_url(policy) {
            findings
                .warning("V073", "auth_type", "no statement opens the URL, so Lambda refuses everybody who uses it")
                .help("take `public_statements: false` away, or declare the two statements under `permissions`");
        }
    }

    fn brings(&self, spec: &Url, at: &At) -> Vec<Address> {
        // Also where it asks for authentication: the statements of its open days have to go.
        spec.public_statements.then(|| permissions::beside(at)).into_iter().collect()
    }

    fn follows(&self, _spec: &Url, at: &At) -> Vec<Address> {
        // The statements open nothing while the URL asks for authentication, so it is opened last of all.
        vec![permissions::beside(at)]
    }

    fn complete(&self, spec: &mut Url, _at: &At, _package: Option<&crate::model::Package>) {
        // CORS that allows nothing and no CORS are the same.
        spec.cors.take_if(|cors| *cors == Cors::default());
    }

    fn reads(&self, at: &At, _desired: Option<&Url>, _seen: &Seen) -> Vec<Call> {
        vec![listing(at).call()]
    }

    fn live(&self, at: &At, _desired: Option<&Url>, seen: &Seen) -> Result<Option<Live<Url>>, Unread> {
        let pages = seen.pages(listing(at))?;
        let mut configs = pages.iter().flat_map(|page| page.function_url_configs());
        Ok(configs.find(|config| config.function_arn() == permissions::arn(at)).map(observed))
    }

    fn found_reads(&self, parent: &At, _around: &dyn Around, seen: &Seen) -> Vec<Call> {
        self.reads(parent, None, seen)
    }

    fn found(&self, parent: &At, _around: &dyn Around, seen: &Seen) -> Result<Vec<Found>, Unread> {
        let live = self.live(parent, None, seen)?;
        Ok(Found::beside(parent, KIND, live))
    }

    fn agree(&self, desired: &Url, live: &mut Url) {
        // The names of headers are the same in capital and in small letters.
        if let (Some(desired), Some(live)) = (&desired.cors, &mut live.cors) {
            in_words_of(&desired.allow_headers, &mut live.allow_headers);
            in_words_of(&desired.expose_headers, &mut live.expose_headers);
        }
    }

    fn attributes(&self, at: &At, _after: &Url, live: Option<&Live<Url>>, _action: Action) -> Attributes {
        let url = live.and_then(|live| live.attributes.get("url").cloned());
        Attributes::from([
            ("url", url.map_or(Attribute::Unknown, Attribute::Known)),
            ("arn", Attribute::Known(json!(permissions::arn(at)))),
        ])
    }

    fn drafts(&self, work: &Work<'_, Url>) -> Vec<Draft> {
        let changed: Vec<&str> =
            work.changes.iter().filter_map(|change| change.path.0.first()).map(String::as_str).collect();
        vec![match work.action {
            Action::Create | Action::Replace => Draft::new("CreateFunctionUrlConfig", "the URL is not there"),
            Action::Delete => Draft::new(
                "DeleteFunctionUrlConfig",
                "the spec no longer names it; its address is lost, another one would differ",
            ),
            _ if changed.contains(&"auth_type") => {
                Draft::new("UpdateFunctionUrlConfig", "it asks otherwise for authentication than declared")
            }
            _ => Draft::new("UpdateFunctionUrlConfig", format!("{} differs", changed.first().unwrap_or(&"it"))),
        }]
    }

    fn call(&self, operation: &str, doing: &Doing<'_, Url>) -> anyhow::Result<Call> {
        let (function, alias) = (doing.at.outer(), doing.at.names.get(1).cloned());
        if operation == "DeleteFunctionUrlConfig" {
            let delete = DeleteFunctionUrlConfigInputBuilder::default();
            return Ok(delete.function_name(function).set_qualifier(alias).call());
        }
        let spec = doing.desired.as_ref().ok_or_else(|| anyhow::anyhow!("{operation} needs a declaration"))?;
        let auth = FunctionUrlAuthType::from(spec.auth_type.as_str());
        let mode = InvokeMode::from(spec.invoke_mode.as_str());
        Ok(match operation {
            "CreateFunctionUrlConfig" => CreateFunctionUrlConfigInputBuilder::default()
                .function_name(function)
                .set_qualifier(alias)
                .auth_type(auth)
                .set_cors(spec.cors.as_ref().map(sent))
                .invoke_mode(mode)
                .call(),
            _ => UpdateFunctionUrlConfigInputBuilder::default()
                .function_name(function)
                .set_qualifier(alias)
                .auth_type(auth)
                .cors(spec.cors.as_ref().map_or_else(|| LambdaCors::builder().build(), sent))
                .invoke_mode(mode)
                .call(),
        })
    }

    fn reply(&self, _at: &At, _desired: Option<&Url>, reply: &Reply) -> Option<Live<Url>> {
        match reply {
            Reply::CreateFunctionUrlConfig(reply) => Some(told(
                &reply.auth_type,
                reply.cors(),
                reply.invoke_mode(),
                &reply.function_url,
                &reply.function_arn,
            )),
            Reply::UpdateFunctionUrlConfig(reply) => Some(told(
                &reply.auth_type,
                reply.cors(),
                reply.invoke_mode(),
                &reply.function_url,
                &reply.function_arn,
            )),
            Reply::GetFunctionUrlConfig(reply) => Some(told(
                &reply.auth_type,
                reply.cors(),
                reply.invoke_mode(),
                &reply.function_url,
                &reply.function_arn,
            )),
            _ => None,
        }
    }

    fn poll(&self, at: &At, operation: &str, _last: Option<&Live<Url>>) -> Option<Call> {
        let alias = at.names.get(1).cloned();
        // A deletion is done when it is answered.
        (operation != "DeleteFunctionUrlConfig")
            .then(|| GetFunctionUrlConfigInputBuilder::default().function_name(at.outer()).set_qualifier(alias).call())
    }
}

/// The read that knows the URLs of a function and of all its aliases.
fn listing(at: &At) -> ListFunctionUrlConfigsInputBuilder {
    ListFunctionUrlConfigsInputBuilder::default().function_name(at.outer())
}

fn observed(config: &FunctionUrlConfig) -> Live<Url> {
    told(&config.auth_type, config.cors(), config.invoke_mode(), &config.function_url, &config.function_arn)
}

/// A URL in the words of the spec. Servers leave out the mode that nobody has chosen.
fn told(
    auth: &FunctionUrlAuthType,
    cors: Option<&LambdaCors>,
    mode: Option<&InvokeMode>,
    url: &str,
    arn: &str,
) -> Live<Url> {
    let cors = cors.map(|cors| Cors {
        allow_credentials: cors.allow_credentials().unwrap_or_default(),
        allow_headers: cors.allow_headers().to_vec(),
        allow_methods: cors.allow_methods().to_vec(),
        allow_origins: cors.allow_origins().to_vec(),
        expose_headers: cors.expose_headers().to_vec(),
        max_age: cors.max_age().unwrap_or_default(),
    });
    let value = Url {
        auth_type: auth.as_str().to_owned(),
        cors: cors.filter(|cors| *cors != Cors::default()),
        invoke_mode: mode.map_or_else(buffered, |mode| mode.as_str().to_owned()),
        public_statements: true,
    };
    let mut live = Live::new("url", value);
    live.attributes = BTreeMap::from([("url", json!(url)), ("arn", json!(arn))]);
    live
}

fn sent(cors: &Cors) -> LambdaCors {
    LambdaCors::builder()
        .allow_credentials(cors.allow_credentials)
        .set_allow_headers(Some(cors.allow_headers.clone()))
        .set_allow_methods(Some(cors.allow_methods.clone()))
        .set_allow_origins(Some(cors.allow_origins.clone()))
        .set_expose_headers(Some(cors.expose_headers.clone()))
        .max_age(cors.max_age)
        .build()
}

fn in_words_of(desired: &[String], live: &mut [String]) {
    for name in live {
        if let Some(same) = desired.iter().find(|other| other.eq_ignore_ascii_case(name)) {
            name.clone_from(same);
        }
    }
}

/// What a declared URL means for the policy beside it: its `auth_type`, unless it wants the policy left alone.
pub(super) fn wish(declared: &Value) -> Option<&str> {
    let wanted = declared.get("public_statements").and_then(Value::as_bool).unwrap_or(true);
    declared.get("auth_type").and_then(Value::as_str).filter(|_| wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::Room as _;
    use crate::kinds::beside::{self, Beside};

    fn at() -> At {
        beside::at(KIND, &["orders"])
    }

    fn spec(value: Value) -> Url {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn each_rule_finds_its_mistake_and_leaves_what_is_right_alone() {
        let codes = |value: Value, declared: &[(&str, Value)]| {
            beside::broken(&Room, &spec(value), &at(), &Beside::declaring(declared))
        };
        let cors = |origin: &str| json!({"auth_type": "AWS_IAM", "cors": {"allow_origins": [origin], "allow_credentials": true}});
        assert_eq!(codes(cors("https://shop.example"), &[]), [""; 0]);
        assert_eq!(codes(cors("*"), &[]), ["V072"]);
        let tenants = ("function/orders", json!({"tenancy_config": {"tenant_isolation_mode": "PER_TENANT"}}));
        assert_eq!(codes(json!({"auth_type": "AWS_IAM"}), &[tenants]), ["V033"]);
        assert_eq!(
            codes(json!({"auth_type": "NONE"}), &[("function/orders", json!({"tenancy_config": null}))]),
            [""; 0]
        );
        let alone = json!({"auth_type": "NONE", "public_statements": false});
        assert_eq!(codes(alone.clone(), &[]), ["V073"]);
        let open = json!({
            "a": {"action": "lambda:InvokeFunctionUrl", "principal": "*", "function_url_auth_type": "NONE"},
            "b": {"action": "lambda:InvokeFunction", "principal": "*", "invoked_via_function_url": true},
        });
        assert_eq!(codes(alone, &[("permissions/orders", open)]), [""; 0]);
    }

    #[test]
    fn headers_have_no_case_and_cors_that_allows_nothing_is_none() {
        let mut live = spec(json!({"auth_type": "NONE", "cors": {"allow_headers": ["content-type", "x-other"]}}));
        let desired = spec(json!({"auth_type": "NONE", "cors": {"allow_headers": ["Content-Type"]}}));
        Room.agree(&desired, &mut live);
        assert_eq!(live.cors.unwrap().allow_headers, ["Content-Type", "x-other"]);
        let mut empty = spec(json!({"auth_type": "NONE", "cors": {}}));
        Room.complete(&mut empty, &at(), None);
        assert_eq!(empty.cors, None);
    }

    #[test]
    fn an_update_sends_everything_and_takes_cors_away_with_an_empty_one() {
        let doing = Doing {
            at: &at(),
            desired: Some(spec(json!({"auth_type": "NONE"}))),
            live: None,
            covers: &[],
            package: None,
        };
        let Ok(Call::UpdateFunctionUrlConfig(update)) = Room.call("UpdateFunctionUrlConfig", &doing) else {
            panic!("another call")
        };
        assert_eq!(update.get_cors(), &Some(LambdaCors::builder().build()));
        assert_eq!(update.get_invoke_mode(), &Some(InvokeMode::Buffered));
        assert!(update.get_qualifier().is_none());
    }
}
