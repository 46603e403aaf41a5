//! Capacity providers: pools of instances that functions can run on.

use serde_json::{Value, json};

use crate::sim::context::api_error::Fault;
use crate::sim::context::identifiers::{LATEST, PUBLISHED};
use crate::sim::context::lookup::tags_of;
use crate::sim::context::request::{Call, Operation};
use crate::sim::http::response::Reply;
use crate::sim::rules::tags as tag_rules;
use crate::sim::store::documents::{CapacityProvider, StateTransition};
use crate::sim::store::function::{Function, Snapshot};

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<Operation> {
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

fn arn_of(call: &Call<'_>, name: &str) -> String {
    call.here.arn(&format!("capacity-provider:{name}"))
}

/// The answer to an ARN that names none.
pub(crate) fn missing(arn: &str) -> Fault {
    Fault::missing(format!("Capacity provider not found: {arn}"))
}

/// The name that the request gives, be it a name or an ARN.
fn name_of(call: &Call<'_>) -> String {
    let given = call.required("CapacityProviderName");
    given.rsplit(':').next().unwrap_or_default().to_owned()
}

fn found(call: &Call<'_>) -> Result<(String, CapacityProvider), Fault> {
    let name = name_of(call);
    let provider = call.region.capacity_providers.get(&name).cloned();
    let provider = provider.ok_or_else(|| missing(&arn_of(call, &name)))?;
    Ok((name, provider))
}

/// Refuses a function that names a provider which is not there or not ready.
pub(crate) fn check_named(call: &Call<'_>, config: Option<&Value>) -> Result<(), Fault> {
    let Some(arn) = config.and_then(provider_of) else { return Ok(()) };
    let name = arn.rsplit(':').next().unwrap_or_default();
    let provider = call.region.capacity_providers.get(name).filter(|_| arn == arn_of(call, name));
    provider.ok_or_else(|| missing(arn))?.check_active(arn)
}

/// The ARN within a `CapacityProviderConfig`.
fn provider_of(config: &Value) -> Option<&str> {
    config.get("LambdaManagedInstancesCapacityProviderConfig")?.get("CapacityProviderArn")?.as_str()
}

fn create(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = name_of(call);
    let arn = arn_of(call, &name);
    if call.region.capacity_providers.get(&name).is_some() {
        return Err(Fault::conflict(format!("Capacity provider already exists: {arn}")));
    }
    let tags = tags_of(call.input.get("Tags"));
    tag_rules::check(&tags)?;
    let mut members = call.input.clone();
    for elsewhere in ["CapacityProviderName", "Tags"] {
        members.remove(elsewhere);
    }
    members.entry("InstanceRequirements").or_insert_with(|| json!({"Architectures": ["x86_64"]}));
    members
        .entry("CapacityProviderScalingConfig")
        .or_insert_with(|| json!({"MaxVCpuCount": 400, "ScalingMode": "Auto"}));
    members.insert("CapacityProviderArn".to_owned(), json!(arn));
    let provider = CapacityProvider { members, state: String::new(), tags, transition: None };
    Ok(begin(call, &name, provider, "Pending", Some("Active")))
}

/// Puts a provider on its way to `next`, or to its end, and answers how it looks meanwhile.
fn begin(call: &mut Call<'_>, name: &str, mut provider: CapacityProvider, now: &str, next: Option<&str>) -> Reply {
    let settle = &call.here.options.settle;
    let until = call.after(if next.is_some() { settle.capacity } else { settle.delete });
    provider.state = now.to_owned();
    provider.transition = Some(StateTransition { until, state: next.map(str::to_owned), failure: None });
    let stamp = call.stamp(&arn_of(call, name));
    provider.members.insert("LastModified".to_owned(), json!(stamp));
    let reply = Reply::json(json!({"CapacityProvider": provider.show()}));
    call.region.capacity_providers.insert(name, provider);
    reply
}

fn get(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let (_, provider) = found(call)?;
    Ok(Reply::json(json!({"CapacityProvider": provider.show()})))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let (name, mut provider) = found(call)?;
    provider.check_active(&arn_of(call, &name))?;
    for member in ["CapacityProviderScalingConfig", "PropagateTags", "TelemetryConfig"] {
        if let Some(value) = call.input.get(member) {
            provider.members.insert(member.to_owned(), value.clone());
        }
    }
    Ok(begin(call, &name, provider, "Pending", Some("Active")))
}

/// The versions that run on the provider at `arn`, by their keys in a list.
fn versions<'a>(call: &'a Call<'_>, arn: &'a str) -> impl Iterator<Item = (String, &'a Function, &'a Snapshot)> {
    let on_it =
        move |snapshot: &Snapshot| snapshot.members.get("CapacityProviderConfig").and_then(provider_of) == Some(arn);
    call.region.functions.iter().flat_map(move |(_, function)| {
        let named = [(LATEST.to_owned(), &function.latest)].into_iter();
        let slot = function.latest_published.iter().map(|snapshot| (PUBLISHED.to_owned(), &**snapshot));
        let numbered = function.versions.iter().map(|(number, snapshot)| (number.to_string(), &**snapshot));
        let all = named.chain(slot).chain(numbered).filter(move |(_, snapshot)| on_it(snapshot));
        all.map(move |(version, snapshot)| (version, function, snapshot))
    })
}

fn delete(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let (name, provider) = found(call)?;
    let arn = arn_of(call, &name);
    if provider.state != "Failed" {
        provider.check_active(&arn)?;
    }
    if versions(call, &arn).next().is_some() {
        return Err(Fault::conflict(
            "To delete this capacity provider, first remove its association with all function versions.",
        ));
    }
    Ok(begin(call, &name, provider, "Deleting", None))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let start = call.page_start()?;
    let state = call.text("State");
    let providers = call.region.capacity_providers.after(start.as_deref());
    let providers = providers.filter(|(_, provider)| state.is_none_or(|state| provider.state == state));
    let items = providers.map(|(name, provider)| (name.clone(), provider.show()));
    Ok(call.page(50, items).reply("CapacityProviders"))
}

fn list_versions(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let (name, _) = found(call)?;
    let arn = arn_of(call, &name);
    let start = call.page_start()?;
    let here = call.here;
    let mut passed = start.is_none();
    let items = versions(call, &arn).filter_map(|(version, function, snapshot)| {
        let function_arn = here.qualified_arn(&function.name, &version);
        if !passed {
            passed = start.as_ref() == Some(&function_arn);
            return None;
        }
        Some((function_arn.clone(), json!({"FunctionArn": function_arn, "State": snapshot.state})))
    });
    let mut reply = call.page(50, items).reply("FunctionVersions");
    if let Some(Value::Object(body)) = &mut reply.body {
        body.insert("CapacityProviderArn".to_owned(), json!(arn));
    }
    Ok(reply)
}

impl CapacityProvider {
    fn check_active(&self, arn: &str) -> Result<(), Fault> {
        if self.state == "Active" {
            return Ok(());
        }
        Err(Fault::conflict(format!(
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
