//! Function URLs: one for the function, one for each alias.

use serde_json::{Map, Value, json};

use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::{FunctionName, url_domain};
use crate::sim::context::request::{Arguments, OperationFn};
use crate::sim::http::response::Reply;
use crate::sim::store::function::FunctionUrl;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
    Some(match name {
        "CreateFunctionUrlConfig" => create,
        "GetFunctionUrlConfig" => get,
        "UpdateFunctionUrlConfig" => update,
        "DeleteFunctionUrlConfig" => delete,
        "ListFunctionUrlConfigs" => list,
        _ => return None,
    })
}

/// The key of a qualifier's URL: nothing for the function itself, which comes first in lists.
fn key(name: &FunctionName) -> &str {
    name.qualifier.as_deref().unwrap_or_default()
}

/// Refuses a function or an alias that does not exist.
fn check_target(args: &Arguments<'_>, name: &FunctionName) -> Result<(), ApiError> {
    let function = args.region.functions.get(&name.name);
    let found =
        function.filter(|function| name.qualifier.as_ref().is_none_or(|alias| function.aliases.contains_key(alias)));
    found.map(|_| ()).ok_or_else(|| ApiError::not_found("Function does not exist"))
}

fn existing<'a>(args: &'a Arguments<'_>, name: &FunctionName) -> Result<&'a FunctionUrl, ApiError> {
    let url = args.region.functions.get(&name.name).and_then(|function| function.urls.get(key(name)));
    url.ok_or_else(|| ApiError::not_found("The resource you requested does not exist."))
}

fn create(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    check_target(args, &name)?;
    let arn = name.arn(args.context);
    if existing(args, &name).is_ok() {
        // The two blanks are the service's own.
        return Err(ApiError::conflict(format!(
            "Failed to create function url config for [functionArn = {arn}]. Error message:  FunctionUrlConfig exists for this \
             Lambda function"
        )));
    }
    let id = args.ids.uuid(&arn).replace('-', "");
    let created = args.timestamp(&arn);
    let mut url = FunctionUrl {
        address: format!("https://{id}.lambda-url.{0}.{1}/", args.context.region, url_domain(args.context.region)),
        auth: String::new(),
        invoke_mode: None,
        cors: Map::new(),
        modified: created.clone(),
        created,
    };
    apply(args, &mut url);
    let reply = url.show(&arn);
    put(args, &name, url);
    Ok(Reply::json(Value::Object(reply)))
}

/// Applies a request: an absent member changes nothing, an empty `Cors` removes CORS.
fn apply(args: &Arguments<'_>, url: &mut FunctionUrl) {
    if let Some(auth) = args.text("AuthType") {
        auth.clone_into(&mut url.auth);
    }
    if let Some(mode) = args.text("InvokeMode") {
        url.invoke_mode = Some(mode.to_owned());
    }
    if let Some(cors) = args.input.get("Cors").and_then(Value::as_object) {
        url.cors.clone_from(cors);
    }
}

fn put(args: &mut Arguments<'_>, name: &FunctionName, url: FunctionUrl) {
    if let Some(function) = args.region.functions.modify(&name.name) {
        function.urls.insert(key(name).to_owned(), url);
    }
}

fn get(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    Ok(Reply::json(existing(args, &name)?.show_read(&name.arn(args.context))))
}

fn update(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    check_target(args, &name)?;
    let mut url = existing(args, &name)?.clone();
    apply(args, &mut url);
    let arn = name.arn(args.context);
    url.modified = args.timestamp(&arn);
    let mut reply = url.show(&arn);
    reply.insert("LastModifiedTime".to_owned(), json!(url.modified));
    put(args, &name, url);
    Ok(Reply::json(Value::Object(reply)))
}

fn delete(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    existing(args, &name)?;
    if let Some(function) = args.region.functions.modify(&name.name) {
        function.urls.remove(key(&name));
    }
    Ok(Reply::empty())
}

fn list(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let start = args.page_start()?;
    let function = args.region.functions.get(&name.name);
    let function = function.ok_or_else(|| ApiError::not_found("Function does not exist"))?;
    let context = args.context;
    let after = |qualifier: &str| start.as_deref().is_none_or(|start| qualifier > start);
    let urls = function.urls.iter().filter(|(qualifier, _)| after(qualifier));
    let items = urls.map(|(qualifier, url)| {
        let arn = match qualifier.as_str() {
            "" => context.function_arn(&name.name),
            alias => context.qualified_arn(&name.name, alias),
        };
        (qualifier.clone(), url.show_read(&arn))
    });
    Ok(args.page(50, items).reply("FunctionUrlConfigs"))
}

impl FunctionUrl {
    /// As the reply to a change shows it: without what was never asked for.
    fn show(&self, arn: &str) -> Map<String, Value> {
        let mut out = Map::new();
        let mut put = |member: &str, value: Value| out.insert(member.to_owned(), value);
        put("AuthType", json!(self.auth));
        put("CreationTime", json!(self.created));
        put("FunctionArn", json!(arn));
        put("FunctionUrl", json!(self.address));
        if let Some(mode) = &self.invoke_mode {
            put("InvokeMode", json!(mode));
        }
        if !self.cors.is_empty() {
            put("Cors", Value::Object(self.cors.clone()));
        }
        out
    }

    /// As reads show it.
    fn show_read(&self, arn: &str) -> Value {
        let mut out = self.show(arn);
        out.insert("LastModifiedTime".to_owned(), json!(self.modified));
        out.entry("InvokeMode").or_insert_with(|| json!("BUFFERED"));
        Value::Object(out)
    }
}
