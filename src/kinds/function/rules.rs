//! The rules of functions that types and ranges cannot express.
//!
//! The ids are those of the published list of rules. What AWS documents is an error, what is only known from practice warns.

use super::catalog::code::{V001, V002, V003, V004, V005, V007, V016, V022, V023, V026, V144};
use super::catalog::settings::{V010, V011, V012, V013, V014, V017, V018, V019, V020, V024, V027};
use super::exclusions;
use super::spec::{Code, Function};
use crate::kinds::function_code_signing;
use crate::kinds::function_code_signing::catalog::V091;
use crate::kinds::shared::{runtimes, tags};
use crate::model::{FieldLocation, FieldPath, Findings, TargetPart, has_reference, with_examples};
use crate::resource::{Context, ResourceRef};

/// Names that Lambda sets itself and does not let anybody else set.
/// [AWS: reserved environment variables](https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html).
const RESERVED: [&str; 19] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
    "AWS_LAMBDA_MAX_CONCURRENCY",
];

/// Reports everything that is wrong with the function.
pub fn check(spec: &Function, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
    if spec.code_signing_config_arn.is_some() && function_code_signing::is_unattended(at, cx) {
        findings
            .error(V091, "", "`code_signing_config_arn` cannot be set in `defaults`")
            .help("set it on each function");
    }
    name(at, findings);
    code(spec, findings);
    sizes(spec, findings);
    layer_regions(spec, at, findings);
    environment(spec, findings);
    places(spec, at, findings);
    tags::check(Some(&spec.tags), findings);
    exclusions::check(spec, at, cx, findings);
}

fn name(at: &ResourceRef, findings: &mut Findings) {
    let (name, form) = (at.outer(), with_examples(at.outer()));
    let fits = form.len() <= 64 && form.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if !fits || name.is_empty() {
        findings
            .error(V017, "function_name", format!("invalid function name `{name}`"))
            .help("use at most 64 letters, digits, `-` and `_`");
    }
}

fn code(spec: &Function, findings: &mut Findings) {
    let Code { dir, links, zip, s3, image, external, source_kms_key_arn, .. } = &spec.code;
    let given = [dir.is_some(), zip.is_some(), s3.is_some(), image.is_some(), *external];
    let is_image = image.is_some();
    let is_only = given.iter().filter(|given| **given).count() == 1;
    match given.iter().filter(|given| **given).count() {
        1 => {}
        0 => findings.error(V004, "code", "the function has no code").help("add one of `dir`, `zip`, `s3` and `image`"),
        _ => findings.error(V004, "code", "the code has more than one source").help("keep one of them"),
    }
    if links.is_some() && dir.is_none() {
        findings.error(V004, FieldLocation::key("code.links"), "`links` requires `dir`").help("remove it");
    }
    if is_image {
        for (field, given) in [
            ("runtime", spec.runtime.is_some()),
            ("handler", spec.handler.is_some()),
            ("layers", !spec.layers.is_empty()),
        ] {
            if given {
                findings
                    .error(V002, FieldLocation::key(field), format!("`{field}` cannot be set for a container image"))
                    .help("remove it");
            }
        }
        if let Some(image) =
            image.as_ref().filter(|image| is_only && !has_reference(image) && !is_image_of_ecr(&with_examples(image)))
        {
            findings
                .error(V144, "code.image", format!("`{image}` is not an image of a private ECR repository with a tag or digest"))
                .help("push the image to ECR, and name it as ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG or …@sha256:DIGEST");
        }
        if source_kms_key_arn.is_some() {
            findings
                .error(
                    V007,
                    FieldLocation::key("code.source_kms_key_arn"),
                    "`source_kms_key_arn` cannot be set for a container image",
                )
                .help("remove it");
        }
    } else if !external {
        for (field, given) in [("runtime", spec.runtime.is_some()), ("handler", spec.handler.is_some())] {
            if !given {
                findings
                    .error(V001, "", format!("a function with a zip package requires `{field}`"))
                    .help(format!("add `{field}`"));
            }
        }
    }
    if spec.image_config.is_some() && !is_image && !external {
        findings.error(V003, "image_config", "`image_config` requires a container image").help("remove it");
    }
    let wanted = if is_image { "Image" } else { "Zip" };
    if spec.package_type.as_deref().is_some_and(|package| package != wanted) && !external {
        findings
            .error(V005, "package_type", format!("the code is a package of type {wanted}"))
            .help("remove it: trueup derives it from the code");
    }
    if let Some(runtime) = spec.runtime.as_deref().filter(|runtime| runtimes::is_deprecated(runtime)) {
        findings
            .warning(
                V026,
                "runtime",
                format!("{runtime} is deprecated: AWS rejects creating or updating functions with it"),
            )
            .help("use a newer runtime");
    }
}

/// Returns whether an image is in a private registry of ECR and named by a tag or by a digest, and not by both.
fn is_image_of_ecr(image: &str) -> bool {
    let Some((registry, rest)) = image.split_once('/') else { return false };
    let is_registry = registry.split_once('.').is_some_and(|(account, host)| {
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        is_account && (host.starts_with("dkr.ecr.") || host.starts_with("dkr-ecr."))
    });
    let (repository, version) = rest.split_once('@').or_else(|| rest.split_once(':')).unwrap_or_default();
    is_registry && !repository.is_empty() && !repository.contains(':') && !version.is_empty()
}

fn sizes(spec: &Function, findings: &mut Findings) {
    let managed = spec.capacity_provider_config.is_some();
    let memory = spec.memory_size.unwrap_or(128);
    if memory > 10240 && !managed {
        findings
            .error(
                V010,
                "memory_size",
                format!("{memory} MB is more than the 10240 MB that Lambda allows without managed instances"),
            )
            .help("use at most 10240 MB, or a capacity provider");
    }
    if spec.timeout > 900 && !managed {
        findings.error(
            V011,
            "timeout",
            format!("{} s is more than the 900 s that Lambda allows without managed instances", spec.timeout),
        );
    }
    if spec.ephemeral_storage.size > 10240 {
        findings.error(
            V012,
            "ephemeral_storage.size",
            format!("{} MB is more than the 10240 MB that Lambda allows", spec.ephemeral_storage.size),
        );
    }
    if spec.layers.len() > 5 {
        findings.error(V016, "layers", format!("{} layers are more than the 5 that Lambda allows", spec.layers.len()));
    }
    let mut names: Vec<&str> =
        spec.layers.iter().filter_map(|layer| layer.rsplit_once(':')).map(|(name, _)| name).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1] && !has_reference(pair[0])) {
        findings.error(V016, "layers", format!("the layer {} is listed twice", twice[0])).help("remove one of them");
    }
}

fn layer_regions(spec: &Function, at: &ResourceRef, findings: &mut Findings) {
    for (index, layer) in spec.layers.iter().enumerate() {
        let Some(region) = other_region(at, layer) else { continue };
        let field = FieldPath::from("layers").then(index.to_string());
        findings
            .error(V016, field, format!("the layer is in region {region}, not in that of the function"))
            .help("publish the layer in the function's region, and name that version");
    }
}

fn environment(spec: &Function, findings: &mut Findings) {
    let Some(environment) = &spec.environment else { return };
    for name in environment.variables.keys() {
        let field = FieldLocation::key(FieldPath::from("environment.variables").then(name));
        if RESERVED.contains(&name.as_str()) {
            findings.error(V014, field, format!("`{name}` is reserved by Lambda")).help("rename it");
        } else if name.len() < 2
            || !name.starts_with(|c: char| c.is_ascii_alphabetic())
            || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            findings
                .error(V013, field, format!("invalid environment variable name `{name}`"))
                .help("use a letter, then one or more letters, digits and `_`");
        }
    }
    let size = serde_json::to_string(&environment.variables).map_or(0, |json| json.len());
    if size > 4096 {
        findings
            .error(V014, "environment", format!("the variables take {size} bytes as JSON; Lambda allows 4096"))
            .help("move large values to SSM Parameter Store or Secrets Manager");
    }
}

/// Returns the region of an ARN if it is known to be another than the function's.
fn other_region<'a>(at: &ResourceRef, arn: &'a str) -> Option<&'a str> {
    let region = arn.split(':').nth(3).filter(|region| !region.is_empty() && !has_reference(arn))?;
    at.scope.differs(TargetPart::Region, region).then_some(region)
}

fn places(spec: &Function, at: &ResourceRef, findings: &mut Findings) {
    if let Some(dead) = &spec.dead_letter_config {
        let target = &dead.target_arn;
        let service = target.split(':').nth(2).unwrap_or_default();
        if !target.is_empty() && !has_reference(target) && !matches!(service, "sqs" | "sns") {
            findings.error(
                V018,
                "dead_letter_config.target_arn",
                "a dead-letter target must be an SQS queue or an SNS topic",
            );
        } else if service == "sqs" && target.ends_with(".fifo") {
            findings
                .error(V018, "dead_letter_config.target_arn", "a dead-letter target cannot be a FIFO queue")
                .help("use a standard queue");
        } else if let Some(region) = other_region(at, target) {
            findings
                .error(
                    V018,
                    "dead_letter_config.target_arn",
                    format!("the dead-letter target is in region {region}, not in that of the function"),
                )
                .help("use a queue or topic of the function's region");
        } else if target.ends_with(".fifo") {
            findings.warning(
                V018,
                "dead_letter_config.target_arn",
                "a dead-letter target cannot be a FIFO queue or topic",
            );
        }
    }
    let account = spec.role.split(':').nth(4).unwrap_or_default();
    if let Some(own) = at.scope.account.as_ref().filter(|own| account.len() == 12 && account != *own) {
        findings
            .error(V019, "role", format!("the role belongs to account {account}, and the function to {own}"))
            .help("use a role of the function's account, such as `arn:aws:iam::${account}:role/NAME`");
    }
    if let Some(vpc) = &spec.vpc_config
        && vpc.subnet_ids.is_empty() != vpc.security_group_ids.is_empty()
    {
        findings
            .error(V020, "vpc_config", "subnets and security groups are required together")
            .help("add the missing ones, or remove both");
    }
    for config in &spec.file_system_configs {
        let is_s3 = config.arn.contains(":s3files:");
        if !is_s3 && spec.vpc_config.is_none() {
            findings.error(V022, "file_system_configs", "an EFS file system requires a VPC").help("add `vpc_config`");
        }
        if config.s3_files_config.is_some() && !is_s3 {
            findings.error(V023, "file_system_configs", "`s3_files_config` requires an access point of S3 Files");
        }
    }
    let logging = &spec.logging_config;
    let default_format = if spec.capacity_provider_config.is_some() { "JSON" } else { "Text" };
    let format = logging.log_format.as_deref().unwrap_or(default_format);
    if format == "Text" && (logging.application_log_level.is_some() || logging.system_log_level.is_some()) {
        findings
            .error(V024, "logging_config", "log levels require the format JSON")
            .help("add `log_format: JSON`, or remove the levels");
    }
    if let Some(key) = &spec.kms_key_arn {
        let region = key.split(':').nth(3).unwrap_or_default();
        if let Some(own) = at.scope.region.as_ref().filter(|own| !region.is_empty() && region != *own) {
            let message = format!("the key is in region {region}, and the function in {own}");
            findings.warning(V027, "kms_key_arn", message);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::kinds::function::tests::findings;

    /// The rule, a change that breaks it, and one that does not.
    const CASES: &[(&str, &str, &str)] = &[
        ("V001", r#"{"runtime": null}"#, r#"{"runtime": "python3.12"}"#),
        (
            "V001",
            r#"{"handler": null}"#,
            r#"{"runtime": null, "handler": null, "code": {"image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/i:1"}}"#,
        ),
        (
            "V144",
            r#"{"code": {"image": "docker.io/library/i:1"}, "runtime": null, "handler": null}"#,
            r#"{"code": {"image": "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/a/i@sha256:00"}, "runtime": null, "handler": null}"#,
        ),
        (
            "V002",
            r#"{"code": {"image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/i:1"}}"#,
            r#"{"code": {"image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/i:1"}, "runtime": null, "handler": null}"#,
        ),
        (
            "V002",
            r#"{"code": {"image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/i:1"}, "runtime": null, "handler": null, "layers": ["l:1"]}"#,
            r#"{"layers": ["l:1"]}"#,
        ),
        (
            "V003",
            r#"{"image_config": {"command": ["a"]}}"#,
            r#"{"image_config": {"command": ["a"]}, "code": {"image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/i:1"}, "runtime": null, "handler": null}"#,
        ),
        ("V004", r#"{"code": {}}"#, r#"{"code": {"dir": "d"}}"#),
        ("V004", r#"{"code": {"dir": "d", "zip": "z"}}"#, r#"{"code": {"external": true}}"#),
        ("V004", r#"{"code": {"zip": "z", "links": "keep"}}"#, r#"{"code": {"dir": "d", "links": "keep"}}"#),
        ("V005", r#"{"package_type": "Image"}"#, r#"{"package_type": "Zip"}"#),
        (
            "V007",
            r#"{"code": {"image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/i:1", "source_kms_key_arn": "arn:aws:kms:eu-west-1:1:key/k"}}"#,
            r#"{"code": {"dir": "d", "source_kms_key_arn": "arn:aws:kms:eu-west-1:1:key/k"}}"#,
        ),
        ("V010", r#"{"memory_size": 10241}"#, r#"{"memory_size": 10240}"#),
        ("V011", r#"{"timeout": 901}"#, r#"{"timeout": 900}"#),
        ("V012", r#"{"ephemeral_storage": {"size": 10241}}"#, r#"{"ephemeral_storage": {"size": 10240}}"#),
        ("V013", r#"{"environment": {"variables": {"A": "1"}}}"#, r#"{"environment": {"variables": {"AB": "1"}}}"#),
        (
            "V014",
            r#"{"environment": {"variables": {"AWS_REGION": "1"}}}"#,
            r#"{"environment": {"variables": {"AWS_REGIONS": "1"}}}"#,
        ),
        ("V016", r#"{"layers": ["l:1", "l:2"]}"#, r#"{"layers": ["l:1", "m:1"]}"#),
        ("V016", r#"{"layers": ["a:1", "b:1", "c:1", "d:1", "e:1", "f:1"]}"#, r#"{"layers": []}"#),
        ("V017", r#"{"function_name": "a b"}"#, r#"{"function_name": "a-b"}"#),
        (
            "V018",
            r#"{"dead_letter_config": {"target_arn": "arn:aws:s3:::b"}}"#,
            r#"{"dead_letter_config": {"target_arn": "arn:aws:sqs:eu-west-1:123456789012:q"}}"#,
        ),
        (
            "V018",
            r#"{"dead_letter_config": {"target_arn": "arn:aws:sqs:eu-west-1:123456789012:q.fifo"}}"#,
            r#"{"dead_letter_config": {"target_arn": "arn:aws:sns:eu-west-1:123456789012:t"}}"#,
        ),
        ("V019", r#"{"role": "arn:aws:iam::999999999999:role/r"}"#, r#"{"role": "arn:aws:iam::123456789012:role/r"}"#),
        (
            "V020",
            r#"{"vpc_config": {"subnet_ids": ["subnet-1"], "security_group_ids": []}}"#,
            r#"{"vpc_config": {"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]}}"#,
        ),
        (
            "V022",
            r#"{"file_system_configs": [{"arn": "arn:aws:elasticfilesystem:x", "local_mount_path": "/mnt/a"}]}"#,
            r#"{"file_system_configs": [{"arn": "arn:aws:s3files:x", "local_mount_path": "/mnt/a"}]}"#,
        ),
        (
            "V023",
            r#"{"file_system_configs": [{"arn": "arn:aws:elasticfilesystem:x", "local_mount_path": "/mnt/a",
                "s3_files_config": {"direct_s3_read": "AUTO"}}]}"#,
            r#"{"file_system_configs": [{"arn": "arn:aws:s3files:x", "local_mount_path": "/mnt/a",
                "s3_files_config": {"direct_s3_read": "AUTO"}}]}"#,
        ),
        (
            "V024",
            r#"{"logging_config": {"system_log_level": "WARN"}}"#,
            r#"{"logging_config": {"log_format": "JSON", "system_log_level": "WARN"}}"#,
        ),
        ("V026", r#"{"runtime": "python3.8"}"#, r#"{"runtime": "python3.13"}"#),
        (
            "V027",
            r#"{"kms_key_arn": "arn:aws:kms:us-east-1:123456789012:key/k"}"#,
            r#"{"kms_key_arn": "arn:aws:kms:eu-west-1:123456789012:key/k"}"#,
        ),
        ("V096", r#"{"tags": {"aws:x": "1"}}"#, r#"{"tags": {"x": "1"}}"#),
    ];

    #[test]
    fn each_rule_finds_what_is_wrong_and_nothing_else() {
        for (rule, bad, good) in CASES {
            assert!(findings(bad, &[]).contains(rule), "{rule} does not see {bad}");
            assert!(!findings(good, &[]).contains(rule), "{rule} objects to {good}");
        }
    }
}
