//! Code signing configurations, and which functions use one.

use serde_json::{Map, Value, json};

use crate::sim::context::api_error::Fault;
use crate::sim::context::identifiers::Name;
use crate::sim::context::lookup::tags_of;
use crate::sim::context::request::{Call, Operation};
use crate::sim::http::response::Reply;
use crate::sim::rules::tags as tag_rules;
use crate::sim::store::documents::SigningConfig;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<Operation> {
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
pub(crate) fn id_of<'a>(call: &Call<'_>, arn: &'a str) -> Option<&'a str> {
    arn.strip_prefix(&call.here.arn("code-signing-config:"))
}

/// The configuration at `arn`.
pub(crate) fn at<'a>(call: &'a Call<'_>, arn: &str) -> Option<&'a SigningConfig> {
    id_of(call, arn).and_then(|id| call.region.signing_configs.get(id))
}

/// The answer to an ARN that names none.
pub(crate) fn missing(arn: &str) -> Fault {
    Fault::missing(format!("The Lambda code signing configuration {arn} can not be found.")).untyped()
}

/// Refuses to attach a configuration that is not there.
pub(crate) fn check(call: &Call<'_>, arn: &str) -> Result<(), Fault> {
    if at(call, arn).is_some() {
        return Ok(());
    }
    let text = format!(
        "The code signing configuration cannot be found. Check that the provided configuration is not deleted: {arn}."
    );
    Err(Fault::new("CodeSigningConfigNotFoundException", text))
}

/// Refuses bytes that came with the request where only signed code is let in: nobody signs them on the way.
pub(crate) fn check_code(call: &Call<'_>, config: Option<&str>, name: &str, unsigned: bool) -> Result<(), Fault> {
    let policy = config.and_then(|arn| at(call, arn)).and_then(|config| config.members.get("CodeSigningPolicies"));
    let enforced = policy.and_then(|policy| policy.get("UntrustedArtifactOnDeployment")) == Some(&json!("Enforce"));
    if !(enforced && unsigned) {
        return Ok(());
    }
    let text = format!(
        "Lambda cannot deploy the function. The function or layer might be signed using a signature that the client is not \
         configured to accept. Check the provided signature for {name}."
    );
    Err(Fault::new("CodeVerificationFailedException", text))
}

fn create(call: &mut Call<'_>) -> Result<Reply, Fault> {
    // Names of signing profiles are checked for their shape only, which the framework has done.
    let random = call.mint.uuid("code-signing-config").replace('-', "");
    let id = format!("csc-{}", &random[..17]);
    let tags = tags_of(call.input.get("Tags"));
    tag_rules::check(&tags)?;
    let modified = call.stamp(&id);
    let mut config = SigningConfig { members: Map::new(), modified, tags };
    config.members.insert("CodeSigningPolicies".to_owned(), json!({"UntrustedArtifactOnDeployment": "Warn"}));
    apply(call, &mut config);
    let reply = config.reply(call, &id);
    call.region.signing_configs.insert(&id, config);
    Ok(reply)
}

fn apply(call: &Call<'_>, config: &mut SigningConfig) {
    for member in ["Description", "AllowedPublishers", "CodeSigningPolicies"] {
        if let Some(value) = call.input.get(member) {
            config.members.insert(member.to_owned(), value.clone());
        }
    }
}

/// The configuration that the request names, with its id.
fn found(call: &Call<'_>) -> Result<(String, SigningConfig), Fault> {
    let arn = call.required("CodeSigningConfigArn");
    let config = at(call, &arn).ok_or_else(|| missing(&arn))?;
    Ok((id_of(call, &arn).unwrap_or_default().to_owned(), config.clone()))
}

fn get(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let (id, config) = found(call)?;
    Ok(config.reply(call, &id))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let (id, mut config) = found(call)?;
    apply(call, &mut config);
    config.modified = call.stamp(&id);
    let reply = config.reply(call, &id);
    call.region.signing_configs.insert(&id, config);
    Ok(reply)
}

/// The names of the functions that use the configuration at `arn`.
fn users<'a>(call: &'a Call<'_>, arn: &'a str) -> impl Iterator<Item = &'a String> {
    let functions = call.region.functions.iter();
    functions.filter(move |(_, function)| function.code_signing_config.as_deref() == Some(arn)).map(|(name, _)| name)
}

fn delete(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let (id, _) = found(call)?;
    let arn = call.required("CodeSigningConfigArn");
    if users(call, &arn).next().is_some() {
        return Err(Fault::conflict(format!(
            "The code signing configuration {arn} cannot be deleted because it is used by at least one function."
        )));
    }
    call.region.signing_configs.remove(&id);
    Ok(Reply::empty())
}

fn list(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let start = call.page_start()?;
    let configs = call.region.signing_configs.after(start.as_deref());
    let items = configs.map(|(id, config)| (id.clone(), config.show(call, id)));
    Ok(call.page(10_000, items).reply("CodeSigningConfigs"))
}

fn list_functions(call: &mut Call<'_>) -> Result<Reply, Fault> {
    found(call)?;
    let arn = call.required("CodeSigningConfigArn");
    let start = call.page_start()?;
    let names = users(call, &arn).filter(|name| start.as_ref().is_none_or(|start| *name > start));
    let items = names.map(|name| (name.clone(), json!(call.here.function_arn(name))));
    Ok(call.page(10_000, items).reply("FunctionArns"))
}

/// The function that the request names, which must not be an image.
fn function(call: &Call<'_>) -> Result<Name, Fault> {
    let name = call.name()?;
    if call.function(&name)?.latest.code.is_image() {
        return Err(Fault::invalid("Code signing is not supported for functions created with container images."));
    }
    Ok(name)
}

fn attach(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let arn = call.required("CodeSigningConfigArn");
    // Recorded: the configuration is looked for before the function is.
    check(call, &arn)?;
    let name = function(call)?;
    if let Some(function) = call.region.functions.modify(&name.name) {
        function.code_signing_config = Some(arn.clone());
    }
    Ok(Reply::json(json!({"CodeSigningConfigArn": arn, "FunctionName": name.name})))
}

fn attached(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = function(call)?;
    Ok(Reply::json(match &call.function(&name)?.code_signing_config {
        Some(arn) => json!({"CodeSigningConfigArn": arn, "FunctionName": name.name}),
        None => json!({}),
    }))
}

fn detach(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = function(call)?;
    if let Some(function) = call.region.functions.modify(&name.name) {
        function.code_signing_config = None;
    }
    Ok(Reply::empty())
}

impl SigningConfig {
    fn show(&self, call: &Call<'_>, id: &str) -> Value {
        let mut out = self.members.clone();
        out.insert("CodeSigningConfigArn".to_owned(), json!(call.here.arn(&format!("code-signing-config:{id}"))));
        out.insert("CodeSigningConfigId".to_owned(), json!(id));
        out.insert("LastModified".to_owned(), json!(self.modified));
        Value::Object(out)
    }

    fn reply(&self, call: &Call<'_>, id: &str) -> Reply {
        Reply::json(json!({"CodeSigningConfig": self.show(call, id)}))
    }
}
