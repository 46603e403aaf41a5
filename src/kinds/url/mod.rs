//! Function URL: an address of its own under which a function, or one of its aliases, is invoked over HTTPS.
//!
//! AWS's quirks: the address is drawn at creation and lost with a deletion, so a URL is only ever updated; an update
//! leaves out what it is not told, so everything is sent, and no CORS as an empty `Cors`; no RevisionId guards it. With
//! `auth_type: NONE` Lambda still refuses everybody until the policy has two statements that open it. They come with
//! the URL, and go when it asks for authentication again (see the kind `permissions`, which writes them).
//! [AWS: CreateFunctionUrlConfig](https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html).

pub mod catalog;
mod cors;

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{Cors as LambdaCors, FunctionUrlAuthType, FunctionUrlConfig, InvokeMode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::permissions;
use crate::kinds::function::Function;
use crate::model::{Action, Findings, KindId, StepReason, StepReasonKind};
use crate::resource::{
    Attribute, Attributes, Context, Discovered, Links, Observed, PlannedWrite, ResourceRef, WriteContext, WriteRequest,
};
use crate::wire::{
    Call, CreateFunctionUrlConfigInputBuilder, DeleteFunctionUrlConfigInputBuilder, GetFunctionUrlConfigInputBuilder,
    ListFunctionUrlConfigsInputBuilder, Missing, Operation, ReadCache, Reply, TypedCall,
    UpdateFunctionUrlConfigInputBuilder,
};

use cors::Cors;

/// The name of the kind, for those that stand beside it.
pub const KIND: KindId = KindId::Url;

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

fn buffered() -> String {
    "BUFFERED".to_owned()
}

fn yes() -> bool {
    true
}

impl crate::resource::Declare for Url {
    const KIND: KindId = KIND;
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

    fn check(spec: &Url, at: &ResourceRef, around: &dyn Context, findings: &mut Findings) {
        if let Some(cors) = &spec.cors {
            cors.check(findings);
        }
        let function = around.get::<Function>(&at.address.outermost(KindId::Function));
        if function.is_some_and(|function| function.tenancy_config.is_some()) {
            findings
                .error("V033", "", "tenant isolation and function URLs exclude each other")
                .help("take the URL away, or `tenancy_config` from the function");
        }
        let policy = around.get(&permissions::beside(at));
        if spec.auth_type == "NONE" && !spec.public_statements && !permissions::opens_url(policy) {
            findings
                .warning("V073", "auth_type", "no statement opens the URL, so Lambda refuses everybody who uses it")
                .help("take `public_statements: false` away, or declare the two statements under `permissions`");
        }
    }

    fn links(spec: &Url, at: &ResourceRef) -> Links {
        let policy = permissions::beside(at);
        Links {
            // Also with authentication: the statements that opened it before have to be removed.
            implies: spec.public_statements.then(|| policy.clone()).into_iter().collect(),
            // The statements open nothing while the URL requires authentication, so the URL is opened last.
            runs_after: vec![policy],
            ..Links::default()
        }
    }
}

impl crate::resource::Observe for Url {
    fn observe(at: &ResourceRef, _desired: Option<&Url>, cache: &ReadCache) -> Result<Option<Observed<Url>>, Missing> {
        let pages = cache.pages(listing(at))?;
        let mut configs = pages.iter().flat_map(|page| page.function_url_configs());
        Ok(configs.find(|config| config.function_arn() == permissions::arn(at)).map(observed))
    }

    fn discover(parent: &ResourceRef, _around: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        let live = Self::observe(parent, None, cache)?;
        Ok(Discovered::beside(parent, KIND, live))
    }
}

impl crate::resource::PlanWrites for Url {
    fn apply_defaults(spec: &mut Url, _at: &ResourceRef, _package: Option<&crate::model::Package>) {
        // CORS that allows nothing and no CORS are the same.
        spec.cors.take_if(|cors| *cors == Cors::default());
    }

    fn canonicalize(desired: &Url, live: &mut Url) {
        if let (Some(desired), Some(live)) = (&desired.cors, &mut live.cors) {
            live.agree(desired);
        }
    }

    fn attributes(at: &ResourceRef, _after: &Url, live: Option<&Observed<Url>>, _action: Action) -> Attributes {
        let url = live.and_then(|live| live.attributes.get("url").cloned());
        Attributes::from([
            ("url", url.map_or(Attribute::Unknown, Attribute::Known)),
            ("arn", Attribute::Known(json!(permissions::arn(at)))),
        ])
    }

    fn writes(work: &WriteContext<'_, Url>) -> Vec<PlannedWrite> {
        vec![match work.action {
            Action::Create | Action::Replace => {
                PlannedWrite::new(Operation::CreateFunctionUrlConfig, StepReasonKind::Absent)
            }
            Action::Delete => PlannedWrite::new(Operation::DeleteFunctionUrlConfig, StepReasonKind::UndeclaredUrl),
            _ => PlannedWrite::new(
                Operation::UpdateFunctionUrlConfig,
                StepReason::fields_differ(work.changes.iter().map(|change| &change.path)),
            ),
        }]
    }
}

impl crate::resource::ApplyWrites for Url {
    fn request(operation: Operation, doing: &WriteRequest<'_, Url>) -> anyhow::Result<Call> {
        let (function, alias) = (doing.at.outer(), doing.at.names.get(1).cloned());
        if operation == Operation::DeleteFunctionUrlConfig {
            let delete = DeleteFunctionUrlConfigInputBuilder::default();
            return Ok(delete.function_name(function).set_qualifier(alias).call());
        }
        let spec = doing.desired.as_ref().ok_or_else(|| anyhow::anyhow!("{operation} needs a declaration"))?;
        let auth = FunctionUrlAuthType::from(spec.auth_type.as_str());
        let mode = InvokeMode::from(spec.invoke_mode.as_str());
        Ok(match operation {
            Operation::CreateFunctionUrlConfig => CreateFunctionUrlConfigInputBuilder::default()
                .function_name(function)
                .set_qualifier(alias)
                .auth_type(auth)
                .set_cors(spec.cors.as_ref().map(Cors::sent))
                .invoke_mode(mode)
                .call(),
            _ => UpdateFunctionUrlConfigInputBuilder::default()
                .function_name(function)
                .set_qualifier(alias)
                .auth_type(auth)
                .cors(spec.cors.as_ref().map_or_else(|| LambdaCors::builder().build(), Cors::sent))
                .invoke_mode(mode)
                .call(),
        })
    }

    fn read_response(_at: &ResourceRef, _desired: Option<&Url>, reply: &Reply) -> Option<Observed<Url>> {
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

    fn poll(at: &ResourceRef, operation: Operation, _last: Option<&Observed<Url>>) -> Option<Call> {
        let alias = at.names.get(1).cloned();
        // A deletion is done when it is answered.
        (operation != Operation::DeleteFunctionUrlConfig)
            .then(|| GetFunctionUrlConfigInputBuilder::default().function_name(at.outer()).set_qualifier(alias).call())
    }
}

/// The read that knows the URLs of a function and of all its aliases.
fn listing(at: &ResourceRef) -> ListFunctionUrlConfigsInputBuilder {
    ListFunctionUrlConfigsInputBuilder::default().function_name(at.outer())
}

fn observed(config: &FunctionUrlConfig) -> Observed<Url> {
    told(&config.auth_type, config.cors(), config.invoke_mode(), &config.function_url, &config.function_arn)
}

/// A URL in the words of the spec. Servers leave out the mode that nobody has chosen.
fn told(
    auth: &FunctionUrlAuthType,
    cors: Option<&LambdaCors>,
    mode: Option<&InvokeMode>,
    url: &str,
    arn: &str,
) -> Observed<Url> {
    let value = Url {
        auth_type: auth.as_str().to_owned(),
        cors: cors.map(Cors::observed).filter(|cors| *cors != Cors::default()),
        invoke_mode: mode.map_or_else(buffered, |mode| mode.as_str().to_owned()),
        public_statements: true,
    };
    let mut live = Observed::new("url", value);
    live.attributes = BTreeMap::from([("url", json!(url)), ("arn", json!(arn))]);
    live
}

impl Url {
    /// The `auth_type` that the policy of the same place should match, unless the policy is to be left alone.
    pub(super) fn policy_wish(&self) -> Option<&str> {
        self.public_statements.then_some(self.auth_type.as_str())
    }
}

#[cfg(test)]
mod tests;
