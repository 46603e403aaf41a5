//! A capacity provider between the words of the spec and the SDK's types.

use aws_sdk_lambda::types as aws;

use super::spec::{
    CapacityProvider, InstanceLoggingConfig, InstanceRequirements, InstanceScalingConfig, InstanceVpcConfig,
    PermissionsConfig, PropagateTags, ScalingPolicy, TelemetryConfig,
};
use crate::resource::RequestError;
use crate::wire::{Call, CreateCapacityProviderInputBuilder, TypedCall, UpdateCapacityProviderInputBuilder};

/// The call that creates the provider. What is as by default is left to Lambda.
pub fn create(name: &str, spec: &CapacityProvider) -> Result<Call, RequestError> {
    let vpc = aws::CapacityProviderVpcConfig::builder()
        .set_subnet_ids(Some(spec.vpc_config.subnet_ids.clone()))
        .set_security_group_ids(Some(spec.vpc_config.security_group_ids.clone()))
        .build()?;
    let permissions = aws::CapacityProviderPermissionsConfig::builder()
        .capacity_provider_operator_role_arn(&spec.permissions_config.capacity_provider_operator_role_arn)
        .build()?;
    let wanted = &spec.instance_requirements;
    let architectures = wanted.architectures.iter().map(|it| aws::Architecture::from(it.as_str())).collect();
    let types = |list: &[String]| Some(list.to_vec()).filter(|list| !list.is_empty());
    let requirements = aws::InstanceRequirements::builder()
        .set_architectures(Some(architectures))
        .set_allowed_instance_types(types(&wanted.allowed_instance_types))
        .set_excluded_instance_types(types(&wanted.excluded_instance_types))
        .build();
    let propagates = spec.propagate_tags != PropagateTags::default();
    Ok(CreateCapacityProviderInputBuilder::default()
        .capacity_provider_name(name)
        .vpc_config(vpc)
        .permissions_config(permissions)
        .instance_requirements(requirements)
        .capacity_provider_scaling_config(scaling(spec)?)
        .set_kms_key_arn(spec.kms_key_arn.clone())
        .set_propagate_tags(propagates.then(|| propagation(spec)))
        .set_telemetry_config((!is_plain(name, spec)).then(|| telemetry(spec)))
        .set_tags(spec.tags.clone().map(|tags| tags.into_iter().collect()))
        .call())
}

/// The call that changes these parts of the provider.
pub fn update(
    name: &str,
    spec: &CapacityProvider,
    changes: impl Fn(&'static str) -> bool,
) -> Result<Call, RequestError> {
    let scaling = changes("capacity_provider_scaling_config").then(|| scaling(spec)).transpose()?;
    Ok(UpdateCapacityProviderInputBuilder::default()
        .capacity_provider_name(name)
        .set_capacity_provider_scaling_config(scaling)
        .set_propagate_tags(changes("propagate_tags").then(|| propagation(spec)))
        .set_telemetry_config(changes("telemetry_config").then(|| telemetry(spec)))
        .call())
}

fn scaling(spec: &CapacityProvider) -> Result<aws::CapacityProviderScalingConfig, RequestError> {
    let config = &spec.capacity_provider_scaling_config;
    let policies: Result<Vec<_>, _> = config
        .scaling_policies
        .iter()
        .map(|policy| {
            aws::TargetTrackingScalingPolicy::builder()
                .predefined_metric_type(policy.predefined_metric_type.as_str().into())
                .target_value(policy.target_value)
                .build()
        })
        .collect();
    Ok(aws::CapacityProviderScalingConfig::builder()
        .max_v_cpu_count(config.max_v_cpu_count)
        .scaling_mode(config.scaling_mode.as_str().into())
        .set_scaling_policies(Some(policies?).filter(|list| !list.is_empty()))
        .build())
}

fn propagation(spec: &CapacityProvider) -> aws::PropagateTags {
    let explicit = spec.propagate_tags.explicit_tags.clone();
    aws::PropagateTags::builder()
        .mode(spec.propagate_tags.mode.as_str().into())
        .set_explicit_tags(Some(explicit.into_iter().collect()).filter(|_| spec.propagate_tags.mode == "Explicit"))
        .build()
}

fn telemetry(spec: &CapacityProvider) -> aws::CapacityProviderTelemetryConfig {
    let logging = &spec.telemetry_config.logging_config;
    let logging = aws::CapacityProviderLoggingConfig::builder()
        .system_log_level(logging.system_log_level.as_str().into())
        .set_log_group(logging.log_group.clone());
    aws::CapacityProviderTelemetryConfig::builder().logging_config(logging.build()).build()
}

/// Returns true if logging is as Lambda sets it up by itself.
fn is_plain(name: &str, spec: &CapacityProvider) -> bool {
    let logging = &spec.telemetry_config.logging_config;
    let elsewhere = logging.log_group.as_ref().is_some_and(|group| *group != log_group(name));
    !elsewhere && logging.system_log_level == InstanceLoggingConfig::default().system_log_level
}

/// The log group of a provider that names none.
pub fn log_group(name: &str) -> String {
    format!("/aws/lambda/capacity-provider/{name}")
}

/// Returns the provider as Lambda describes it, with the defaults for what it leaves out.
/// Tags are not part of it, and compared only where they were read.
pub fn observed(name: &str, live: &aws::CapacityProvider) -> CapacityProvider {
    let vpc = live.vpc_config();
    let wanted = live.instance_requirements();
    let architectures: Vec<_> = wanted.iter().flat_map(|it| it.architectures()).map(|it| it.as_str().into()).collect();
    let defaults = InstanceRequirements::default();
    let scaling = live.capacity_provider_scaling_config();
    let policies = scaling.map(|scaling| scaling.scaling_policies()).unwrap_or_default().iter();
    let tags = live.propagate_tags();
    let logging = live.telemetry_config().and_then(|telemetry| telemetry.logging_config());
    let level = logging.and_then(|logging| logging.system_log_level());
    CapacityProvider {
        capacity_provider_name: None,
        vpc_config: InstanceVpcConfig {
            subnet_ids: vpc.map(|vpc| vpc.subnet_ids().to_vec()).unwrap_or_default(),
            security_group_ids: vpc.map(|vpc| vpc.security_group_ids().to_vec()).unwrap_or_default(),
        },
        permissions_config: live.permissions_config().map_or_else(PermissionsConfig::default, |it| PermissionsConfig {
            capacity_provider_operator_role_arn: it.capacity_provider_operator_role_arn().to_owned(),
        }),
        instance_requirements: InstanceRequirements {
            architectures: Some(architectures).filter(|list| !list.is_empty()).unwrap_or(defaults.architectures),
            allowed_instance_types: wanted.map(|it| it.allowed_instance_types().to_vec()).unwrap_or_default(),
            excluded_instance_types: wanted.map(|it| it.excluded_instance_types().to_vec()).unwrap_or_default(),
        },
        capacity_provider_scaling_config: InstanceScalingConfig {
            max_v_cpu_count: scaling
                .and_then(|scaling| scaling.max_v_cpu_count())
                .unwrap_or(InstanceScalingConfig::default().max_v_cpu_count),
            scaling_mode: scaling
                .and_then(|scaling| scaling.scaling_mode())
                .map_or(InstanceScalingConfig::default().scaling_mode, |mode| mode.as_str().to_owned()),
            scaling_policies: policies
                .map(|policy| ScalingPolicy {
                    predefined_metric_type: policy.predefined_metric_type().as_str().to_owned(),
                    target_value: policy.target_value(),
                })
                .collect(),
        },
        kms_key_arn: live.kms_key_arn().filter(|key| !key.is_empty()).map(str::to_owned),
        propagate_tags: PropagateTags {
            mode: tags
                .and_then(|tags| tags.mode())
                .map_or(PropagateTags::default().mode, |mode| mode.as_str().to_owned()),
            explicit_tags: tags
                .and_then(|tags| tags.explicit_tags())
                .cloned()
                .unwrap_or_default()
                .into_iter()
                .collect(),
        },
        telemetry_config: TelemetryConfig {
            logging_config: InstanceLoggingConfig {
                system_log_level: level
                    .map_or(InstanceLoggingConfig::default().system_log_level, |level| level.as_str().to_owned()),
                log_group: logging
                    .and_then(|logging| logging.log_group())
                    .map(str::to_owned)
                    .or_else(|| Some(log_group(name))),
            },
        },
        tags: None,
        settled: (*live.state() == aws::CapacityProviderState::Failed).then_some(false),
    }
}
