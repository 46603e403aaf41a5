//! The permissions that a function takes.

use super::Function;
use crate::kinds::shared::package_source::S3;
use crate::model::FieldPath;
use crate::resource::{Authorize, Grant, GrantedResource, KindCalls};
use crate::wire::Operation;

impl Authorize for Function {
    const CALLS: KindCalls = KindCalls {
        reads: &[Operation::GetFunction, Operation::ListFunctions],
        searches: &[Operation::GetFunction, Operation::ListFunctions],
        writes: &[
            Operation::CreateFunction,
            Operation::TagResource,
            Operation::UpdateFunctionCode,
            Operation::UpdateFunctionConfiguration,
        ],
        prunes: &[Operation::UntagResource],
        deletes: &[Operation::DeleteFunction],
    };

    fn grants(spec: &Self) -> Vec<Grant> {
        let arn = |text: &String| GrantedResource::Arn(text.clone());
        let mut grants = vec![Grant::to_write(&["iam:PassRole"], "role", GrantedResource::Role(spec.role.clone()))];
        for (number, layer) in spec.layers.iter().enumerate() {
            let field = FieldPath::from("layers").then(number.to_string());
            grants.push(Grant::to_write(&["lambda:GetLayerVersion"], field, arn(layer)));
        }
        if let Some(key) = &spec.kms_key_arn {
            grants.push(Grant::to_write(&["kms:Decrypt"], "kms_key_arn", arn(key)).and_to_read());
            grants.push(Grant::to_write(&["kms:CreateGrant", "kms:Encrypt"], "kms_key_arn", arn(key)));
        }
        if let Some(key) = spec.durable_config.as_ref().and_then(|durable| durable.kms_key_arn.as_ref()) {
            // [AWS: Encrypting durable execution data](https://docs.aws.amazon.com/lambda/latest/dg/durable-encryption.html).
            let actions = &["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"];
            grants.push(Grant::to_write(actions, "durable_config.kms_key_arn", arn(key)));
        }
        if let Some(key) = &spec.code.source_kms_key_arn {
            let actions = &["kms:Decrypt", "kms:GenerateDataKey"];
            grants.push(Grant::to_write(actions, "code.source_kms_key_arn", arn(key)));
        }
        grants.extend(spec.code.s3.as_ref().map(S3::grant));
        if let Some(image) = &spec.code.image {
            let actions = &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
            grants.push(Grant::to_write(actions, "code.image", GrantedResource::Image(image.clone())));
        }
        if spec.vpc_config.as_ref().is_some_and(|vpc| !vpc.subnet_ids.is_empty()) {
            let actions = &["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"];
            grants.push(Grant::to_write(actions, "vpc_config", GrantedResource::Any));
        }
        if spec.file_system_configs.iter().any(|config| config.arn.contains(":elasticfilesystem:")) {
            let actions = &["elasticfilesystem:DescribeMountTargets"];
            grants.push(Grant::to_write(actions, "file_system_configs", GrantedResource::Any));
        }
        if let Some(config) = &spec.capacity_provider_config {
            let provider = &config.lambda_managed_instances_capacity_provider_config.capacity_provider_arn;
            let field =
                "capacity_provider_config.lambda_managed_instances_capacity_provider_config.capacity_provider_arn";
            grants.push(Grant::to_write(&["lambda:PassCapacityProvider"], field, arn(provider)));
        }
        grants
    }
}
