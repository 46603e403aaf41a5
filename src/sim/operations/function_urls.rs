//! Function URLs: one for the function, one for each alias.

use serde_json::{Map, Value, json};

use crate::sim::context::api_error::Fault;
use crate::sim::context::identifiers::Name;
use crate::sim::context::request::{Call, Operation};
use crate::sim::http::response::Reply;
use crate::sim::store::function::Url;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<Operation> {
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
fn key(name: &Name) -> &str {
    name.qualifier.as_deref().unwrap_or_default()
}

/// Refuses a function or an alias that is not there.
fn check_target(call: &Call<'_>, name: &Name) -> Result<(), Fault> {
    let function = call.region.functions.get(&name.name);
    let found =
        function.filter(|function| name.qualifier.as_ref().is_none_or(|alias| function.aliases.contains_key(alias)));
    found.map(|_| ()).ok_or_else(|| Fault::missing("Function does not exist"))
}

fn found<'a>(call: &'a Call<'_>, name: &Name) -> Result<&'a Url, Fault> {
    let url = call.region.functions.get(&name.name).and_then(|function| function.urls.get(key(name)));
    url.ok_or_else(|| Fault::missing("The resource you requested does not exist."))
}

fn create(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    check_target(call, &name)?;
    let arn = name.arn(call.here);
    if found(call, &name).is_ok() {
        // The two blanks are the service's own.
        return Err(Fault::conflict(format!(
            "Failed to create function url config for [functionArn = {arn}]. Error message:  FunctionUrlConfig exists for this \
             Lambda function"
        )));
    }
    let id = call.mint.uuid(&arn).replace('-', "");
    let created = call.stamp(&arn);
    let mut url = Url {
        address: format!("https://{id}.lambda-url.{}.on.aws/", call.here.region),
        auth: String::new(),
        invoke_mode: None,
        cors: Map::new(),
        modified: created.clone(),
        created,
    };
    apply(call, &mut url);
    let reply = url.show(&arn);
    put(call, &name, url);
    Ok(Reply::json(Value::Object(reply)))
}

/// What is absent from the request is left alone; an empty `Cors` takes CORS away.
fn apply(call: &Call<'_>, url: &mut Url) {
    if let Some(auth) = call.text("AuthType") {
        auth.clone_into(&mut url.auth);
    }
    if let Some(mode) = call.text("InvokeMode") {
        url.invoke_mode = Some(mode.to_owned());
    }
    if let Some(cors) = call.input.get("Cors").and_then(Value::as_object) {
        url.cors.clone_from(cors);
    }
}

fn put(call: &mut Call<'_>, name: &Name, url: Url) {
    if let Some(function) = call.region.functions.modify(&name.name) {
        function.urls.insert(key(name).to_owned(), url);
    }
}

fn get(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    Ok(Reply::json(found(call, &name)?.show_read(&name.arn(call.here))))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    check_target(call, &name)?;
    let mut url = found(call, &name)?.clone();
    apply(call, &mut url);
    let arn = name.arn(call.here);
    url.modified = call.stamp(&arn);
    let mut reply = url.show(&arn);
    reply.insert("LastModifiedTime".to_owned(), json!(url.modified));
    put(call, &name, url);
    Ok(Reply::json(Value::Object(reply)))
}

fn delete(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    found(call, &name)?;
    if let Some(function) = call.region.functions.modify(&name.name) {
        function.urls.remove(key(&name));
    }
    Ok(Reply::empty())
}

fn list(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    let start = call.page_start()?;
    let function = call.region.functions.get(&name.name);
    let function = function.ok_or_else(|| Fault::missing("Function does not exist"))?;
    let here = call.here;
    let after = |qualifier: &str| start.as_deref().is_none_or(|start| qualifier > start);
    let urls = function.urls.iter().filter(|(qualifier, _)| after(qualifier));
    let items = urls.map(|(qualifier, url)| {
        let arn = match qualifier.as_str() {
            "" => here.function_arn(&name.name),
            alias => here.qualified_arn(&name.name, alias),
        };
        (qualifier.clone(), url.show_read(&arn))
    });
    Ok(call.page(50, items).reply("FunctionUrlConfigs"))
}

impl Url {
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
