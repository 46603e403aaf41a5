//! A function's configuration on its way to Lambda: how it is created and updated.
//!
//! An update sends only what changes, because an omitted member keeps its value. To clear a member its empty form is
//! sent, which is not the same for each: `Variables: {}`, `TargetArn: ""`, two empty lists for the VPC.

use aws_sdk_lambda::types as aws;

use super::spec::*;
use crate::resource::{RequestError, WriteRequest};
use crate::wire::{CreateFunctionInputBuilder, UpdateFunctionConfigurationInputBuilder};

/// Adds the configuration to the call that creates the function.
pub fn create(call: CreateFunctionInputBuilder, spec: &Function) -> Result<CreateFunctionInputBuilder, RequestError> {
    Ok(call
        .set_code_signing_config_arn(spec.code_signing_config_arn.clone())
        .role(&spec.role)
        .set_runtime(spec.runtime.as_deref().map(aws::Runtime::from))
        .set_handler(spec.handler.clone())
        .description(&spec.description)
        .timeout(spec.timeout)
        .set_memory_size(spec.memory_size)
        .set_package_type(spec.package_type.as_deref().map(aws::PackageType::from))
        .set_architectures(Some(spec.architectures.iter().map(|it| aws::Architecture::from(it.as_str())).collect()))
        .ephemeral_storage(ephemeral_storage(spec)?)
        .set_environment(spec.environment.is_some().then(|| environment(spec)))
        .set_kms_key_arn(spec.kms_key_arn.clone())
        .set_dead_letter_config(spec.dead_letter_config.is_some().then(|| dead_letter(spec)))
        .tracing_config(tracing(spec))
        .set_vpc_config(spec.vpc_config.is_some().then(|| vpc(spec)))
        .set_layers((!spec.layers.is_empty()).then(|| spec.layers.clone()))
        .set_file_system_configs((!spec.file_system_configs.is_empty()).then(|| file_systems(spec)).transpose()?)
        .set_image_config(spec.image_config.is_some().then(|| image_config(spec)))
        .set_snap_start((spec.snap_start != SnapStart::default()).then(|| snap_start(spec)))
        .logging_config(logging(spec))
        .set_capacity_provider_config(managed_instances(spec)?)
        .set_durable_config(durable(spec, false))
        .set_tenancy_config(tenancy(spec)?)
        .set_tags(Some(spec.tags.clone().into_iter().collect())))
}

/// The call that changes the covered fields and leaves all others as they are.
pub fn update(
    spec: &Function,
    write: &WriteRequest<'_, Function>,
) -> Result<UpdateFunctionConfigurationInputBuilder, RequestError> {
    let changes = |field: &'static str| write.changes(field);
    let mut call = UpdateFunctionConfigurationInputBuilder::default().function_name(write.at.outer());
    if changes("role") {
        call = call.role(&spec.role);
    }
    if changes("runtime") {
        call = call.set_runtime(spec.runtime.as_deref().map(aws::Runtime::from));
    }
    if changes("handler") {
        call = call.set_handler(spec.handler.clone());
    }
    if changes("description") {
        call = call.description(&spec.description);
    }
    if changes("timeout") {
        call = call.timeout(spec.timeout);
    }
    if changes("memory_size") {
        call = call.set_memory_size(spec.memory_size);
    }
    if changes("ephemeral_storage") {
        call = call.ephemeral_storage(ephemeral_storage(spec)?);
    }
    if changes("environment") || changes("kms_key_arn") {
        call = call.environment(environment(spec));
    }
    if changes("kms_key_arn") {
        call = call.kms_key_arn(spec.kms_key_arn.clone().unwrap_or_default());
    }
    if changes("dead_letter_config") {
        call = call.dead_letter_config(dead_letter(spec));
    }
    if changes("tracing_config") {
        call = call.tracing_config(tracing(spec));
    }
    if changes("vpc_config") {
        call = call.vpc_config(vpc(spec));
    }
    if changes("layers") {
        call = call.set_layers(Some(spec.layers.clone()));
    }
    if changes("file_system_configs") {
        call = call.set_file_system_configs(Some(file_systems(spec)?));
    }
    if changes("image_config") {
        call = call.image_config(image_config(spec));
    }
    if changes("snap_start") {
        call = call.snap_start(snap_start(spec));
    }
    if changes("logging_config") {
        call = call.logging_config(logging(spec));
    }
    if changes("capacity_provider_config") {
        call = call.set_capacity_provider_config(managed_instances(spec)?);
    }
    if changes("durable_config") {
        let had_key = write.live.as_ref().is_some_and(|live| {
            live.value.durable_config.as_ref().is_some_and(|durable| durable.kms_key_arn.is_some())
        });
        call = call.set_durable_config(durable(spec, had_key));
    }
    Ok(call)
}

fn ephemeral_storage(spec: &Function) -> Result<aws::EphemeralStorage, RequestError> {
    Ok(aws::EphemeralStorage::builder().size(spec.ephemeral_storage.size).build()?)
}

fn environment(spec: &Function) -> aws::Environment {
    let variables = spec.environment.iter().flat_map(|environment| environment.variables.clone()).collect();
    aws::Environment::builder().set_variables(Some(variables)).build()
}

fn dead_letter(spec: &Function) -> aws::DeadLetterConfig {
    let target = spec.dead_letter_config.as_ref().map_or("", |it| it.target_arn.as_str());
    aws::DeadLetterConfig::builder().target_arn(target).build()
}

fn tracing(spec: &Function) -> aws::TracingConfig {
    aws::TracingConfig::builder().mode(aws::TracingMode::from(spec.tracing_config.mode.as_str())).build()
}

fn vpc(spec: &Function) -> aws::VpcConfig {
    let vpc = spec.vpc_config.as_ref();
    aws::VpcConfig::builder()
        .set_subnet_ids(Some(vpc.map(|vpc| vpc.subnet_ids.clone()).unwrap_or_default()))
        .set_security_group_ids(Some(vpc.map(|vpc| vpc.security_group_ids.clone()).unwrap_or_default()))
        .set_ipv6_allowed_for_dual_stack(vpc.map(|vpc| vpc.ipv6_allowed_for_dual_stack))
        .build()
}

fn file_systems(spec: &Function) -> Result<Vec<aws::FileSystemConfig>, RequestError> {
    let configs = spec.file_system_configs.iter().map(|config| {
        let s3_files = config.s3_files_config.as_ref().map(|it| {
            aws::S3FilesConfig::builder().direct_s3_read(aws::DirectS3Read::from(it.direct_s3_read.as_str())).build()
        });
        let built = aws::FileSystemConfig::builder()
            .arn(&config.arn)
            .local_mount_path(&config.local_mount_path)
            .set_s3_files_config(s3_files)
            .build()?;
        Ok(built)
    });
    configs.collect()
}

/// Replaced as a whole, so the empty form clears it.
fn image_config(spec: &Function) -> aws::ImageConfig {
    let config = spec.image_config.clone().unwrap_or_default();
    let some = |list: Vec<String>| (!list.is_empty()).then_some(list);
    aws::ImageConfig::builder()
        .set_entry_point(some(config.entry_point))
        .set_command(some(config.command))
        .set_working_directory(config.working_directory)
        .build()
}

fn snap_start(spec: &Function) -> aws::SnapStart {
    aws::SnapStart::builder().apply_on(aws::SnapStartApplyOn::from(spec.snap_start.apply_on.as_str())).build()
}

/// Replaced as a whole: what is left out goes back to its default.
fn logging(spec: &Function) -> aws::LoggingConfig {
    let logging = &spec.logging_config;
    aws::LoggingConfig::builder()
        .set_log_format(logging.log_format.as_deref().map(aws::LogFormat::from))
        .set_application_log_level(logging.application_log_level.as_deref().map(aws::ApplicationLogLevel::from))
        .set_system_log_level(logging.system_log_level.as_deref().map(aws::SystemLogLevel::from))
        .set_log_group(logging.log_group.clone())
        .build()
}

fn managed_instances(spec: &Function) -> Result<Option<aws::CapacityProviderConfig>, RequestError> {
    let Some(config) = &spec.capacity_provider_config else { return Ok(None) };
    let config = &config.lambda_managed_instances_capacity_provider_config;
    let instances = aws::LambdaManagedInstancesCapacityProviderConfig::builder()
        .capacity_provider_arn(&config.capacity_provider_arn)
        .per_execution_environment_max_concurrency(config.per_execution_environment_max_concurrency)
        .execution_environment_memory_gib_per_v_cpu(config.execution_environment_memory_gib_per_v_cpu)
        .build()?;
    Ok(Some(
        aws::CapacityProviderConfig::builder().lambda_managed_instances_capacity_provider_config(instances).build(),
    ))
}

/// An empty key clears the one that was there.
fn durable(spec: &Function, had_key: bool) -> Option<aws::DurableConfig> {
    let durable = spec.durable_config.as_ref()?;
    let built = aws::DurableConfig::builder()
        .set_kms_key_arn(durable.kms_key_arn.clone().or_else(|| had_key.then(String::new)))
        .retention_period_in_days(durable.retention_period_in_days)
        .execution_timeout(durable.execution_timeout)
        .build();
    Some(built)
}

fn tenancy(spec: &Function) -> Result<Option<aws::TenancyConfig>, RequestError> {
    let Some(tenancy) = &spec.tenancy_config else { return Ok(None) };
    let mode = aws::TenantIsolationMode::from(tenancy.tenant_isolation_mode.as_str());
    Ok(Some(aws::TenancyConfig::builder().tenant_isolation_mode(mode).build()?))
}
