//! Capacity providers: pools of instances that functions can run on.

use serde_json::{Value, json};

use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::{LATEST, PUBLISHED};
use crate::sim::context::lookup::tags_of;
use crate::sim::context::request::{Arguments, OperationFn};
use crate::sim::http::response::Reply;
use crate::sim::rules::tags as tag_rules;
use crate::sim::store::documents::{CapacityProvider, StateTransition};
use crate::sim::store::function::{Function, Snapshot};

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
    Some(match name {
        "CreateCapacityProvider" => create,
        "GetCapacityProvider" => get,
        "UpdateCapacityProvider" => update,
        "DeleteCapacityProvider" => delete,
        "ListCapacityProviders" => list,
        "ListFunctionVersionsByCapacityProvider" => list_versions,
        _ => return None,
    })
}

fn arn_of(args: &Arguments<'_>, name: &str) -> String {
    args.context.arn(&format!("capacity-provider:{name}"))
}

/// The answer to an ARN that names none.
pub(crate) fn not_found(arn: &str) -> ApiError {
    ApiError::not_found(format!("Capacity provider not found: {arn}"))
}

/// The name that the request gives, be it a name or an ARN.
fn name_of(args: &Arguments<'_>) -> String {
    let given = args.required("CapacityProviderName");
    given.rsplit(':').next().unwrap_or_default().to_owned()
}

fn existing(args: &Arguments<'_>) -> Result<(String, CapacityProvider), ApiError> {
    let name = name_of(args);
    let provider = args.region.capacity_providers.get(&name).cloned();
    let provider = provider.ok_or_else(|| not_found(&arn_of(args, &name)))?;
    Ok((name, provider))
}

/// Refuses a function that names a provider which does not exist or is not ready.
pub(crate) fn check_named(args: &Arguments<'_>, config: Option<&Value>) -> Result<(), ApiError> {
    let Some(arn) = config.and_then(provider_of) else { return Ok(()) };
    let name = arn.rsplit(':').next().unwrap_or_default();
    let provider = args.region.capacity_providers.get(name).filter(|_| arn == arn_of(args, name));
    provider.ok_or_else(|| not_found(arn))?.check_active(arn)
}

/// The ARN within a `CapacityProviderConfig`.
fn provider_of(config: &Value) -> Option<&str> {
    config.get("LambdaManagedInstancesCapacityProviderConfig")?.get("CapacityProviderArn")?.as_str()
}

fn create(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = name_of(args);
    let arn = arn_of(args, &name);
    if args.region.capacity_providers.get(&name).is_some() {
        return Err(ApiError::conflict(format!("Capacity provider already exists: {arn}")));
    }
    let tags = tags_of(args.input.get("Tags"));
    tag_rules::check(&tags)?;
    let mut members = args.input.clone();
    for elsewhere in ["CapacityProviderName", "Tags"] {
        members.remove(elsewhere);
    }
    members.entry("InstanceRequirements").or_insert_with(|| json!({"Architectures": ["x86_64"]}));
    members
        .entry("CapacityProviderScalingConfig")
        .or_insert_with(|| json!({"MaxVCpuCount": 400, "ScalingMode": "Auto"}));
    members.insert("CapacityProviderArn".to_owned(), json!(arn));
    let provider = CapacityProvider { members, state: String::new(), tags, transition: None };
    Ok(begin(args, &name, provider, "Pending", Some("Active")))
}

/// Puts a provider on its way to `next`, or to its end, and answers how it looks meanwhile.
fn begin(args: &mut Arguments<'_>, name: &str, mut provider: CapacityProvider, now: &str, next: Option<&str>) -> Reply {
    let settle = &args.context.options.settle;
    let until = args.after(if next.is_some() { settle.capacity } else { settle.delete });
    provider.state = now.to_owned();
    provider.transition = Some(StateTransition { until, state: next.map(str::to_owned), failure: None });
    let timestamp = args.timestamp(&arn_of(args, name));
    provider.members.insert("LastModified".to_owned(), json!(timestamp));
    let reply = Reply::json(json!({"CapacityProvider": provider.show()}));
    args.region.capacity_providers.insert(name, provider);
    reply
}

fn get(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let (_, provider) = existing(args)?;
    Ok(Reply::json(json!({"CapacityProvider": provider.show()})))
}

fn update(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let (name, mut provider) = existing(args)?;
    provider.check_active(&arn_of(args, &name))?;
    for member in ["CapacityProviderScalingConfig", "PropagateTags", "TelemetryConfig"] {
        if let Some(value) = args.input.get(member) {
            provider.members.insert(member.to_owned(), value.clone());
        }
    }
    Ok(begin(args, &name, provider, "Pending", Some("Active")))
}

/// The versions that run on the provider at `arn`, by their keys in a list.
fn versions<'a>(args: &'a Arguments<'_>, arn: &'a str) -> impl Iterator<Item = (String, &'a Function, &'a Snapshot)> {
    let on_it =
        move |snapshot: &Snapshot| snapshot.members.get("CapacityProviderConfig").and_then(provider_of) == Some(arn);
    args.region.functions.iter().flat_map(move |(_, function)| {
        let named = [(LATEST.to_owned(), &function.latest)].into_iter();
        let slot = function.latest_published.iter().map(|snapshot| (PUBLISHED.to_owned(), &**snapshot));
        let numbered = function.versions.iter().map(|(number, snapshot)| (number.to_string(), &**snapshot));
        let all = named.chain(slot).chain(numbered).filter(move |(_, snapshot)| on_it(snapshot));
        all.map(move |(version, snapshot)| (version, function, snapshot))
    })
}

fn delete(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let (name, provider) = existing(args)?;
    let arn = arn_of(args, &name);
    if provider.state != "Failed" {
        provider.check_active(&arn)?;
    }
    if versions(args, &arn).next().is_some() {
        return Err(ApiError::conflict(
            "To delete this capacity provider, first remove its association with all function versions.",
        ));
    }
    Ok(begin(args, &name, provider, "Deleting", None))
}

fn list(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let start = args.page_start()?;
    let state = args.text("State");
    let providers = args.region.capacity_providers.after(start.as_deref());
    let providers = providers.filter(|(_, provider)| state.is_none_or(|state| provider.state == state));
    let items = providers.map(|(name, provider)| (name.clone(), provider.show()));
    Ok(args.page(50, items).reply("CapacityProviders"))
}

fn list_versions(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let (name, _) = existing(args)?;
    let arn = arn_of(args, &name);
    let start = args.page_start()?;
    let context = args.context;
    let mut passed = start.is_none();
    let items = versions(args, &arn).filter_map(|(version, function, snapshot)| {
        let function_arn = context.qualified_arn(&function.name, &version);
        if !passed {
            passed = start.as_ref() == Some(&function_arn);
            return None;
        }
        Some((function_arn.clone(), json!({"FunctionArn": function_arn, "State": snapshot.state})))
    });
    let mut reply = args.page(50, items).reply("FunctionVersions");
    if let Some(Value::Object(body)) = &mut reply.body {
        body.insert("CapacityProviderArn".to_owned(), json!(arn));
    }
    Ok(reply)
}

impl CapacityProvider {
    fn check_active(&self, arn: &str) -> Result<(), ApiError> {
        if self.state == "Active" {
            return Ok(());
        }
        Err(ApiError::conflict(format!(
            "The operation cannot be performed at this time. The resource {arn} is currently in the following state: '{}'.",
            self.state
        )))
    }

    fn show(&self) -> Value {
        let mut out = self.members.clone();
        out.insert("State".to_owned(), json!(self.state));
        Value::Object(out)
    }
}
