//! The content of a version: the frozen function, which distinguishes one version from another.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::FunctionConfiguration;
use serde_json::{Value, json};

use super::spec::{LATEST_PUBLISHED, Version, arn};
use crate::kinds::function::{self, Function};
use crate::model::{AttributeName, FieldPath, KindId, Template};
use crate::resource::{Attribute, Context, Observed, ResourceRef, State};

/// Returns the content that a version would freeze if it were published now, with the fields known only while applying.
pub fn planned(at: &ResourceRef, cx: &dyn Context) -> Option<(Function, Vec<(FieldPath, Template)>)> {
    let function = at.address.outermost(KindId::Function);
    let mut content = frozen(cx.get_planned::<Function>(&function)?.clone());
    let sha256 = cx.attribute(&function, &AttributeName::CODE_SHA256);
    content.code.sha256 = match &sha256 {
        Some(Attribute::Known(known)) => known.as_str().map(str::to_owned),
        _ => None,
    };
    // Fields of the function that are known only while applying, such as the ARN of a new layer, are frozen too.
    let frozen = json!(content);
    let templates = cx.pending(&function).into_iter().flatten().filter(|(path, _)| path.get(&frozen).is_some());
    let mut pending: Vec<_> = templates.map(|(path, template)| (within(path), template.clone())).collect();
    if !matches!(sha256, Some(Attribute::Known(_))) {
        pending
            .push((FieldPath::from("content.code.sha256"), Template::reference(function, AttributeName::CODE_SHA256)));
    }
    Some((content, pending))
}

/// Returns the place in a version of a field of its function.
pub fn within(path: &FieldPath) -> FieldPath {
    std::iter::once("content").chain(path.keys().iter().map(String::as_str)).collect()
}

/// A version of which nothing is known.
pub fn empty() -> Version {
    Version {
        enabled: true,
        description: None,
        retain_versions: None,
        publish_to: None,
        at_creation: None,
        content: None,
    }
}

/// Returns the part of a function that a version freezes: all but names, tags, the source of the code, and whether the last
/// update succeeded.
pub fn frozen(mut function: Function) -> Function {
    function.function_name = None;
    function.description.clear();
    function.tags.clear();
    function.package_type = None;
    function.code_signing_config_arn = None;
    function.settled = None;
    function.code = function::spec::Code { sha256: function.code.sha256, ..Default::default() };
    function
}

/// Returns the attributes of the version with this number.
pub fn attributes_of(at: &ResourceRef, version: &str) -> BTreeMap<AttributeName, Value> {
    BTreeMap::from([(AttributeName::ARN, json!(arn(at, version))), (AttributeName::VERSION, json!(version))])
}

/// A version as Lambda shows it.
pub fn observed(at: &ResourceRef, config: &FunctionConfiguration) -> Observed<Version> {
    let version = config.version().unwrap_or_default().to_owned();
    let content = frozen(function::configuration(config));
    let value =
        Version { description: config.description().map(str::to_owned), content: Some(Box::new(content)), ..empty() };
    let mut live = Observed::new(version.as_str(), value);
    live.attributes = attributes_of(at, &version).into();
    live.revision = config.revision_id().map(str::to_owned);
    live
}

/// Returns `$LATEST.PUBLISHED` as observed. If it could not start, it counts as different from everything, so that it is published again.
pub fn slot(at: &ResourceRef, config: &FunctionConfiguration) -> Observed<Version> {
    let mut live = observed(at, config);
    live.identity = LATEST_PUBLISHED.to_owned();
    live.value.publish_to = Some("LATEST_PUBLISHED".to_owned());
    live.attributes = BTreeMap::from([
        (AttributeName::ARN, json!(arn(at, LATEST_PUBLISHED))),
        (AttributeName::VERSION, json!(LATEST_PUBLISHED)),
    ])
    .into();
    if let State::Failed { code, reason } = function::state(config) {
        live.value.content = None;
        live.notes.push(format!("version {LATEST_PUBLISHED} could not start: {code}: {reason}"));
    }
    live
}
