//! Published version: a frozen copy of a function's code and configuration, known by its content and not by its number.
//!
//! A version is published when what the function will be differs from the newest healthy version, field by field and by
//! CodeSha256. AWS's quirks: publishing twice without an update in between gives the same version again; a version whose
//! start-up failed stays, and would be given again too, so the function is touched before the next try; listings do not
//! tell a version's state, but an alias that points to it does, because AWS refuses to point one to a failed version.
//! [AWS: PublishVersion](https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Context;
use aws_sdk_lambda::types::{FunctionConfiguration, FunctionVersion, State as LambdaState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::function::{self, Function};
use super::{Around, At, Attribute, Attributes, Doing, Draft, Found, Guard, Live, State, Work, alias};
use crate::model::{Action, Address, Path, Template};
use crate::wire::{
    Call, DeleteFunctionInputBuilder, GetFunctionInputBuilder, ListEventSourceMappingsInputBuilder,
    ListFunctionsInputBuilder, ListFunctionsOutput, ListProvisionedConcurrencyConfigsInputBuilder,
    ListVersionsByFunctionInputBuilder, Operation, PublishVersionInputBuilder, Reply, Seen, Unread,
    UpdateFunctionConfigurationInputBuilder,
};

/// The kind's line in the table.
pub struct Room;

/// Publishing of a function. An alias that asks for `published` brings it into being with these defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// Whether the function publishes.
    #[serde(default = "yes")]
    #[schemars(extend("x-source" = true))]
    pub enabled: bool,
    /// The description of the versions to come; at most 256 characters. By itself it is no reason to publish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256), extend("x-source" = true))]
    pub description: Option<String>,
    /// How many of the newest versions to keep. Versions that an alias, a mapping or provisioned concurrency uses are kept beside them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("x-source" = true))]
    pub retain_versions: Option<u32>,
    /// What the version freezes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub content: Option<Box<Function>>,
}

fn yes() -> bool {
    true
}

impl super::Room for Room {
    type Spec = Version;
    const NAME: &'static str = "version";
    const PLACES: &'static [&'static str] = &["functions.*.publish"];
    const EXAMPLE: &'static str = r#"
version: 1
stack: example
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
    publish: {description: the first of its kind, retain_versions: 3}
"#;
    const SHORTHAND: Option<&'static str> = Some("enabled");
    const IMPLIED: bool = true;

    fn derive(&self, spec: &mut Version, at: &At, around: &dyn Around) -> Vec<(Path, Template)> {
        let function = Address::new("function", &at.address.keys[..1]);
        let planned =
            around.planned(&function).and_then(|value| serde_json::from_value::<Function>(value.clone()).ok());
        let Some(mut content) = planned.map(frozen) else { return Vec::new() };
        let sha256 = around.attribute(&function, "code_sha256");
        content.code.sha256 = match &sha256 {
            Some(Attribute::Known(known)) => known.as_str().map(str::to_owned),
            _ => None,
        };
        spec.content = Some(Box::new(content));
        match sha256 {
            Some(Attribute::Known(_)) => Vec::new(),
            _ => vec![(Path::parse("content.code.sha256"), Template::reference(function, "code_sha256"))],
        }
    }

    fn reads(&self, at: &At, desired: Option<&Version>, seen: &Seen) -> Vec<Call> {
        if let Err(wanted) = versions(at.outer(), seen) {
            return wanted.into_iter().collect();
        }
        let mut calls = match newest_healthy(at, seen) {
            Err(Wanted::Call(call)) => vec![*call],
            _ => Vec::new(),
        };
        if desired.is_some_and(|desired| desired.retain_versions.is_some()) {
            calls.push(alias::listing(at.outer()).call());
            calls.push(ListProvisionedConcurrencyConfigsInputBuilder::default().function_name(at.outer()).call());
            let old = superseded(at.outer(), desired, seen).unwrap_or_default();
            calls.extend(old.iter().map(|number| mappings(at.outer(), number).call()));
        }
        calls.retain(|call| !seen.has(call));
        calls
    }

    fn live(&self, at: &At, _desired: Option<&Version>, seen: &Seen) -> Result<Option<Live<Version>>, Unread> {
        let all = known(at.outer(), seen)?;
        if let [_, number] = at.names.as_slice() {
            let one = all.iter().find(|config| config.version() == Some(number));
            return Ok(one.map(|config| observed(at, config)));
        }
        let Some((config, failed)) = newest_healthy(at, seen).map_err(Wanted::unread)? else { return Ok(None) };
        let mut live = match config {
            Some(config) => observed(at, config),
            // Nothing healthy was ever published, and still the next number is not 1.
            None => Live::new("", Version { enabled: true, description: None, retain_versions: None, content: None }),
        };
        let newest = all.iter().filter_map(|config| number(config)).max().unwrap_or(0);
        live.attributes.insert("newest", json!(newest));
        if let Some(failed) = failed {
            live.attributes.insert("failed", json!(fingerprint(&frozen(function::configuration::observed(failed)))));
            live.notes.push(format!(
                "version {} could not start, and does not count as published",
                failed.version().unwrap_or("?")
            ));
        }
        Ok(Some(live))
    }

    fn found(&self, parent: &At, around: &dyn Around, seen: &Seen) -> Result<Vec<Found>, Unread> {
        let address = Address::new("version", &parent.address.keys);
        let desired: Option<Version> =
            around.declared(&address).and_then(|value| serde_json::from_value(value.clone()).ok());
        let Some(keep) = desired.as_ref().and_then(|desired| desired.retain_versions) else { return Ok(Vec::new()) };
        let function = parent.outer();
        let mut used: BTreeSet<String> = BTreeSet::new();
        for page in seen.pages(alias::listing(function))? {
            for alias in page.aliases() {
                used.extend(alias.function_version().map(str::to_owned));
                let weights = alias.routing_config().and_then(|routing| routing.additional_version_weights());
                used.extend(weights.into_iter().flatten().map(|(version, _)| version.clone()));
            }
        }
        for address in around.all("alias").into_iter().filter(|alias| alias.keys.first() == parent.address.keys.first())
        {
            let alias =
                around.declared(address).and_then(|value| serde_json::from_value::<alias::Alias>(value.clone()).ok());
            used.extend(alias.iter().map(|alias| alias.function_version.clone()));
            let routing = alias.into_iter().filter_map(|alias| alias.routing_config);
            used.extend(routing.flat_map(|routing| routing.additional_version_weights.into_keys()));
        }
        // A server without provisioned concurrency has none that could be in use.
        let provisioned = ListProvisionedConcurrencyConfigsInputBuilder::default().function_name(function);
        for page in seen.pages(provisioned)? {
            let arns = page.provisioned_concurrency_configs().iter().filter_map(|config| config.function_arn());
            used.extend(arns.filter_map(|arn| arn.rsplit(':').next()).map(str::to_owned));
        }
        let mut surplus = Vec::new();
        for number in superseded(function, desired.as_ref(), seen)? {
            let mapped =
                seen.pages(mappings(function, &number))?.iter().any(|page| !page.event_source_mappings().is_empty());
            if !mapped && !used.contains(&number) {
                surplus.push(Found { identity: number, surplus: Some(format!("the newest {keep} versions are kept")) });
            }
        }
        Ok(surplus)
    }

    fn attributes(&self, at: &At, _after: &Version, live: Option<&Live<Version>>, action: Action) -> Attributes {
        let attribute = |live: &Live<Version>, name| live.attributes.get(name).cloned();
        if let Some(version) = live.filter(|_| action == Action::Keep).and_then(|live| attribute(live, "version")) {
            let arn = json!(arn(at, version.as_str().unwrap_or_default()));
            return Attributes::from([("version", Attribute::Known(version)), ("arn", Attribute::Known(arn))]);
        }
        let newest = live.and_then(|live| attribute(live, "newest")).and_then(|newest| newest.as_u64()).unwrap_or(0);
        let next = (newest + 1).to_string();
        let arn = json!(arn(at, &next));
        Attributes::from([("version", Attribute::Predicted(json!(next))), ("arn", Attribute::Predicted(arn))])
    }

    fn drafts(&self, work: &Work<'_, Version>) -> Vec<Draft> {
        let Some(desired) = work.desired else {
            return vec![Draft::new("DeleteFunction", "it is no longer kept")];
        };
        if !desired.enabled {
            return Vec::new();
        }
        let function = Guard::RevisionOf(Address::new("function", &work.at.address.keys[..1]));
        let because = match work.live.and_then(|live| live.attributes.get("version")) {
            Some(version) => format!("the function differs from version {}", version.as_str().unwrap_or("?")),
            None => "nothing is published yet".to_owned(),
        };
        let publish = Draft::new("PublishVersion", because).guarded(function.clone());
        let failed = work.live.and_then(|live| live.attributes.get("failed"));
        let again = desired.content.as_ref().is_some_and(|content| failed == Some(&json!(fingerprint(content))));
        let touch =
            Draft::new("UpdateFunctionConfiguration", "publishing unchanged would give the failed version again");
        let touch = touch.guarded(function).covering(vec![Path::parse("enabled")]);
        if again { vec![touch, publish] } else { vec![publish] }
    }

    fn call(&self, operation: &str, doing: &Doing<'_, Version>) -> anyhow::Result<Call> {
        let name = doing.at.outer();
        if operation == "DeleteFunction" {
            return Ok(DeleteFunctionInputBuilder::default().function_name(name).qualifier(doing.at.own()).call());
        }
        let spec = doing.desired.as_ref().context("a publication needs a declaration")?;
        let content = spec.content.as_ref().context("it is not known what to publish")?;
        Ok(match operation {
            "UpdateFunctionConfiguration" => UpdateFunctionConfigurationInputBuilder::default()
                .function_name(name)
                .set_memory_size(content.memory_size)
                .call(),
            _ => PublishVersionInputBuilder::default()
                .function_name(name)
                .set_code_sha256(content.code.sha256.clone())
                .set_description(spec.description.clone())
                .call(),
        })
    }

    fn reply(&self, at: &At, _desired: Option<&Version>, reply: &Reply) -> Option<Live<Version>> {
        match reply {
            Reply::PublishVersion(reply) => {
                let empty = Version { enabled: true, description: None, retain_versions: None, content: None };
                let mut live = Live::new(reply.version()?, empty);
                live.state = State::Settling("it is being published".to_owned());
                Some(live)
            }
            Reply::GetFunction(reply) => {
                let config = reply.configuration()?;
                let mut live = observed(at, config);
                if number(config).is_none() {
                    // This is the function itself, touched so that it can be published again.
                    live.identity.clear();
                }
                live.state = function::state(config);
                Some(live)
            }
            _ => None,
        }
    }

    fn poll(&self, at: &At, operation: &str, last: Option<&Live<Version>>) -> Option<Call> {
        match operation {
            "DeleteFunction" => None,
            "PublishVersion" => last.map(|last| reading(at.outer(), &last.identity).call()),
            _ => Some(function::reading(at.outer()).call()),
        }
    }
}

fn reading(function: &str, version: &str) -> GetFunctionInputBuilder {
    GetFunctionInputBuilder::default().function_name(function).qualifier(version)
}

fn mappings(function: &str, version: &str) -> ListEventSourceMappingsInputBuilder {
    ListEventSourceMappingsInputBuilder::default().function_name(format!("{function}:{version}"))
}

fn arn(at: &At, version: &str) -> String {
    at.scope.arn(&format!("function:{}:{version}", at.outer()))
}

fn number(config: &FunctionConfiguration) -> Option<u64> {
    config.version().and_then(|version| version.parse().ok())
}

/// What a version freezes of a function: everything but names, tags and where the code came from.
fn frozen(mut function: Function) -> Function {
    function.function_name = None;
    function.description.clear();
    function.tags.clear();
    function.package_type = None;
    function.code = function::shape::Code { sha256: function.code.sha256, ..Default::default() };
    function
}

fn fingerprint(content: &Function) -> String {
    serde_json::to_string(content).unwrap_or_default()
}

fn observed(at: &At, config: &FunctionConfiguration) -> Live<Version> {
    let version = config.version().unwrap_or_default().to_owned();
    let content = frozen(function::configuration::observed(config));
    let value = Version {
        enabled: true,
        description: config.description().map(str::to_owned),
        retain_versions: None,
        content: Some(Box::new(content)),
    };
    let mut live = Live::new(version.as_str(), value);
    live.attributes = BTreeMap::from([("arn", json!(arn(at, &version))), ("version", json!(version))]);
    live.revision = config.revision_id().map(str::to_owned);
    live
}

/// Something that has to be read first, or cannot be.
enum Wanted {
    Call(Box<Call>),
    Unread(Unread),
}

impl Wanted {
    fn unread(self) -> Unread {
        match self {
            Wanted::Call(call) => Unread::NotAsked(call.operation()),
            Wanted::Unread(unread) => unread,
        }
    }
}

/// All versions of a function, `$LATEST` included, from whichever listing was read; else the listing to read.
fn versions<'s>(function: &str, seen: &'s Seen) -> Result<Vec<&'s FunctionConfiguration>, Option<Call>> {
    let own = ListVersionsByFunctionInputBuilder::default().function_name(function);
    let everyone = ListFunctionsInputBuilder::default().function_version(FunctionVersion::All);
    if seen.account_wide() {
        match seen.pages(everyone.clone()) {
            Ok(pages) => {
                let own = of_function(function, everyone, &pages, seen)?;
                // Lambda qualifies every ARN of this listing; a server that does not has ignored what was asked.
                let qualified = |config: &&FunctionConfiguration| {
                    config.function_arn().is_some_and(|arn| arn.ends_with(":$LATEST"))
                };
                if own.is_empty() || own.iter().any(qualified) {
                    return Ok(own);
                }
            }
            Err(Unread::NotAsked(_)) => return Err(Some(everyone.call())),
            Err(Unread::GivenUp(_)) => {}
            Err(Unread::Failed(_)) => return Err(None),
        }
    }
    match seen.pages(own.clone()) {
        Ok(pages) => Ok(pages.into_iter().flat_map(|page| page.versions()).collect()),
        Err(Unread::NotAsked(_)) => Err(Some(own.call())),
        Err(_) => Err(None),
    }
}

/// Where each function's configurations are in a listing: page and position.
struct ByFunction(HashMap<String, Vec<(usize, usize)>>);

/// The configurations of one function, without searching the whole listing for each.
fn of_function<'s>(
    function: &str,
    listing: ListFunctionsInputBuilder,
    pages: &[&'s ListFunctionsOutput],
    seen: &Seen,
) -> Result<Vec<&'s FunctionConfiguration>, Option<Call>> {
    let table = seen.table(listing, |pages| {
        let mut places: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
        for (page, reply) in pages.iter().enumerate() {
            for (at, config) in reply.functions().iter().enumerate() {
                places.entry(config.function_name().unwrap_or_default().to_owned()).or_default().push((page, at));
            }
        }
        ByFunction(places)
    });
    let table = table.map_err(|_| None)?;
    let places = table.0.get(function).into_iter().flatten();
    Ok(places.filter_map(|(page, at)| pages.get(*page)?.functions().get(*at)).collect())
}

/// The same, once it has been read.
fn known<'s>(function: &str, seen: &'s Seen) -> Result<Vec<&'s FunctionConfiguration>, Unread> {
    let everyone = ListFunctionsInputBuilder::default().function_version(FunctionVersion::All);
    let own = ListVersionsByFunctionInputBuilder::default().function_name(function);
    versions(function, seen).map_err(|_| {
        let given_up = matches!(seen.pages(everyone.clone()), Err(Unread::GivenUp(_)));
        let failed = if seen.account_wide() && !given_up { seen.pages(everyone).err() } else { seen.pages(own).err() };
        failed.unwrap_or(Unread::NotAsked("ListVersionsByFunction"))
    })
}

/// The newest version that started, and the newest of all if it did not. `None` if nothing was ever published.
#[allow(clippy::type_complexity)]
fn newest_healthy<'s>(
    at: &At,
    seen: &'s Seen,
) -> Result<Option<(Option<&'s FunctionConfiguration>, Option<&'s FunctionConfiguration>)>, Wanted> {
    let mut all = known(at.outer(), seen).map_err(Wanted::Unread)?;
    all.retain(|config| number(config).is_some());
    all.sort_by_key(|config| std::cmp::Reverse(number(config)));
    if all.is_empty() {
        return Ok(None);
    }
    let aliases = seen.pages(alias::listing(at.outer())).unwrap_or_default();
    let aliased = |version: &str| {
        aliases.iter().flat_map(|page| page.aliases()).any(|alias| alias.function_version() == Some(version))
    };
    let mut failed = None;
    for config in all {
        let version = config.version().unwrap_or_default();
        if aliased(version) {
            return Ok(Some((Some(config), failed)));
        }
        let reply = match seen.reply(reading(at.outer(), version)) {
            Ok(reply) => reply,
            Err(Unread::NotAsked(_)) => return Err(Wanted::Call(Box::new(reading(at.outer(), version).call()))),
            Err(unread) => return Err(Wanted::Unread(unread)),
        };
        let state = reply.and_then(|reply| reply.configuration()).and_then(|config| config.state());
        if state != Some(&LambdaState::Failed) {
            return Ok(Some((Some(config), failed)));
        }
        failed = failed.or(Some(config));
    }
    Ok(Some((None, failed)))
}

/// The numbers of the versions that are older than those to be kept, oldest first.
fn superseded(function: &str, desired: Option<&Version>, seen: &Seen) -> Result<Vec<String>, Unread> {
    let Some(keep) = desired.and_then(|desired| desired.retain_versions) else { return Ok(Vec::new()) };
    let mut numbers: Vec<u64> = known(function, seen)?.iter().filter_map(|config| number(config)).collect();
    numbers.sort_unstable();
    numbers.truncate(numbers.len().saturating_sub(keep as usize));
    Ok(numbers.into_iter().map(|number| number.to_string()).collect())
}
