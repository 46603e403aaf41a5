//! Code signing configurations, and which functions use one.

use serde_json::{Map, Value, json};

use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::FunctionName;
use crate::sim::context::lookup::tags_of;
use crate::sim::context::request::{Arguments, OperationFn};
use crate::sim::http::response::Reply;
use crate::sim::rules::tags as tag_rules;
use crate::sim::store::documents::SigningConfig;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
    Some(match name {
        "CreateCodeSigningConfig" => create,
        "GetCodeSigningConfig" => get,
        "UpdateCodeSigningConfig" => update,
        "DeleteCodeSigningConfig" => delete,
        "ListCodeSigningConfigs" => list,
        "ListFunctionsByCodeSigningConfig" => list_functions,
        "PutFunctionCodeSigningConfig" => attach,
        "GetFunctionCodeSigningConfig" => attached,
        "DeleteFunctionCodeSigningConfig" => detach,
        _ => return None,
    })
}

/// The id at the end of an ARN, if the ARN is of this account and region.
pub(crate) fn id_of<'a>(args: &Arguments<'_>, arn: &'a str) -> Option<&'a str> {
    arn.strip_prefix(&args.context.arn("code-signing-config:"))
}

/// The configuration at `arn`.
pub(crate) fn at<'a>(args: &'a Arguments<'_>, arn: &str) -> Option<&'a SigningConfig> {
    id_of(args, arn).and_then(|id| args.region.signing_configs.get(id))
}

/// The answer to an ARN that names none.
pub(crate) fn not_found(arn: &str) -> ApiError {
    ApiError::not_found(format!("The Lambda code signing configuration {arn} can not be found.")).untyped()
}

/// Refuses to attach a configuration that does not exist.
pub(crate) fn check(args: &Arguments<'_>, arn: &str) -> Result<(), ApiError> {
    if at(args, arn).is_some() {
        return Ok(());
    }
    let text = format!(
        "The code signing configuration cannot be found. Check that the provided configuration is not deleted: {arn}."
    );
    Err(ApiError::new("CodeSigningConfigNotFoundException", text))
}

/// Refuses bytes that came with the request where only signed code is accepted: they carry no signature.
pub(crate) fn check_code(
    args: &Arguments<'_>,
    config: Option<&str>,
    name: &str,
    unsigned: bool,
) -> Result<(), ApiError> {
    let policy = config.and_then(|arn| at(args, arn)).and_then(|config| config.members.get("CodeSigningPolicies"));
    let enforced = policy.and_then(|policy| policy.get("UntrustedArtifactOnDeployment")) == Some(&json!("Enforce"));
    if !(enforced && unsigned) {
        return Ok(());
    }
    let text = format!(
        "Lambda cannot deploy the function. The function or layer might be signed using a signature that the client is not \
         configured to accept. Check the provided signature for {name}."
    );
    Err(ApiError::new("CodeVerificationFailedException", text))
}

fn create(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    // Names of signing profiles are checked for their shape only, which the framework has done.
    let random = args.ids.uuid("code-signing-config").replace('-', "");
    let id = format!("csc-{}", &random[..17]);
    let tags = tags_of(args.input.get("Tags"));
    tag_rules::check(&tags)?;
    let modified = args.timestamp(&id);
    let mut config = SigningConfig { members: Map::new(), modified, tags };
    config.members.insert("CodeSigningPolicies".to_owned(), json!({"UntrustedArtifactOnDeployment": "Warn"}));
    apply(args, &mut config);
    let reply = config.reply(args, &id);
    args.region.signing_configs.insert(&id, config);
    Ok(reply)
}

fn apply(args: &Arguments<'_>, config: &mut SigningConfig) {
    for member in ["Description", "AllowedPublishers", "CodeSigningPolicies"] {
        if let Some(value) = args.input.get(member) {
            config.members.insert(member.to_owned(), value.clone());
        }
    }
}

/// The configuration that the request names, with its id.
fn existing(args: &Arguments<'_>) -> Result<(String, SigningConfig), ApiError> {
    let arn = args.required("CodeSigningConfigArn");
    let config = at(args, &arn).ok_or_else(|| not_found(&arn))?;
    Ok((id_of(args, &arn).unwrap_or_default().to_owned(), config.clone()))
}

fn get(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let (id, config) = existing(args)?;
    Ok(config.reply(args, &id))
}

fn update(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let (id, mut config) = existing(args)?;
    apply(args, &mut config);
    config.modified = args.timestamp(&id);
    let reply = config.reply(args, &id);
    args.region.signing_configs.insert(&id, config);
    Ok(reply)
}

/// The names of the functions that use the configuration at `arn`.
fn users<'a>(args: &'a Arguments<'_>, arn: &'a str) -> impl Iterator<Item = &'a String> {
    let functions = args.region.functions.iter();
    functions.filter(move |(_, function)| function.code_signing_config.as_deref() == Some(arn)).map(|(name, _)| name)
}

fn delete(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let (id, _) = existing(args)?;
    let arn = args.required("CodeSigningConfigArn");
    if users(args, &arn).next().is_some() {
        return Err(ApiError::conflict(format!(
            "The code signing configuration {arn} cannot be deleted because it is used by at least one function."
        )));
    }
    args.region.signing_configs.remove(&id);
    Ok(Reply::empty())
}

fn list(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let start = args.page_start()?;
    let configs = args.region.signing_configs.after(start.as_deref());
    let items = configs.map(|(id, config)| (id.clone(), config.show(args, id)));
    Ok(args.page(10_000, items).reply("CodeSigningConfigs"))
}

fn list_functions(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    existing(args)?;
    let arn = args.required("CodeSigningConfigArn");
    let start = args.page_start()?;
    let names = users(args, &arn).filter(|name| start.as_ref().is_none_or(|start| *name > start));
    let items = names.map(|name| (name.clone(), json!(args.context.function_arn(name))));
    Ok(args.page(10_000, items).reply("FunctionArns"))
}

/// The function that the request names, which must not be an image.
fn function(args: &Arguments<'_>) -> Result<FunctionName, ApiError> {
    let name = args.function_name()?;
    if args.function(&name)?.latest.code.is_image() {
        return Err(ApiError::invalid_parameter(
            "Code signing is not supported for functions created with container images.",
        ));
    }
    Ok(name)
}

fn attach(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let arn = args.required("CodeSigningConfigArn");
    // Recorded: the configuration is looked for before the function is.
    check(args, &arn)?;
    let name = function(args)?;
    if let Some(function) = args.region.functions.modify(&name.name) {
        function.code_signing_config = Some(arn.clone());
    }
    Ok(Reply::json(json!({"CodeSigningConfigArn": arn, "FunctionName": name.name})))
}

fn attached(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = function(args)?;
    Ok(Reply::json(match &args.function(&name)?.code_signing_config {
        Some(arn) => json!({"CodeSigningConfigArn": arn, "FunctionName": name.name}),
        None => json!({}),
    }))
}

fn detach(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = function(args)?;
    if let Some(function) = args.region.functions.modify(&name.name) {
        function.code_signing_config = None;
    }
    Ok(Reply::empty())
}

impl SigningConfig {
    fn show(&self, args: &Arguments<'_>, id: &str) -> Value {
        let mut out = self.members.clone();
        out.insert("CodeSigningConfigArn".to_owned(), json!(args.context.arn(&format!("code-signing-config:{id}"))));
        out.insert("CodeSigningConfigId".to_owned(), json!(id));
        out.insert("LastModified".to_owned(), json!(self.modified));
        Value::Object(out)
    }

    fn reply(&self, args: &Arguments<'_>, id: &str) -> Reply {
        Reply::json(json!({"CodeSigningConfig": self.show(args, id)}))
    }
}
