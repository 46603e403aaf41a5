//! Function: code and configuration under a name, with its tags.
//!
//! AWS's quirks: code and configuration are two calls with a wait between them; an omitted member keeps its value;
//! the RevisionId moves again when an update settles and at every tag call; architectures change only together with
//! the code. One GetFunction knows configuration, tags and reserved concurrency, and has the largest quota.
//! [AWS: CreateFunction](https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html).

pub(super) mod code;
pub(super) mod configuration;
mod exclusions;
mod rules;
pub(super) mod shape;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use aws_sdk_lambda::types::{FunctionConfiguration, LastUpdateStatus, State as LambdaState};
use serde_json::json;

use super::{Around, At, Attribute, Attributes, Doing, Draft, Found, Guard, Live, LivePackage, STACK_TAG, State, Work};
use super::{capacity_provider, function_code_signing};
use crate::model::{Action, Findings, Package, PackageSource, Path};
use crate::wire::{
    Call, CreateFunctionInputBuilder, DeleteFunctionInputBuilder, GetFunctionInputBuilder, GetFunctionOutput,
    ListFunctionsInputBuilder, Operation, Reply, Seen, TagResourceInputBuilder, Unread, UntagResourceInputBuilder,
};
pub use shape::Function;

/// The kind's line in the table.
pub struct Room;

/// The field that is known again only once the tag `trueup:code` is written.
const PLACE: &str = "code.s3";

impl super::Room for Room {
    type Spec = Function;
    const NAME: &'static str = "function";
    const PLACES: &'static [&'static str] = &["functions.*"];
    const EXAMPLE: &'static str = r#"
version: 1
stack: example
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
    memory_size: 512
    environment: {variables: {TABLE: orders}}
    tags: {team: payments}
"#;

    fn name(&self, spec: &Function, key: &str) -> String {
        spec.function_name.clone().unwrap_or_else(|| key.to_owned())
    }

    fn check(&self, spec: &Function, at: &At, around: &dyn Around, findings: &mut Findings) {
        rules::check(spec, at, around, findings);
        if spec.code_signing_config_arn.is_some() && function_code_signing::is_unattended(at, around) {
            findings
                .error("V091", "", "a code signing configuration cannot come from the defaults")
                .help("give it to each function");
        }
    }

    fn package_source(&self, spec: &Function) -> Option<PackageSource> {
        code::source(&spec.code)
    }

    fn complete(&self, spec: &mut Function, at: &At, package: Option<&Package>) {
        let is_image = spec.code.image.is_some();
        if spec.package_type.is_none() && !spec.code.external {
            spec.package_type = Some(if is_image { "Image" } else { "Zip" }.to_owned());
        }
        let default_memory = if spec.capacity_provider_config.is_some() { 2048 } else { 128 };
        spec.memory_size.get_or_insert(default_memory);
        let default_format = if spec.capacity_provider_config.is_some() { "JSON" } else { "Text" };
        let logging = &mut spec.logging_config;
        logging.log_group.get_or_insert_with(|| format!("/aws/lambda/{}", at.outer()));
        if logging.log_format.get_or_insert_with(|| default_format.to_owned()) == "JSON" {
            logging.application_log_level.get_or_insert_with(|| "INFO".to_owned());
            logging.system_log_level.get_or_insert_with(|| "INFO".to_owned());
        }
        // What is empty and what is absent are the same to Lambda.
        spec.environment.take_if(|environment| environment.variables.is_empty());
        spec.vpc_config.take_if(|vpc| vpc.subnet_ids.is_empty() && vpc.security_group_ids.is_empty());
        spec.image_config.take_if(|image| *image == shape::ImageConfig::default());
        spec.dead_letter_config.take_if(|dead| dead.target_arn.is_empty());
        spec.kms_key_arn.take_if(|key| key.is_empty());
        let from_s3 = spec.code.s3.as_ref().and_then(|s3| s3.sha256.clone());
        if let Some(sha256) = package.map(|package| package.sha256.clone()).or(from_s3) {
            spec.code.sha256 = Some(sha256);
        }
        spec.tags.insert(STACK_TAG.to_owned(), at.scope.stack.clone());
    }

    fn reads(&self, at: &At, _desired: Option<&Function>, seen: &Seen) -> Vec<Call> {
        reads(at, seen)
    }

    fn found_reads(&self, _parent: &At, around: &dyn Around, seen: &Seen) -> Vec<Call> {
        let list = ListFunctionsInputBuilder::default();
        let Ok(names) = undeclared(around, seen) else { return vec![list.call()] };
        // Tags tell whose a function is, and only single reads tell the tags.
        names.iter().map(|name| reading(name).call()).filter(|call| !seen.has(call)).collect()
    }

    fn found(&self, parent: &At, around: &dyn Around, seen: &Seen) -> Result<Vec<Found>, Unread> {
        let mut found = Vec::new();
        for name in undeclared(around, seen)? {
            let reply = seen.reply(reading(&name))?;
            let owner = reply.and_then(|reply| reply.tags()).and_then(|tags| tags.get(STACK_TAG));
            if owner == Some(&parent.scope.stack) {
                found.push(Found::new(parent.below(Self::NAME, &name, &name), name));
            }
        }
        Ok(found)
    }

    fn live(&self, at: &At, desired: Option<&Function>, seen: &Seen) -> Result<Option<Live<Function>>, Unread> {
        let reply = seen.reply(reading(at.outer()))?;
        Ok(reply.and_then(|reply| observed(at, desired, reply)).map(|mut live| {
            if let State::Failed { code, reason } = &live.state {
                // A failed update is history: the next one may well succeed.
                live.notes.push(format!("its last update failed: {code}: {reason}"));
                live.state = State::Settled;
            }
            live
        }))
    }

    fn lost(&self, _live: &Live<Function>) -> Option<&'static str> {
        Some("its versions, its policy, the address of its URL, and every setting that the spec does not declare")
    }

    fn agree(&self, desired: &Function, live: &mut Function) {
        let digest = |image: &str| image.split_once('@').map(|(_, digest)| digest.to_owned());
        if let (Some(want), Some(have)) = (&desired.code.image, &live.code.image) {
            // `have` is the URI that was deployed and, after a blank, the digest that it meant.
            let (uri, resolved) = have.split_once(' ').unwrap_or((have.as_str(), ""));
            let same = match digest(want) {
                Some(wanted) => digest(resolved).or_else(|| digest(uri)) == Some(wanted),
                None => uri == want,
            };
            live.code.image = Some(if same { want.clone() } else { uri.to_owned() });
        }
        match (&desired.code.s3, &mut live.code.s3) {
            // The hash has spoken for the package, wherever it came from.
            (Some(want), have) if want.sha256.is_some() => *have = Some(want.clone()),
            // Whoever does not pin the object's version takes any.
            (Some(want), Some(have)) if want.object_version.is_none() => have.object_version = None,
            _ => {}
        }
        if desired.code.external {
            live.architectures = desired.architectures.clone();
        }
    }

    fn attributes(&self, at: &At, after: &Function, live: Option<&Live<Function>>, action: Action) -> Attributes {
        let mut attributes: Attributes =
            names(at).into_iter().map(|(name, value)| (name, Attribute::Known(value))).collect();
        let pinned = after.code.s3.as_ref().is_some_and(|s3| s3.sha256.is_some());
        let fetched = (after.code.s3.is_some() && !pinned) || after.code.image.is_some();
        let live = live.filter(|_| action != Action::Replace).map(|live| {
            let mut live = live.value.clone();
            let sha256 = live.code.sha256.take();
            self.agree(after, &mut live);
            (live, sha256)
        });
        // What Lambda fetches itself may be something else by now, whenever it is sent again.
        let sent = |live: &Function| {
            (&live.code.s3, &live.code.image, &live.architectures)
                != (&after.code.s3, &after.code.image, &after.architectures)
        };
        let sha256 = match live {
            Some((live, sha256)) if !fetched || !sent(&live) => after.code.sha256.clone().or(sha256),
            None if !fetched => after.code.sha256.clone(),
            _ => None,
        };
        attributes.insert("code_sha256", sha256.map_or(Attribute::Unknown, |sha256| Attribute::Known(json!(sha256))));
        attributes
    }

    fn drafts(&self, work: &Work<'_, Function>) -> Vec<Draft> {
        let create = Draft::new("CreateFunction", "the function is not there");
        let s3 = work.desired.and_then(|desired| desired.code.s3.as_ref());
        let remembers = s3.is_some_and(|s3| s3.sha256.is_none());
        let remember =
            || Draft::new("TagResource", "remember where the code came from").covering(vec![Path::parse(PLACE)]);
        match work.action {
            Action::Create if remembers => vec![create, remember()],
            Action::Create => vec![create],
            Action::Delete => {
                let mut draft = Draft::new("DeleteFunction", "the spec no longer names it");
                let runs_on = work.live.and_then(|live| live.value.capacity_provider_config.as_ref());
                draft.frees.extend(runs_on.map(|config| {
                    capacity_provider::unused(
                        &config.lambda_managed_instances_capacity_provider_config.capacity_provider_arn,
                    )
                }));
                vec![draft]
            }
            Action::Replace => {
                let fields: Vec<String> = work
                    .changes
                    .iter()
                    .filter(|change| change.forces_replacement)
                    .map(|change| change.path.to_string())
                    .collect();
                let because = format!("{} cannot change in place", fields.join(", "));
                let mut drafts = vec![Draft::new("DeleteFunction", because), create];
                drafts.extend(remembers.then(remember));
                drafts
            }
            _ => updates(work, remembers.then(remember)),
        }
    }

    fn call(&self, operation: &str, doing: &Doing<'_, Function>) -> anyhow::Result<Call> {
        let function = doing.at.outer();
        if operation == "DeleteFunction" {
            return Ok(DeleteFunctionInputBuilder::default().function_name(function).call());
        }
        let spec = doing.desired.as_ref().with_context(|| format!("{operation} needs a declaration"))?;
        Ok(match operation {
            "CreateFunction" => {
                let call = CreateFunctionInputBuilder::default().function_name(function);
                let call = configuration::create(call, spec)?;
                call.code(code::create(&spec.code, doing.package.as_ref())?).call()
            }
            "UpdateFunctionCode" => code::update(function, spec, doing.package.as_ref())?.call(),
            "UpdateFunctionConfiguration" => configuration::update(spec, doing)?.call(),
            "UntagResource" => {
                let gone =
                    doing.covers.iter().filter_map(|path| path.0.get(1)).filter(|key| !spec.tags.contains_key(*key));
                UntagResourceInputBuilder::default()
                    .resource(arn(doing.at))
                    .set_tag_keys(Some(gone.cloned().collect()))
                    .call()
            }
            "TagResource" => {
                let covered =
                    |key: &str| doing.covers.iter().any(|path| path.0.get(1).is_some_and(|covered| covered == key));
                let mut tags: BTreeMap<String, String> = spec
                    .tags
                    .iter()
                    .filter(|(key, _)| covered(key))
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect();
                if let Some(s3) = spec.code.s3.as_ref().filter(|_| doing.covers.contains(&Path::parse(PLACE))) {
                    let sha256 = doing.live.as_ref().and_then(|live| live.value.code.sha256.clone());
                    let sha256 = sha256.context("Lambda has not told the CodeSha256 of the new code")?;
                    tags.insert(code::CODE_TAG.to_owned(), code::remembered(s3, &sha256));
                }
                TagResourceInputBuilder::default()
                    .resource(arn(doing.at))
                    .set_tags(Some(tags.into_iter().collect()))
                    .call()
            }
            other => anyhow::bail!("a function has no operation {other}"),
        })
    }

    fn reply(&self, at: &At, desired: Option<&Function>, reply: &Reply) -> Option<Live<Function>> {
        match reply {
            Reply::GetFunction(reply) => observed(at, desired, reply),
            _ => None,
        }
    }

    fn poll(&self, at: &At, _operation: &str, _last: Option<&Live<Function>>) -> Option<Call> {
        Some(reading(at.outer()).call())
    }
}

/// The read that knows a function; others who need a part of it ask for the same.
pub fn reading(name: &str) -> GetFunctionInputBuilder {
    GetFunctionInputBuilder::default().function_name(name)
}

/// That read, if it has not been done.
pub fn reads(at: &At, seen: &Seen) -> Vec<Call> {
    let call = reading(at.outer()).call();
    if seen.has(&call) { Vec::new() } else { vec![call] }
}

/// The names of the account's functions that the spec does not declare.
fn undeclared(around: &dyn Around, seen: &Seen) -> Result<Vec<String>, Unread> {
    let pages = seen.pages(ListFunctionsInputBuilder::default())?;
    let declared: BTreeSet<&str> = around
        .all(<Room as super::Room>::NAME)
        .into_iter()
        .filter_map(|address| {
            let named = around.declared(address)?.get("function_name").and_then(serde_json::Value::as_str);
            named.or(address.keys.first().map(String::as_str))
        })
        .collect();
    let names = pages.iter().flat_map(|page| page.functions()).filter_map(|function| function.function_name());
    Ok(names.filter(|name| !declared.contains(name)).map(str::to_owned).collect())
}

/// The ARN of a function.
pub fn arn(at: &At) -> String {
    at.scope.arn(&format!("function:{}", at.outer()))
}

/// What Lambda is doing with a function or a version.
pub fn state(config: &FunctionConfiguration) -> State {
    let why = |code: Option<&str>| code.map_or(String::new(), |code| format!(" ({code})"));
    match (config.state(), config.last_update_status()) {
        (Some(LambdaState::Pending), _) => {
            State::Settling(format!("State Pending{}", why(config.state_reason_code().map(|code| code.as_str()))))
        }
        (Some(LambdaState::Deleting), _) => State::Settling("State Deleting".to_owned()),
        (Some(LambdaState::Failed), _) => State::Failed {
            code: config.state_reason_code().map_or("Failed", |code| code.as_str()).to_owned(),
            reason: config.state_reason().unwrap_or("Lambda gives no reason").to_owned(),
        },
        (_, Some(LastUpdateStatus::InProgress)) => State::Settling("LastUpdateStatus InProgress".to_owned()),
        (_, Some(LastUpdateStatus::Failed)) => State::Failed {
            code: config.last_update_status_reason_code().map_or("Failed", |code| code.as_str()).to_owned(),
            reason: config.last_update_status_reason().unwrap_or("Lambda gives no reason").to_owned(),
        },
        _ => State::Settled,
    }
}

fn names(at: &At) -> BTreeMap<&'static str, serde_json::Value> {
    let (partition, region) = (at.scope.partition(), &at.scope.region);
    let path = format!("path/2015-03-31/functions/{}/invocations", arn(at));
    BTreeMap::from([
        ("arn", json!(arn(at))),
        ("name", json!(at.outer())),
        ("invoke_arn", json!(format!("arn:{partition}:apigateway:{region}:lambda:{path}"))),
    ])
}

fn observed(at: &At, desired: Option<&Function>, reply: &GetFunctionOutput) -> Option<Live<Function>> {
    let config = reply.configuration()?;
    let mut value = configuration::observed(config);
    let tags: BTreeMap<String, String> = reply.tags().cloned().unwrap_or_default().into_iter().collect();
    if let Some(location) = reply.code() {
        value.code.source_kms_key_arn = location.source_kms_key_arn().map(str::to_owned);
        value.code.image = location.image_uri().map(|uri| match location.resolved_image_uri() {
            Some(resolved) => format!("{uri} {resolved}"),
            None => uri.to_owned(),
        });
    }
    let s3 = desired.and_then(|desired| desired.code.s3.as_ref());
    code::recall(&mut value.code, s3, tags.get(code::CODE_TAG).map(String::as_str));
    if let Some(object) = reply.code().and_then(|location| location.resolved_s3_object()) {
        // Where Lambda tells it itself, nothing needs to be remembered.
        value.code.s3 = code::resolved(object);
    }
    let owner = tags.get(STACK_TAG).cloned();
    // AWS's own tags cannot be written, and ours about the code is nobody's business.
    value.tags = tags.into_iter().filter(|(key, _)| !key.starts_with("aws:") && key != code::CODE_TAG).collect();
    let mut live = Live::new(at.outer(), value);
    live.revision = config.revision_id().map(str::to_owned);
    live.attributes = names(at);
    live.attributes.extend(live.value.code.sha256.iter().map(|sha256| ("code_sha256", json!(sha256))));
    live.state = state(config);
    let location = reply.code().and_then(|location| location.location());
    live.package = location
        .zip(config.code_sha256())
        .map(|(location, sha256)| LivePackage { sha256: sha256.to_owned(), location: location.to_owned() });
    live.owner = reply.tags_error().is_none().then_some(owner);
    live.notes = notes(config, reply);
    Some(live)
}

/// What the user should know: above all, what Lambda itself could not read, and so shows as absent.
fn notes(config: &FunctionConfiguration, reply: &GetFunctionOutput) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(error) = reply.tags_error() {
        notes.push(format!("its tags could not be read: {}", error.message()));
    }
    if let Some(error) = config.environment().and_then(|environment| environment.error()) {
        let why = error.message().or(error.error_code()).unwrap_or("Lambda gives no reason");
        notes.push(format!("Lambda could not read its environment variables, so they look absent: {why}"));
    }
    if let Some(error) = config.image_config_response().and_then(|response| response.error()) {
        let why = error.message().or(error.error_code()).unwrap_or("Lambda gives no reason");
        notes.push(format!("Lambda could not read its image_config, so it looks absent: {why}"));
    }
    if let Some(error) = reply.code().and_then(|location| location.error()) {
        let why = error.message().or(error.error_code()).unwrap_or("Lambda gives no reason");
        notes.push(format!("Lambda could not reach its package: {why}"));
    }
    if config.master_arn().is_some() {
        notes.push("it is a Lambda@Edge replica: change the function that it is a replica of".to_owned());
    }
    notes
}

/// Configuration, code, tags: in this order, each waiting for the one before.
fn updates(work: &Work<'_, Function>, remember: Option<Draft>) -> Vec<Draft> {
    let is_code = |path: &Path| matches!(path.0.first().map(String::as_str), Some("code" | "architectures"));
    let is_tag = |path: &Path| path.0.first().is_some_and(|top| top == "tags");
    let all: Vec<Path> = work.changes.iter().map(|change| change.path.clone()).collect();
    let code: Vec<Path> = all.iter().filter(|path| is_code(path)).cloned().collect();
    let settings: Vec<Path> = all.iter().filter(|path| !is_code(path) && !is_tag(path)).cloned().collect();
    let kept = |path: &Path| {
        path.0.get(1).is_some_and(|key| work.desired.is_some_and(|desired| desired.tags.contains_key(key)))
    };
    let (set, unset): (Vec<Path>, Vec<Path>) = all.into_iter().filter(|path| is_tag(path)).partition(kept);
    let list = |paths: &[Path]| {
        let mut tops: Vec<&str> = paths.iter().filter_map(|path| path.0.first()).map(String::as_str).collect();
        tops.dedup();
        format!("{} {}", tops.join(", "), if tops.len() == 1 { "differs" } else { "differ" })
    };
    let mut drafts = Vec::new();
    if !settings.is_empty() {
        let because = list(&settings);
        drafts.push(Draft::new("UpdateFunctionConfiguration", because).covering(settings).guarded(Guard::Revision));
    }
    if !code.is_empty() {
        let because = list(&code);
        drafts.push(Draft::new("UpdateFunctionCode", because).covering(code).guarded(Guard::Revision));
        drafts.extend(remember);
    }
    if !set.is_empty() {
        drafts.push(Draft::new("TagResource", "tags differ").covering(set));
    }
    if !unset.is_empty() {
        drafts.push(Draft::new("UntagResource", "tags are not in the spec, and it prunes").covering(unset));
    }
    drafts
}

#[cfg(test)]
mod tests;
