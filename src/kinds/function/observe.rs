//! Functions from Lambda's responses, in the form that users write.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_lambda::types as aws;
use aws_sdk_lambda::types::{FunctionConfiguration, LastUpdateStatus, State as LambdaState};
use serde_json::json;

use super::code;
use super::spec::{Function, arn, *};
use crate::kinds::shared::{package_source, tags};
use crate::model::{AttributeName, FieldPath, Ownership, TargetPart, UnreadablePart};
use crate::resource::{Context, Declare as _, Discovered, Extra, Gap, Observed, ResourceRef, STACK_TAG, State};
use crate::wire::{
    Call, GetFunctionInputBuilder, GetFunctionOutput, ListFunctionsInputBuilder, Missing, ReadCache, TypedCall,
};

/// Returns the state of a function or a version.
pub fn state(config: &FunctionConfiguration) -> State {
    let why = |code: Option<&str>| code.map_or(String::new(), |code| format!(" ({code})"));
    match (config.state(), config.last_update_status()) {
        (Some(LambdaState::Pending), _) => {
            State::creating(format!("State Pending{}", why(config.state_reason_code().map(|code| code.as_str()))))
        }
        (Some(LambdaState::Deleting), _) => State::deleting("State Deleting"),
        (Some(LambdaState::Failed), _) => State::Failed {
            code: config.state_reason_code().map_or("Failed", |code| code.as_str()).to_owned(),
            reason: config.state_reason().unwrap_or("Lambda gives no reason").to_owned(),
        },
        (_, Some(LastUpdateStatus::InProgress)) => State::updating("LastUpdateStatus InProgress"),
        (_, Some(LastUpdateStatus::Failed)) => State::Failed {
            code: config.last_update_status_reason_code().map_or("Failed", |code| code.as_str()).to_owned(),
            reason: config.last_update_status_reason().unwrap_or("Lambda gives no reason").to_owned(),
        },
        _ => State::Settled,
    }
}

/// Returns the attributes of a function that follow from its name.
pub fn names(at: &ResourceRef) -> BTreeMap<AttributeName, serde_json::Value> {
    let (partition, region) = (at.scope.partition(), at.scope.text(TargetPart::Region));
    let path = format!("path/2015-03-31/functions/{}/invocations", arn(at));
    BTreeMap::from([
        (AttributeName::ARN, json!(arn(at))),
        (AttributeName::NAME, json!(at.outer())),
        (AttributeName::INVOKE_ARN, json!(format!("arn:{partition}:apigateway:{region}:lambda:{path}"))),
    ])
}

/// Returns a function as GetFunction describes it.
pub fn observed(at: &ResourceRef, desired: Option<&Function>, reply: &GetFunctionOutput) -> Option<Observed<Function>> {
    let config = reply.configuration()?;
    let mut value = configuration(config);
    let live_tags: BTreeMap<String, String> = reply.tags().cloned().unwrap_or_default().into_iter().collect();
    if let Some(location) = reply.code() {
        value.code.source_kms_key_arn = location.source_kms_key_arn().map(str::to_owned);
        value.code.image = location.image_uri().map(|uri| match location.resolved_image_uri() {
            Some(resolved) => format!("{uri} {resolved}"),
            None => uri.to_owned(),
        });
    }
    let s3 = desired.and_then(|desired| desired.code.s3.as_ref());
    let owner = Ownership::of_tag(live_tags.get(STACK_TAG).map(String::as_str));
    let presumed = match live_tags.get(code::CODE_TAG) {
        Some(tag) => code::recall(&mut value.code, s3, tag),
        None if owner == Ownership::Untagged && reply.tags_error().is_none() => code::presume(&mut value.code, s3),
        None => None,
    };
    if let Some(object) = reply.code().and_then(|location| location.resolved_s3_object()) {
        // Where Lambda returns it, nothing needs to be remembered.
        value.code.s3 = package_source::resolved(object);
    }
    // AWS's own tags cannot be written, and our tag about the code is not part of the spec.
    value.tags = live_tags.into_iter().filter(|(key, _)| !key.starts_with("aws:") && key != code::CODE_TAG).collect();
    let mut live = Observed::new(at.outer(), value);
    live.revision = config.revision_id().map(str::to_owned);
    live.modified = config.last_modified().map(str::to_owned);
    let sha256 = live.value.code.sha256.iter().map(|sha256| (AttributeName::CODE_SHA256, json!(sha256)));
    live.attributes = Arc::new(names(at).into_iter().chain(sha256).collect());
    live.state = state(config);
    live.value.settled = matches!(live.state, State::Failed { .. }).then_some(false);
    let location = reply.code().and_then(|location| location.location());
    live.package = package_source::observed(config.code_sha256(), location);
    live.owner = if reply.tags_error().is_none() { owner } else { Ownership::Unknown };
    live.unreadable = unreadable(config, reply);
    live.notes = notes(config, reply);
    live.extra = presumed.map_or_else(Extra::default, Extra::of);
    Some(live)
}

/// Returns the parts that Lambda answered without, because it or the caller may not read them.
fn unreadable(config: &FunctionConfiguration, reply: &GetFunctionOutput) -> Vec<UnreadablePart> {
    let mut unreadable = unreadable_configuration(config);
    unreadable.extend(reply.tags_error().map(|error| tags::unreadable(error.message())));
    unreadable
}

/// Returns the parts of a configuration that Lambda could not decrypt. They look absent in it.
pub fn unreadable_configuration(config: &FunctionConfiguration) -> Vec<UnreadablePart> {
    let environment = config.environment().and_then(|environment| environment.error());
    let environment = environment.map(|error| ("environment", error.message().or(error.error_code())));
    let image = config.image_config_response().and_then(|response| response.error());
    let image = image.map(|error| ("image_config", error.message().or(error.error_code())));
    let part = |(field, cause): (&'static str, Option<&str>)| UnreadablePart {
        field: FieldPath::from(field),
        cause: cause.unwrap_or("Lambda gives no reason").to_owned(),
        permission: Some("kms:Decrypt"),
    };
    environment.into_iter().chain(image).map(part).collect()
}

/// Returns notes for the user.
fn notes(config: &FunctionConfiguration, reply: &GetFunctionOutput) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(error) = reply.code().and_then(|location| location.error()) {
        let why = error.message().or(error.error_code()).unwrap_or("Lambda gives no reason");
        notes.push(format!("Lambda could not reach its package: {why}"));
    }
    if config.master_arn().is_some() {
        notes.push("it is a Lambda@Edge replica: change the function that it is a replica of".to_owned());
    }
    notes
}

/// The spec's words for a configuration that was read. Members that a server leaves out have AWS's defaults.
pub fn configuration(live: &aws::FunctionConfiguration) -> Function {
    let text = |value: Option<&str>| value.filter(|text| !text.is_empty()).map(str::to_owned);
    let image = live.image_config_response().and_then(|response| response.image_config());
    Function {
        function_name: text(live.function_name()),
        role: live.role().unwrap_or_default().to_owned(),
        code: Code { sha256: text(live.code_sha256()), ..Code::default() },
        runtime: live.runtime().map(|runtime| runtime.as_str().to_owned()).filter(|runtime| !runtime.is_empty()),
        handler: text(live.handler()),
        description: live.description().unwrap_or_default().to_owned(),
        timeout: live.timeout().unwrap_or(3),
        memory_size: Some(live.memory_size().unwrap_or(128)),
        package_type: Some(live.package_type().map_or("Zip", |package| package.as_str()).to_owned()),
        architectures: match live.architectures() {
            [] => x86_64(),
            some => some.iter().map(|architecture| architecture.as_str().to_owned()).collect(),
        },
        ephemeral_storage: live
            .ephemeral_storage()
            .map_or_else(EphemeralStorage::default, |it| EphemeralStorage { size: it.size() }),
        environment: live
            .environment()
            .and_then(|environment| environment.variables())
            .filter(|variables| !variables.is_empty())
            .map(|variables| Environment { variables: variables.clone().into_iter().collect() }),
        kms_key_arn: text(live.kms_key_arn()),
        dead_letter_config: text(live.dead_letter_config().and_then(|it| it.target_arn()))
            .map(|target_arn| DeadLetterConfig { target_arn }),
        tracing_config: live
            .tracing_config()
            .and_then(|tracing| tracing.mode())
            .map_or_else(TracingConfig::default, |mode| TracingConfig { mode: mode.as_str().to_owned() }),
        vpc_config: live.vpc_config().and_then(vpc),
        layers: live.layers().iter().filter_map(|layer| layer.arn()).map(str::to_owned).collect(),
        file_system_configs: live.file_system_configs().iter().map(file_system).collect(),
        image_config: image.and_then(image_config),
        snap_start: live
            .snap_start()
            .and_then(|snap_start| snap_start.apply_on())
            .map_or_else(SnapStart::default, |on| SnapStart { apply_on: on.as_str().to_owned() }),
        logging_config: logging(live),
        capacity_provider_config: live
            .capacity_provider_config()
            .and_then(|config| config.lambda_managed_instances_capacity_provider_config())
            .map(managed_instances),
        durable_config: live.durable_config().map(|durable| DurableConfig {
            kms_key_arn: text(durable.kms_key_arn()),
            retention_period_in_days: durable.retention_period_in_days().unwrap_or(14),
            execution_timeout: durable.execution_timeout().unwrap_or_default(),
        }),
        tenancy_config: live.tenancy_config().map(|tenancy| TenancyConfig {
            tenant_isolation_mode: tenancy.tenant_isolation_mode().as_str().to_owned(),
        }),
        code_signing_config_arn: None,
        tags: Default::default(),
        settled: None,
    }
}

/// Servers that know nothing of logging leave it out, which is the default.
fn logging(live: &aws::FunctionConfiguration) -> LoggingConfig {
    let logging = live.logging_config();
    let format = logging.and_then(|logging| logging.log_format()).map_or("Text", |format| format.as_str());
    let level = |level: Option<&str>| level.or((format == "JSON").then_some("INFO")).map(str::to_owned);
    let group = logging.and_then(|logging| logging.log_group()).filter(|group| !group.is_empty());
    let default_group = live.function_name().map(|name| format!("/aws/lambda/{name}"));
    LoggingConfig {
        log_format: Some(format.to_owned()),
        application_log_level: level(
            logging.and_then(|logging| logging.application_log_level()).map(|level| level.as_str()),
        ),
        system_log_level: level(logging.and_then(|logging| logging.system_log_level()).map(|level| level.as_str())),
        log_group: group.map(str::to_owned).or(default_group),
    }
}

/// A VPC configuration that was emptied is the same as none.
fn vpc(vpc: &aws::VpcConfigResponse) -> Option<VpcConfig> {
    let config = VpcConfig {
        subnet_ids: vpc.subnet_ids().to_vec(),
        security_group_ids: vpc.security_group_ids().to_vec(),
        ipv6_allowed_for_dual_stack: vpc.ipv6_allowed_for_dual_stack().unwrap_or_default(),
    };
    (!config.subnet_ids.is_empty() || !config.security_group_ids.is_empty()).then_some(config)
}

fn file_system(config: &aws::FileSystemConfig) -> FileSystemConfig {
    let direct = config.s3_files_config().and_then(|it| it.direct_s3_read());
    FileSystemConfig {
        arn: config.arn().to_owned(),
        local_mount_path: config.local_mount_path().to_owned(),
        s3_files_config: direct.map(|direct| S3FilesConfig { direct_s3_read: direct.as_str().to_owned() }),
    }
}

fn image_config(image: &aws::ImageConfig) -> Option<ImageConfig> {
    let config = ImageConfig {
        entry_point: image.entry_point().to_vec(),
        command: image.command().to_vec(),
        working_directory: image.working_directory().filter(|it| !it.is_empty()).map(str::to_owned),
    };
    (config != ImageConfig::default()).then_some(config)
}

fn managed_instances(config: &aws::LambdaManagedInstancesCapacityProviderConfig) -> CapacityProviderConfig {
    CapacityProviderConfig {
        lambda_managed_instances_capacity_provider_config: ManagedInstances {
            capacity_provider_arn: config.capacity_provider_arn().to_owned(),
            per_execution_environment_max_concurrency: config.per_execution_environment_max_concurrency().unwrap_or(16),
            execution_environment_memory_gib_per_v_cpu: config
                .execution_environment_memory_gib_per_v_cpu()
                .unwrap_or(2.0),
        },
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
                live.notes.push(format!("Lambda could not apply the last update: {code}: {reason}"));
                live.state = State::Settled;
            }
            live
        }))
    }

    fn discover(parent: &ResourceRef, cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        let names = undeclared(cx, cache)?;
        // Tags show the owner of a function, and only single reads return them.
        let replies = Missing::join_all(names.iter().map(|name| cache.reply(reading(name))))?;
        let found = names.into_iter().zip(replies).filter_map(|(name, reply)| {
            let reply = reply?;
            let gap = reply.tags_error().map(|error| Gap::Unattributed(tags::unanswered(error)));
            let is_ours = reply.tags().and_then(|tags| tags.get(STACK_TAG)) == Some(&parent.scope.stack);
            let at = parent.below(Self::KIND, &name, &name);
            (is_ours || gap.is_some()).then(|| Discovered { gap, ..Discovered::new(at, name) })
        });
        Ok(found.collect())
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
pub(super) fn undeclared(cx: &dyn Context, cache: &ReadCache) -> Result<Vec<String>, Missing> {
    let pages = cache.pages(ListFunctionsInputBuilder::default())?;
    let declared: BTreeSet<&str> = cx
        .all(Function::KIND)
        .into_iter()
        .filter_map(|address| {
            let named = cx.get::<Function>(address)?.function_name.as_ref();
            named.or(address.keys.first()).map(String::as_str)
        })
        .collect();
    let names = pages.iter().flat_map(|page| page.functions()).filter_map(|function| function.function_name());
    Ok(names.filter(|name| !declared.contains(name)).map(str::to_owned).collect())
}
