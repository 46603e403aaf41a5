//! The settings of a function that exclude others: SnapStart, tenant isolation, durability and managed instances.
//!
//! The ids are those of the published list of rules. A rule known only from practice warns. What SnapStart and tenant
//! isolation mean for provisioned concurrency is the rule of that kind.

use super::catalog::exclusions::{V029, V030, V031, V032, V033, V034, V038, V039, V040, V041, V042, V043, V048};
use super::spec::Function;
use crate::kinds::capacity_provider::catalog::V045;
use crate::kinds::provisioned_concurrency::ProvisionedConcurrency;
use crate::kinds::reserved_concurrency::ReservedConcurrency;
use crate::model::{Findings, KindId, TargetPart};
use crate::resource::{Context, Declare, ResourceRef};

/// The longest that anybody waits for an invocation, in seconds.
const LONGEST_CALL: i32 = 900;

/// Reports everything about the function that does not go together.
pub fn check(spec: &Function, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
    let below = ExclusionContext { at, cx };
    if spec.snap_start.apply_on == "PublishedVersions" {
        snap_start(spec, &below, findings);
    }
    if spec.tenancy_config.is_some() {
        tenancy(spec, &below, findings);
    }
    if spec.durable_config.is_some() {
        durable(spec, &below, findings);
    }
    if spec.capacity_provider_config.is_some() {
        managed_instances(spec, at, &below, findings);
    }
}

/// The resources that the spec declares below the function.
struct ExclusionContext<'a> {
    at: &'a ResourceRef,
    cx: &'a dyn Context,
}

impl ExclusionContext<'_> {
    /// Returns true if a resource of the kind is declared, directly below the function or below its aliases.
    fn has(&self, kind: KindId) -> bool {
        !self.cx.below(kind, &self.at.address.keys).is_empty()
    }

    /// Returns true if such a resource is declared, directly below the function or below its aliases.
    fn has_such<R: Declare>(&self, is_such: impl Fn(&R) -> bool) -> bool {
        self.cx.below(R::KIND, &self.at.address.keys).iter().any(|other| self.cx.get(other).is_some_and(&is_such))
    }

    /// Returns true if an event source invokes the function without naming a version.
    fn has_unqualified_source(&self) -> bool {
        let sources = self.cx.below(KindId::EventSourceMapping, &self.at.address.keys);
        sources.iter().any(|other| other.keys.len() == 2)
    }

    /// Returns true if a version is published: the spec asks for it, or names an existing version.
    fn publishes(&self) -> bool {
        self.has(KindId::Version) || self.has(KindId::Alias)
    }
}

fn snap_start(spec: &Function, below: &ExclusionContext<'_>, findings: &mut Findings) {
    if !spec.file_system_configs.is_empty() {
        findings.error(V029, "snap_start", "SnapStart and file systems cannot be combined");
    }
    if spec.ephemeral_storage.size > 512 {
        findings.error(V030, "snap_start", "SnapStart and more than 512 MB of ephemeral storage cannot be combined");
    }
    let runtime = spec.runtime.as_deref().unwrap_or_default();
    let from = |language: &str, least: u32| {
        let version = runtime.strip_prefix(language).and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
        version.is_some_and(|version| version >= least)
    };
    let able = from("java", 11) || from("python3.", 12) || from("dotnet", 8);
    if spec.code.image.is_some() || (!runtime.is_empty() && !able) {
        findings.error(V031, "snap_start", "SnapStart requires a zip package on Java 11, Python 3.12, .NET 8 or later");
    }
    if !below.publishes() {
        findings
            .warning(V032, "snap_start", "SnapStart applies to published versions, but the function publishes none")
            .help("add `publish: true`, or an alias that points to `published`");
    }
}

fn tenancy(spec: &Function, below: &ExclusionContext<'_>, findings: &mut Findings) {
    if spec.snap_start.apply_on == "PublishedVersions" {
        findings.error(V033, "tenancy_config", "tenant isolation and SnapStart cannot be combined");
    }
    if below.has(KindId::EventSourceMapping) {
        findings.error(V033, "tenancy_config", "tenant isolation and event source mappings cannot be combined");
    }
    if spec.durable_config.is_some() || spec.capacity_provider_config.is_some() {
        let message = "tenant isolation cannot be combined with durable functions or managed instances";
        findings.warning(V034, "tenancy_config", message);
    }
}

fn durable(spec: &Function, below: &ExclusionContext<'_>, findings: &mut Findings) {
    if spec.snap_start.apply_on == "PublishedVersions" {
        findings.warning(V038, "durable_config", "durable functions and SnapStart cannot be combined");
    }
    let runtime = spec.runtime.as_deref().unwrap_or_default();
    if ["dotnet", "ruby", "go"].iter().any(|language| runtime.starts_with(language)) {
        findings.warning(V039, "durable_config", format!("no durable execution SDK exists for {runtime}"));
    }
    let longest = spec.durable_config.as_ref().map_or(0, |config| config.execution_timeout);
    if longest > LONGEST_CALL && below.has(KindId::EventSourceMapping) {
        let message = format!(
            "an event source invokes the function synchronously, for at most 900 s, and the execution timeout is {longest} s"
        );
        findings
            .warning(V041, "durable_config.execution_timeout", message)
            .help("lower it to 900, or invoke the function asynchronously");
    }
    if below.has_unqualified_source() {
        findings
            .warning(
                V040,
                "durable_config",
                "a durable execution stays with its version, but the event source mapping names none",
            )
            .help("move the event source mapping below an alias");
    }
}

fn managed_instances(spec: &Function, at: &ResourceRef, below: &ExclusionContext<'_>, findings: &mut Findings) {
    let at_fault = [
        ("a vpc_config", spec.vpc_config.is_some()),
        ("SnapStart", spec.snap_start.apply_on == "PublishedVersions"),
        (
            "reserved concurrency",
            below.has_such(|it: &ReservedConcurrency| it.reserved_concurrent_executions.is_some()),
        ),
        (
            "provisioned concurrency",
            below.has_such(|it: &ProvisionedConcurrency| it.provisioned_concurrent_executions.is_some()),
        ),
    ];
    for (what, _) in at_fault.into_iter().filter(|(_, given)| *given) {
        let message = format!("managed instances and {what} cannot be combined");
        findings.warning(V042, "capacity_provider_config", message);
    }
    if spec.memory_size.is_some_and(|memory| memory < 2048) {
        findings.error(V043, "memory_size", "functions on managed instances need at least 2048 MB");
    }
    let config = spec.capacity_provider_config.as_ref();
    let provider = config.map(|config| &config.lambda_managed_instances_capacity_provider_config.capacity_provider_arn);
    if let Some([_, _, _, region, account, _]) = provider.map(|arn| arn.splitn(6, ':').collect::<Vec<_>>()).as_deref()
        && (at.scope.differs(TargetPart::Region, region) || at.scope.differs(TargetPart::Account, account))
    {
        let field = "capacity_provider_config.lambda_managed_instances_capacity_provider_config.capacity_provider_arn";
        findings
            .error(V045, field, format!("the capacity provider belongs to account {account} and region {region}"))
            .help("use a capacity provider of the function's account and region");
    }
    if !below.publishes() {
        findings
            .warning(
                V048,
                "capacity_provider_config",
                "managed instances run published versions, but the function publishes none",
            )
            .help("add `publish: true`, or an alias that points to `published`");
    }
}

#[cfg(test)]
mod tests {
    use crate::kinds::function::tests::findings;

    const SNAP: &str = r#""snap_start": {"apply_on": "PublishedVersions"}"#;
    const TENANTS: &str = r#""tenancy_config": {"tenant_isolation_mode": "PER_TENANT"}"#;
    const DURABLE: &str = r#""durable_config": {"execution_timeout": 60}"#;
    const MANAGED: &str = r#""capacity_provider_config":
        {"lambda_managed_instances_capacity_provider_config": {"capacity_provider_arn": "arn"}}"#;

    /// The rule, the change that turns a feature on, what breaks the rule, and what does not: fields, then other resources.
    type Case =
        (&'static str, &'static str, (&'static str, &'static [&'static str]), (&'static str, &'static [&'static str]));

    #[rustfmt::skip]
    const CASES: &[Case] = &[
        ("V029", SNAP, (r#""file_system_configs": [{"arn": "a", "local_mount_path": "/mnt/a"}]"#, &[]), ("", &[])),
        ("V030", SNAP, (r#""ephemeral_storage": {"size": 513}"#, &[]), (r#""ephemeral_storage": {"size": 512}"#, &[])),
        ("V031", SNAP, (r#""runtime": "python3.11""#, &[]), (r#""runtime": "java11""#, &[])),
        ("V031", SNAP, (r#""runtime": "dotnetcore3.1""#, &[]), (r#""runtime": "dotnet8""#, &[])),
        ("V031", SNAP, (r#""runtime": "nodejs22.x""#, &[]), (r#""runtime": "python3.12""#, &[])),
        ("V032", SNAP, ("", &["version/payments"]), ("", &["version/orders"])),
        ("V033", TENANTS, (SNAP, &[]), ("", &[])),
        ("V033", TENANTS, ("", &["event_source_mapping/orders/q"]), ("", &["event_source_mapping/payments/q"])),
        ("V034", TENANTS, (DURABLE, &[]), ("", &[])),
        ("V038", DURABLE, (SNAP, &[]), ("", &[])),
        ("V039", DURABLE, (r#""runtime": "ruby3.4""#, &[]), (r#""runtime": "nodejs24.x""#, &[])),
        ("V040", DURABLE, ("", &["event_source_mapping/orders/q"]), ("", &["event_source_mapping/orders/live/q"])),
        ("V042", MANAGED, (SNAP, &[]), ("", &[])),
        ("V042", MANAGED, ("", &[r#"reserved_concurrency/orders {"reserved_concurrent_executions": 0}"#]),
            ("", &[r#"reserved_concurrency/payments {"reserved_concurrent_executions": 0}"#])),
        ("V042", MANAGED, ("", &[r#"provisioned_concurrency/orders/live {"provisioned_concurrent_executions": 1}"#]),
            ("", &["provisioned_concurrency/orders/live", "reserved_concurrency/orders"])),
        ("V043", MANAGED, (r#""memory_size": 2047"#, &[]), (r#""memory_size": 2048"#, &[])),
        ("V048", MANAGED, ("", &[]), ("", &["alias/orders/live"])),
    ];

    #[test]
    fn each_rule_finds_what_excludes_the_feature() {
        let fields = |feature: &str, more: &str| match more {
            "" => format!("{{{feature}}}"),
            more => format!("{{{feature}, {more}}}"),
        };
        for (rule, feature, (bad, beside_bad), (good, beside_good)) in CASES {
            assert!(
                findings(&fields(feature, bad), beside_bad).contains(rule),
                "{rule} does not see {bad} {beside_bad:?}"
            );
            assert!(
                !findings(&fields(feature, good), beside_good).contains(rule),
                "{rule} objects to {good} {beside_good:?}"
            );
        }
    }
}
