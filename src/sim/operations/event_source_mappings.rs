//! Event source mappings.
//!
//! A mapping belongs to no function: it names one, and stays when that function is deleted.

use serde_json::{Map, Value, json};

use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::{FunctionName, LATEST};
use crate::sim::context::ids::epoch_seconds;
use crate::sim::context::lookup::tags_of;
use crate::sim::context::request::{Arguments, OperationFn};
use crate::sim::http::response::Reply;
use crate::sim::http::service_model::model;
use crate::sim::rules::event_source_mappings as mapping_rules;
use crate::sim::rules::event_sources;
use crate::sim::rules::event_sources::EventSource;
use crate::sim::rules::tags as tag_rules;
use crate::sim::store::documents::{Mapping, StateTransition};

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
    Some(match name {
        "CreateEventSourceMapping" => create,
        "GetEventSourceMapping" => get,
        "ListEventSourceMappings" => list,
        "UpdateEventSourceMapping" => update,
        "DeleteEventSourceMapping" => delete,
        _ => return None,
    })
}

fn create(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let source =
        EventSource::of(&args.input).ok_or_else(|| ApiError::invalid_parameter("Unrecognized event source."))?;
    mapping_rules::check_new(source, &args.input)?;
    let tags = tags_of(args.input.get("Tags"));
    tag_rules::check(&tags)?;
    let name = target(args)?;
    let mut members = Map::new();
    write(source, &args.input, &mut members);
    members.insert("FunctionArn".to_owned(), json!(name.arn(args.context)));
    mapping_rules::check(args.context, source, &args.input, &members)?;
    check_unique(args, source, &name, &members)?;
    let thing = format!("mapping {} {}", name.arn(args.context), members.get("EventSourceArn").unwrap_or(&Value::Null));
    let uuid = args.ids.uuid(&thing);
    event_sources::fill(args.context, source, &uuid, &mut members);
    let enabled = args.input.get("Enabled").and_then(Value::as_bool).unwrap_or(true);
    let mut mapping =
        Mapping { members, function: name.name, state: "Disabled".to_owned(), problem: None, tags, transition: None };
    if enabled {
        // Recorded: a mapping that is created disabled is so at once.
        begin(args, &mut mapping, "Creating", Some("Enabled"));
    }
    touch(args, &uuid, &mut mapping);
    let reply = show(&mapping);
    args.region.mappings.insert(&uuid, mapping);
    Ok(Reply::json(reply))
}

/// The function that a mapping is to call.
fn target(args: &Arguments<'_>) -> Result<FunctionName, ApiError> {
    let name = FunctionName::local(args.context, &args.required("FunctionName"))?;
    let function = args.region.functions.get(&name.name);
    match function.and_then(|function| function.version_of(name.qualifier_or_latest())) {
        Some(_) => Ok(name),
        None => Err(ApiError::invalid_parameter("Function does not exist")),
    }
}

/// Writes the members of a request that a mapping shows.
fn write(source: EventSource, input: &Map<String, Value>, members: &mut Map<String, Value>) {
    let Some(shape) = model().shape("EventSourceMappingConfiguration") else { return };
    for (member, value) in input {
        if shape.members.contains_key(member) {
            event_sources::put(source, members, member, value);
        }
    }
}

/// One function has one mapping of a source, or of each topic and queue in it.
fn check_unique(
    args: &Arguments<'_>,
    source: EventSource,
    name: &FunctionName,
    members: &Map<String, Value>,
) -> Result<(), ApiError> {
    let same = |one: &Map<String, Value>| {
        let is_same = |member: &&str| one.get(*member) == members.get(*member);
        ["EventSourceArn", "FunctionArn", "Topics", "Queues"].iter().all(is_same) && is_same_cluster(one, members)
    };
    let mut others = args.region.mappings.iter().filter(|(_, mapping)| mapping.function == name.name);
    let Some((uuid, _)) = others.find(|(_, mapping)| same(&mapping.members)) else {
        return Ok(());
    };
    let arn = members.get("EventSourceArn").and_then(Value::as_str).unwrap_or_default();
    let name = &name.name;
    let rest = format!("already exists. Please update or delete the existing mapping with UUID {uuid}");
    Err(ApiError::conflict(match source {
        EventSource::Queue => {
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

/// Returns whether two mappings are to the same self-managed cluster, or both to none: a broker belongs to one cluster.
fn is_same_cluster(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    match (brokers(one), brokers(other)) {
        (None, None) => true,
        (Some(one), Some(other)) => one.iter().any(|broker| other.contains(broker)),
        _ => false,
    }
}

fn brokers(members: &Map<String, Value>) -> Option<&Vec<Value>> {
    members.get("SelfManagedEventSource")?.pointer("/Endpoints/KAFKA_BOOTSTRAP_SERVERS")?.as_array()
}

/// Puts a mapping on its way to another state; none is its end.
fn begin(args: &Arguments<'_>, mapping: &mut Mapping, through: &str, to: Option<&str>) {
    let settle = &args.context.options.settle;
    let until = args.after(if to.is_some() { settle.mapping } else { settle.delete });
    through.clone_into(&mut mapping.state);
    mapping.transition = Some(StateTransition { until, state: to.map(str::to_owned), failure: None });
}

fn touch(args: &mut Arguments<'_>, uuid: &str, mapping: &mut Mapping) {
    let timestamp = args.ids.timestamp(uuid, args.now);
    mapping.members.insert("LastModified".to_owned(), epoch_seconds(timestamp));
}

fn existing(args: &Arguments<'_>) -> Result<(String, Mapping), ApiError> {
    let uuid = args.required("UUID");
    let mapping = args.region.mappings.get(&uuid).cloned();
    mapping
        .map(|mapping| (uuid, mapping))
        .ok_or_else(|| ApiError::not_found("The resource you requested does not exist."))
}

fn get(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let (_, mapping) = existing(args)?;
    Ok(Reply::json(show(&mapping)))
}

fn list(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let start = args.page_start()?;
    let source = args.text("EventSourceArn");
    let name = args.text("FunctionName").map(|name| FunctionName::local(args.context, name)).transpose()?;
    // An unqualified name and `$LATEST` are the same function, but not the same ARN.
    let qualifier = name.as_ref().and_then(|name| name.qualifier.as_deref()).filter(|qualifier| *qualifier != LATEST);
    let wanted = name.as_ref().map(|name| (name, qualifier.map(|_| name.arn(args.context))));
    let text = |mapping: &Mapping, member: &str| mapping.members.get(member).and_then(Value::as_str).map(str::to_owned);
    let mappings = args.region.mappings.after(start.as_deref()).filter(|(_, mapping)| {
        let is_wanted = wanted.as_ref().is_none_or(|(name, arn)| {
            mapping.function == name.name
                && arn.as_ref().is_none_or(|arn| text(mapping, "FunctionArn").as_ref() == Some(arn))
        });
        is_wanted && source.is_none_or(|source| text(mapping, "EventSourceArn").as_deref() == Some(source))
    });
    let items = mappings.map(|(uuid, mapping)| (uuid.clone(), show(mapping)));
    // The model admits more to be asked for; the reference says that no page has more than this.
    Ok(args.page(100, items).reply("EventSourceMappings"))
}

fn in_use(verb: &str) -> ApiError {
    ApiError::new("ResourceInUseException", format!("Cannot {verb} the event source mapping because it is in use."))
}

fn update(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let (uuid, mut mapping) = existing(args)?;
    if mapping.transition.is_some() {
        return Err(in_use("update"));
    }
    let source = EventSource::of(&mapping.members).ok_or_else(|| ApiError::internal("a mapping without a source"))?;
    let mut input = args.input.clone();
    input.remove("UUID");
    mapping_rules::check_members(source, &input)?;
    mapping_rules::check_fixed(&mapping.members, &input)?;
    if input.contains_key("FunctionName") {
        let name = target(args)?;
        mapping.members.insert("FunctionArn".to_owned(), json!(name.arn(args.context)));
        mapping.function = name.name;
    }
    let hosts = mapping_rules::virtual_hosts(&mapping.members);
    write(source, &input, &mut mapping.members);
    keep_virtual_hosts(&mut mapping.members, hosts);
    mapping_rules::check(args.context, source, &input, &mapping.members)?;
    let was = mapping.state == "Enabled";
    match args.input.get("Enabled").and_then(Value::as_bool) {
        Some(true) if !was => begin(args, &mut mapping, "Enabling", Some("Enabled")),
        Some(false) if was => begin(args, &mut mapping, "Disabling", Some("Disabled")),
        _ => begin(args, &mut mapping, "Updating", Some(if was { "Enabled" } else { "Disabled" })),
    }
    touch(args, &uuid, &mut mapping);
    let reply = show(&mapping);
    args.region.mappings.insert(&uuid, mapping);
    Ok(Reply::json(reply))
}

/// Puts the virtual hosts of a mapping back, which no update can name.
fn keep_virtual_hosts(members: &mut Map<String, Value>, hosts: Vec<Value>) {
    if hosts.is_empty() || !mapping_rules::virtual_hosts(members).is_empty() {
        return;
    }
    if let Value::Array(accesses) = members.entry("SourceAccessConfigurations").or_insert_with(|| json!([])) {
        accesses.extend(hosts);
    }
}

fn delete(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let (uuid, mut mapping) = existing(args)?;
    if mapping.transition.is_some() {
        return Err(in_use("delete"));
    }
    begin(args, &mut mapping, "Deleting", None);
    touch(args, &uuid, &mut mapping);
    let reply = show(&mapping);
    args.region.mappings.insert(&uuid, mapping);
    Ok(Reply::json(reply))
}

fn show(mapping: &Mapping) -> Value {
    let mut out = mapping.members.clone();
    out.insert("State".to_owned(), json!(mapping.state));
    let source = EventSource::of(&mapping.members).unwrap_or(EventSource::Queue);
    let reason = mapping.problem.as_deref().unwrap_or_else(|| source.reason());
    out.insert("StateTransitionReason".to_owned(), json!(reason));
    Value::Object(out)
}
