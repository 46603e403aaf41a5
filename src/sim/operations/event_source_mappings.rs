//! Event source mappings.
//!
//! A mapping belongs to no function: it names one, and stays when that function is deleted.

use serde_json::{Map, Value, json};

use crate::sim::context::api_error::Fault;
use crate::sim::context::identifiers::{LATEST, Name};
use crate::sim::context::ids::epoch_time;
use crate::sim::context::lookup::tags_of;
use crate::sim::context::request::{Call, Operation};
use crate::sim::http::response::Reply;
use crate::sim::http::service_model::table;
use crate::sim::rules::event_source_mappings as mapping_rules;
use crate::sim::rules::event_sources;
use crate::sim::rules::event_sources::Source;
use crate::sim::rules::tags as tag_rules;
use crate::sim::store::documents::{Mapping, StateTransition};

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "CreateEventSourceMapping" => create,
        "GetEventSourceMapping" => get,
        "ListEventSourceMappings" => list,
        "UpdateEventSourceMapping" => update,
        "DeleteEventSourceMapping" => delete,
        _ => return None,
    })
}

fn create(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let source = Source::of(&call.input).ok_or_else(|| Fault::invalid("Unrecognized event source."))?;
    mapping_rules::check_new(source, &call.input)?;
    let tags = tags_of(call.input.get("Tags"));
    tag_rules::check(&tags)?;
    let name = target(call)?;
    let mut members = Map::new();
    write(source, &call.input, &mut members);
    members.insert("FunctionArn".to_owned(), json!(name.arn(call.here)));
    mapping_rules::check(call.here, source, &call.input, &members)?;
    check_unique(call, source, &name, &members)?;
    let thing = format!("mapping {} {}", name.arn(call.here), members.get("EventSourceArn").unwrap_or(&Value::Null));
    let uuid = call.mint.uuid(&thing);
    event_sources::fill(call.here, source, &uuid, &mut members);
    let enabled = call.input.get("Enabled").and_then(Value::as_bool).unwrap_or(true);
    let mut mapping =
        Mapping { members, function: name.name, state: "Disabled".to_owned(), problem: None, tags, transition: None };
    if enabled {
        // Recorded: a mapping that is created disabled is so at once.
        begin(call, &mut mapping, "Creating", Some("Enabled"));
    }
    touch(call, &uuid, &mut mapping);
    let reply = show(&mapping);
    call.region.mappings.insert(&uuid, mapping);
    Ok(Reply::json(reply))
}

/// The function that a mapping is to call.
fn target(call: &Call<'_>) -> Result<Name, Fault> {
    let name = Name::read(call.here, &call.required("FunctionName"))?;
    let function = call.region.functions.get(&name.name);
    match function.and_then(|function| function.version_of(name.or_latest())) {
        Some(_) => Ok(name),
        None => Err(Fault::invalid("Function does not exist")),
    }
}

/// Writes the members of a request that a mapping shows.
fn write(source: Source, input: &Map<String, Value>, members: &mut Map<String, Value>) {
    let Some(shape) = table().shape("EventSourceMappingConfiguration") else { return };
    for (member, value) in input {
        if shape.members.contains_key(member) {
            event_sources::put(source, members, member, value);
        }
    }
}

/// One function has one mapping of a source, or of each topic and queue in it.
fn check_unique(call: &Call<'_>, source: Source, name: &Name, members: &Map<String, Value>) -> Result<(), Fault> {
    let same = |one: &Map<String, Value>| {
        ["EventSourceArn", "SelfManagedEventSource", "FunctionArn", "Topics", "Queues"]
            .iter()
            .all(|member| one.get(*member) == members.get(*member))
    };
    let Some((uuid, _)) = call.region.mappings.iter().find(|(_, mapping)| same(&mapping.members)) else {
        return Ok(());
    };
    let arn = members.get("EventSourceArn").and_then(Value::as_str).unwrap_or_default();
    let name = &name.name;
    let rest = format!("already exists. Please update or delete the existing mapping with UUID {uuid}");
    Err(Fault::conflict(match source {
        Source::Queue => {
            format!("An event source mapping with SQS arn (\" {arn} \") and function (\" {name} \") {rest}")
        }
        _ if source.is_kafka() => {
            let listed = |value: Option<&Value>| {
                let items = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
                items.collect::<Vec<_>>().join(",")
            };
            let servers =
                members.get("SelfManagedEventSource").and_then(|own| own.pointer("/Endpoints/KAFKA_BOOTSTRAP_SERVERS"));
            let event_source = if arn.is_empty() { listed(servers) } else { arn.to_owned() };
            let function = members.get("FunctionArn").and_then(Value::as_str).unwrap_or_default();
            let topics = listed(members.get("Topics"));
            format!(
                "An event source mapping with event source (\"{event_source}\"), function (\"{function}\"), topics (\"{topics}\") {rest}"
            )
        }
        _ => format!("The event source arn (\" {arn} \") and function (\" {name} \") provided mapping {rest}"),
    }))
}

/// Puts a mapping on its way to another state; none is its end.
fn begin(call: &Call<'_>, mapping: &mut Mapping, through: &str, to: Option<&str>) {
    let settle = &call.here.options.settle;
    let until = call.after(if to.is_some() { settle.mapping } else { settle.delete });
    through.clone_into(&mut mapping.state);
    mapping.transition = Some(StateTransition { until, state: to.map(str::to_owned), failure: None });
}

fn touch(call: &mut Call<'_>, uuid: &str, mapping: &mut Mapping) {
    let stamp = call.mint.stamp(uuid, call.now);
    mapping.members.insert("LastModified".to_owned(), epoch_time(stamp));
}

fn found(call: &Call<'_>) -> Result<(String, Mapping), Fault> {
    let uuid = call.required("UUID");
    let mapping = call.region.mappings.get(&uuid).cloned();
    mapping.map(|mapping| (uuid, mapping)).ok_or_else(|| Fault::missing("The resource you requested does not exist."))
}

fn get(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let (_, mapping) = found(call)?;
    Ok(Reply::json(show(&mapping)))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let start = call.page_start()?;
    let source = call.text("EventSourceArn");
    let name = call.text("FunctionName").map(|name| Name::read(call.here, name)).transpose()?;
    // An unqualified name and `$LATEST` are the same function, but not the same ARN.
    let qualifier = name.as_ref().and_then(|name| name.qualifier.as_deref()).filter(|qualifier| *qualifier != LATEST);
    let wanted = name.as_ref().map(|name| (name, qualifier.map(|_| name.arn(call.here))));
    let text = |mapping: &Mapping, member: &str| mapping.members.get(member).and_then(Value::as_str).map(str::to_owned);
    let mappings = call.region.mappings.after(start.as_deref()).filter(|(_, mapping)| {
        let same_source = source.is_none_or(|source| text(mapping, "EventSourceArn").as_deref() == Some(source));
        same_source
            && wanted.as_ref().is_none_or(|(name, arn)| {
                mapping.function == name.name
                    && arn.as_ref().is_none_or(|arn| text(mapping, "FunctionArn").as_ref() == Some(arn))
            })
    });
    let items = mappings.map(|(uuid, mapping)| (uuid.clone(), show(mapping)));
    // The model admits more to be asked for; the reference says that no page has more than this.
    Ok(call.page(100, items).reply("EventSourceMappings"))
}

fn in_use(verb: &str) -> Fault {
    Fault::new("ResourceInUseException", format!("Cannot {verb} the event source mapping because it is in use."))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let (uuid, mut mapping) = found(call)?;
    if mapping.transition.is_some() {
        return Err(in_use("update"));
    }
    let source = Source::of(&mapping.members).ok_or_else(|| Fault::internal("a mapping without a source"))?;
    let mut input = call.input.clone();
    input.remove("UUID");
    mapping_rules::check_members(source, &input)?;
    mapping_rules::check_fixed(&mapping.members, &input)?;
    if input.contains_key("FunctionName") {
        let name = target(call)?;
        mapping.members.insert("FunctionArn".to_owned(), json!(name.arn(call.here)));
        mapping.function = name.name;
    }
    write(source, &input, &mut mapping.members);
    mapping_rules::check(call.here, source, &input, &mapping.members)?;
    let was = mapping.state == "Enabled";
    match call.input.get("Enabled").and_then(Value::as_bool) {
        Some(true) if !was => begin(call, &mut mapping, "Enabling", Some("Enabled")),
        Some(false) if was => begin(call, &mut mapping, "Disabling", Some("Disabled")),
        _ => begin(call, &mut mapping, "Updating", Some(if was { "Enabled" } else { "Disabled" })),
    }
    touch(call, &uuid, &mut mapping);
    let reply = show(&mapping);
    call.region.mappings.insert(&uuid, mapping);
    Ok(Reply::json(reply))
}

fn delete(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let (uuid, mut mapping) = found(call)?;
    if mapping.transition.is_some() {
        return Err(in_use("delete"));
    }
    begin(call, &mut mapping, "Deleting", None);
    touch(call, &uuid, &mut mapping);
    let reply = show(&mapping);
    call.region.mappings.insert(&uuid, mapping);
    Ok(Reply::json(reply))
}

fn show(mapping: &Mapping) -> Value {
    let mut out = mapping.members.clone();
    out.insert("State".to_owned(), json!(mapping.state));
    let source = Source::of(&mapping.members).unwrap_or(Source::Queue);
    let reason = mapping.problem.as_deref().unwrap_or_else(|| source.reason());
    out.insert("StateTransitionReason".to_owned(), json!(reason));
    Value::Object(out)
}
