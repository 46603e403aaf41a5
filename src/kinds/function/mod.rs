//! Function: code and configuration under a name, with its tags.
//!
//! AWS's quirks: code and configuration are two calls with a wait between them; an omitted member keeps its value;
//! the RevisionId moves again when an update settles and at every tag call; architectures change only together with
//! the code. One GetFunction knows configuration, tags and reserved concurrency, and has the largest quota.
//! [AWS: CreateFunction](https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html).

pub mod catalog;
pub(super) mod code;
mod configuration;
mod exclusions;
mod observed;
mod rules;
mod settings;
pub(super) mod shape;
mod writes;

use std::collections::BTreeSet;

use serde_json::json;

use super::function_code_signing;
use crate::kinds::shared::{package_source, settled};
use crate::model::{Action, Findings, KindId, Package, PackageSource};
use crate::resource::Declare as _;
use crate::resource::{
    Attribute, Attributes, Context, Derived, Discovered, Observed, PlannedWrite, ResourceRef, Review, STACK_TAG, State,
    WriteContext, WriteRequest,
};
use crate::wire::{
    Call, GetFunctionInputBuilder, ListFunctionsInputBuilder, Missing, Operation, ReadCache, Reply, TypedCall,
};
pub use observed::{configuration, state};
pub use shape::Function;

use observed::{names, observed};

impl crate::resource::Declare for Function {
    const KIND: KindId = KindId::Function;
    const PLACES: &'static [&'static str] = &["functions.*"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    memory_size: 512
    environment: {variables: {TABLE: orders}}
    tags: {team: payments}
"#
    );

    fn name(spec: &Function, key: &str) -> String {
        spec.function_name.clone().unwrap_or_else(|| key.to_owned())
    }

    fn check(spec: &Function, at: &ResourceRef, around: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, around, findings);
        if spec.code_signing_config_arn.is_some() && function_code_signing::is_unattended(at, around) {
            findings
                .error("V091", "", "a code signing configuration cannot come from the defaults")
                .help("give it to each function");
        }
    }

    fn package_source(spec: &Function) -> Option<PackageSource> {
        package_source::source(spec.code.dir.as_ref(), spec.code.zip.as_ref())
    }
}

impl crate::resource::Observe for Function {
    fn observe(
        at: &ResourceRef,
        desired: Option<&Function>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<Function>>, Missing> {
        let reply = cache.reply(reading(at.outer()))?;
        Ok(reply.and_then(|reply| observed(at, desired, reply)).map(|mut live| {
            if let State::Failed { code, reason } = &live.state {
                // A failed update is history once it was sent again: the next one may well succeed.
                live.notes.push(format!("Lambda could not carry out what was written last: {code}: {reason}"));
                live.state = State::Settled;
            }
            live
        }))
    }

    fn discover(parent: &ResourceRef, around: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        let names = undeclared(around, cache)?;
        // Tags tell whose a function is, and only single reads tell the tags.
        let replies = Missing::join_all(names.iter().map(|name| cache.reply(reading(name))))?;
        let ours = names.into_iter().zip(replies).filter(|(_, reply)| {
            let tags = reply.and_then(|reply| reply.tags());
            tags.and_then(|tags| tags.get(STACK_TAG)) == Some(&parent.scope.stack)
        });
        Ok(ours.map(|(name, _)| Discovered::new(parent.below(Self::KIND, &name, &name), name)).collect())
    }
}

impl crate::resource::PlanWrites for Function {
    fn apply_defaults(spec: &mut Function, at: &ResourceRef, package: Option<&Package>) {
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
        if let Some(sha256) = package_source::sha256(package, spec.code.s3.as_ref()) {
            spec.code.sha256 = Some(sha256);
        }
        spec.tags.insert(STACK_TAG.to_owned(), at.scope.stack.clone());
    }

    fn review(_change: &WriteContext<'_, Function>, _around: &dyn Context) -> Review {
        let loss = "its versions, its policy, the address of its URL, and every setting that the spec does not declare";
        Review { data_loss: Some(loss), ..Review::default() }
    }

    fn derive_from_plan(spec: &mut Function, at: &ResourceRef, around: &dyn Context) -> Derived {
        // Until the update is repeated Lambda runs what was before it, tells every later call that it failed, and
        // publishes versions that say so too.
        spec.settled = settled::wanted(around.get_live::<Function>(&at.address).and_then(|live| live.settled));
        Derived::default()
    }

    fn canonicalize(desired: &Function, live: &mut Function) {
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
        package_source::agree(desired.code.s3.as_ref(), &mut live.code.s3);
        settled::agree(desired.settled, &mut live.settled);
        if desired.code.external {
            live.architectures = desired.architectures.clone();
        }
    }

    fn attributes(at: &ResourceRef, after: &Function, live: Option<&Observed<Function>>, action: Action) -> Attributes {
        let mut attributes: Attributes =
            names(at).into_iter().map(|(name, value)| (name, Attribute::Known(value))).collect();
        let pinned = after.code.s3.as_ref().is_some_and(|s3| s3.sha256.is_some());
        let fetched = (after.code.s3.is_some() && !pinned) || after.code.image.is_some();
        let live = live.filter(|_| action != Action::Replace).map(|live| {
            let mut live = live.value.clone();
            let sha256 = live.code.sha256.take();
            Self::canonicalize(after, &mut live);
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

    fn writes(work: &WriteContext<'_, Function>) -> Vec<PlannedWrite> {
        writes::drafts(work)
    }
}

impl crate::resource::ApplyWrites for Function {
    fn request(operation: Operation, doing: &WriteRequest<'_, Function>) -> anyhow::Result<Call> {
        writes::call(operation, doing)
    }

    fn read_response(at: &ResourceRef, desired: Option<&Function>, reply: &Reply) -> Option<Observed<Function>> {
        match reply {
            Reply::GetFunction(reply) => observed(at, desired, reply),
            _ => None,
        }
    }

    fn poll(at: &ResourceRef, _operation: Operation, _last: Option<&Observed<Function>>) -> Option<Call> {
        Some(reading(at.outer()).call())
    }
}

/// The read that knows a function; others who need a part of it ask for the same.
pub fn reading(name: &str) -> GetFunctionInputBuilder {
    GetFunctionInputBuilder::default().function_name(name)
}

/// That read alone.
pub fn reads(at: &ResourceRef) -> Vec<Call> {
    vec![reading(at.outer()).call()]
}

/// The names of the account's functions that the spec does not declare.
fn undeclared(around: &dyn Context, cache: &ReadCache) -> Result<Vec<String>, Missing> {
    let pages = cache.pages(ListFunctionsInputBuilder::default())?;
    let declared: BTreeSet<&str> = around
        .all(Function::KIND)
        .into_iter()
        .filter_map(|address| {
            let named = around.get::<Function>(address)?.function_name.as_ref();
            named.or(address.keys.first()).map(String::as_str)
        })
        .collect();
    let names = pages.iter().flat_map(|page| page.functions()).filter_map(|function| function.function_name());
    Ok(names.filter(|name| !declared.contains(name)).map(str::to_owned).collect())
}

/// The ARN of a function.
pub fn arn(at: &ResourceRef) -> String {
    at.scope.arn(&format!("function:{}", at.outer()))
}

#[cfg(test)]
mod tests;
