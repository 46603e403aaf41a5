//! Published versions.

use std::sync::Arc;

use serde_json::{Value, json};

use super::function_configuration;
use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::{LATEST, PUBLISHED};
use crate::sim::context::preconditions::{check_idle, check_revision};
use crate::sim::context::request::{Arguments, OperationFn};
use crate::sim::http::response::Reply;
use crate::sim::store::function::{Function, Snapshot, Transition};

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
    Some(match name {
        "PublishVersion" => publish,
        "ListVersionsByFunction" => list,
        _ => return None,
    })
}

fn publish(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let function = args.region.functions.get(&name.name).ok_or_else(|| name.not_found(args.context))?;
    let latest = &function.latest;
    check_idle(latest, &args.context.function_arn(&name.name))?;
    check_revision(args.text("RevisionId"), &latest.revision)?;
    if let Some(given) = args.text("CodeSha256").filter(|given| *given != latest.code.sha256) {
        let have = &latest.code.sha256;
        return Err(ApiError::invalid_parameter(format!(
            "CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({have}). Please try again with the CodeSHA256 in \
             $LATEST."
        )));
    }
    if args.text("PublishTo").is_some() {
        function.check_slot(args.text("PublishTo"))?;
        return publish_latest(args, &name.name);
    }
    let number = match function.versions.last_key_value() {
        // Recorded: what was not updated since is published already, whatever description this request has.
        Some((number, _)) if !function.changed && *number == function.last_version => *number,
        _ => {
            latest.code.check_code_storage(args.context)?;
            publish_next(args, &name.name)?
        }
    };
    let function = args.function(&name)?;
    let number = number.to_string();
    let version = function.snapshot(&number).ok_or_else(|| name.function_not_found(args.context))?;
    let arn = args.context.qualified_arn(&name.name, &number);
    Ok(Reply::json(Value::Object(function_configuration::show(version, &arn, &number))))
}

fn publish_next(args: &mut Arguments<'_>, name: &str) -> Result<u64, ApiError> {
    let arn = args.context.function_arn(name);
    let description = args.text("Description").filter(|text| !text.is_empty()).map(str::to_owned);
    let until = args.after(args.context.options.settle.publish);
    let (revision, of_latest) = (args.ids.uuid(&arn), args.ids.uuid(&arn));
    let context = args.context;
    let function = args
        .region
        .functions
        .modify(name)
        .ok_or_else(|| ApiError::not_found(format!("Function not found: {}", context.function_arn(name))))?;
    function.latest.revision = of_latest;
    let number = function.publish(revision, description);
    let managed = function.is_managed();
    if let Some(version) = function.versions.get_mut(&number)
        && (managed || version.has_snapshot())
    {
        version.start(until);
    }
    Ok(number)
}

/// Fills the one slot that is published again and again.
fn publish_latest(args: &mut Arguments<'_>, name: &str) -> Result<Reply, ApiError> {
    let arn = args.context.function_arn(name);
    let description = args.text("Description").filter(|text| !text.is_empty()).map(str::to_owned);
    let to = args.text("PublishTo").map(str::to_owned);
    let until = args.after(args.context.options.settle.publish);
    let revision = args.ids.uuid(&arn);
    let missing = || ApiError::not_found(format!("Function not found: {arn}"));
    let function = args.region.functions.modify(name).ok_or_else(missing)?;
    let version = function.publish_to(to.as_deref(), revision, description);
    let snapshot = function.snapshot_mut(&version).ok_or_else(missing)?;
    snapshot.start(until);
    let arn = args.context.qualified_arn(name, &version);
    Ok(Reply::json(Value::Object(function_configuration::show(snapshot, &arn, &version))))
}

fn list(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let start = args.page_start()?;
    let after = start.as_deref().map(|start| start.parse::<u64>().unwrap_or(0));
    let function = args.function(&name)?;
    let context = args.context;
    let item = |number: String, snapshot| {
        let arn = context.qualified_arn(&name.name, &number);
        (number.clone(), Value::Object(function_configuration::show_item(snapshot, &arn, &number)))
    };
    let latest = after.is_none().then(|| item(LATEST.to_owned(), &function.latest));
    let versions = function.versions.iter().filter(|(number, _)| **number > after.unwrap_or(0));
    let items = latest.into_iter().chain(versions.map(|(number, snapshot)| item(number.to_string(), snapshot)));
    Ok(args.page(context.options.page_limit, items).reply("Versions"))
}

impl Snapshot {
    /// Returns whether it starts from a snapshot of its memory (SnapStart).
    pub(crate) fn has_snapshot(&self) -> bool {
        let snap_start = self.members.get("SnapStart");
        snap_start.and_then(|snap_start| snap_start.get("ApplyOn")) == Some(&json!("PublishedVersions"))
    }

    /// Makes the version pending: until its snapshot is taken, or until it has instances.
    fn start(&mut self, until: i64) {
        "Pending".clone_into(&mut self.state);
        self.update = None;
        self.failure = None;
        self.transition = Some(Transition { until, failure: None, revision: None });
    }
}

impl Function {
    /// Refuses to publish to a slot that only a function of a capacity provider has.
    pub(crate) fn check_slot(&self, to: Option<&str>) -> Result<(), ApiError> {
        if to.is_none() || self.is_managed() {
            return Ok(());
        }
        Err(ApiError::invalid_parameter("PublishTo isn't supported for Lambda Default functions."))
    }

    /// Publishes `$LATEST` as a number or to `to`, and returns the name of the version.
    pub(crate) fn publish_to(&mut self, to: Option<&str>, revision: String, description: Option<String>) -> String {
        if to.is_none() {
            return self.publish(revision, description).to_string();
        }
        self.latest_published = Some(Box::new(self.copy(revision, description)));
        PUBLISHED.to_owned()
    }

    /// Publishes `$LATEST` as a numbered version, and returns the number.
    pub(crate) fn publish(&mut self, revision: String, description: Option<String>) -> u64 {
        self.last_version += 1;
        self.changed = false;
        let mut version = self.copy(revision, description);
        if version.has_snapshot() {
            // However it was published: only `$LATEST` shows that it has none.
            let on = json!({"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"});
            Arc::make_mut(&mut version.members).insert("SnapStart".to_owned(), on);
        }
        self.versions.insert(self.last_version, Box::new(version));
        if let Some(management) = self.runtime_management.get(LATEST).cloned() {
            self.runtime_management.insert(self.last_version.to_string(), management);
        }
        self.last_version
    }

    fn copy(&self, revision: String, description: Option<String>) -> Snapshot {
        let mut version = self.latest.clone();
        version.revision = revision;
        if let Some(description) = description {
            Arc::make_mut(&mut version.members).insert("Description".to_owned(), json!(description));
        }
        if let Some(transition) = &mut version.transition {
            // Recorded: a version keeps the RevisionId that it was published with.
            transition.revision = None;
        }
        version
    }
}
