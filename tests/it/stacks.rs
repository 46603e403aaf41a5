//! Random stacks, and edits of them.

use proptest::prelude::*;

/// The ingredients of a random stack.
#[derive(Clone, Debug)]
pub struct Random {
    pub memory: u16,
    pub timeout: u8,
    pub arm: bool,
    pub traced: bool,
    pub variables: Vec<(u8, String)>,
    pub description: String,
    pub dead_letter: bool,
    pub vpc: Option<(u8, u8)>,
    pub json_logs: bool,
    pub tags: Vec<(u8, String)>,
    pub reserved: Option<u8>,
    pub provisioned: Option<u8>,
    pub mapping: Option<(u8, bool)>,
    pub second: bool,
}

impl Random {
    /// One with everything.
    pub fn example() -> Random {
        Random {
            memory: 256,
            timeout: 20,
            arm: true,
            traced: true,
            variables: vec![(1, "one".to_owned()), (2, "two: [x]".to_owned())],
            description: "an example".to_owned(),
            dead_letter: true,
            vpc: Some((2, 1)),
            json_logs: true,
            tags: vec![(1, "a".to_owned())],
            reserved: Some(20),
            provisioned: Some(4),
            mapping: Some((5, true)),
            second: true,
        }
    }

    /// This one changed into another, keeping what cannot be distinguished from unmanaged resources once it is gone.
    pub fn edited(&self, to: &Random) -> Random {
        Random {
            provisioned: to.provisioned.or(self.provisioned),
            mapping: to.mapping.or(self.mapping),
            second: self.second || to.second,
            ..to.clone()
        }
    }
}

impl Arbitrary for Random {
    type Parameters = ();
    type Strategy = BoxedStrategy<Random>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        let text = || "[a-zA-Z0-9 ,:{}#'\"\\[\\]äß_-]{0,20}";
        let runs = (128..4096_u16, 1..250_u8, any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
        let texts = (
            prop::collection::vec((0..6_u8, text()), 0..4),
            text(),
            prop::collection::vec((0..4_u8, "[a-z0-9 ]{0,9}"), 0..3),
        );
        let parts = (
            prop::option::of((1..4_u8, 1..3_u8)),
            prop::option::of(10..40_u8),
            prop::option::of(1..9_u8),
            prop::option::of((1..10_u8, any::<bool>())),
            any::<bool>(),
        );
        (runs, texts, parts)
            .prop_map(
                |((memory, timeout, arm, traced, dead_letter, json_logs), (variables, description, tags), parts)| {
                    let (vpc, reserved, provisioned, mapping, second) = parts;
                    Random {
                        memory,
                        timeout,
                        arm,
                        traced,
                        variables,
                        description,
                        dead_letter,
                        vpc,
                        json_logs,
                        tags,
                        reserved,
                        provisioned,
                        mapping,
                        second,
                    }
                },
            )
            .boxed()
    }
}

/// The spec of a random stack. JSON is YAML, and quotes everything.
pub fn stack(random: &Random) -> String {
    use std::fmt::Write;
    let text = |value: &str| serde_json::Value::from(value.replace("${", "$")).to_string();
    let map = |pairs: &[(u8, String)], prefix: &str| {
        let unique: std::collections::BTreeMap<u8, &String> = pairs.iter().map(|(key, value)| (*key, value)).collect();
        let fields: Vec<String> =
            unique.into_iter().map(|(key, value)| format!("{prefix}{key}: {}", text(value))).collect();
        format!("{{{}}}", fields.join(", "))
    };
    let mut spec = String::from("version: 1\nstack: random\nfunctions:\n");
    if random.second {
        let _ = write!(
            spec,
            "  other:\n    runtime: nodejs22.x\n    handler: index.handler\n    role: arn:aws:iam::123456789012:role/other\n    code: {{zip: package.zip}}\n    publish: {{description: first}}\n"
        );
    }
    let _ = write!(
        spec,
        "  orders:\n    runtime: python3.13\n    handler: app.handler\n    role: arn:aws:iam::123456789012:role/orders\n    code: {{zip: package.zip}}\n    memory_size: {}\n    timeout: {}\n    architectures: [{}]\n    tracing_config: {{mode: {}}}\n    description: {}\n    environment: {{variables: {}}}\n    tags: {}\n",
        random.memory,
        random.timeout,
        if random.arm { "arm64" } else { "x86_64" },
        if random.traced { "Active" } else { "PassThrough" },
        text(&random.description),
        map(&random.variables, "VARIABLE_"),
        map(&random.tags, "tag"),
    );
    if random.dead_letter {
        spec.push_str("    dead_letter_config: {target_arn: \"arn:aws:sqs:us-east-1:123456789012:dead\"}\n");
    }
    if let Some((subnets, groups)) = random.vpc {
        let list =
            |prefix: &str, count: u8| (0..count).map(|at| format!("{prefix}-0{at}")).collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            spec,
            "    vpc_config: {{subnet_ids: [{}], security_group_ids: [{}]}}",
            list("subnet", subnets),
            list("sg", groups)
        );
    }
    if random.json_logs {
        spec.push_str("    logging_config: {log_format: JSON, system_log_level: WARN, log_group: /logs/orders}\n");
    }
    if let Some(reserved) = random.reserved {
        let _ = writeln!(spec, "    reserved_concurrent_executions: {reserved}");
    }
    spec.push_str("    aliases:\n      live:\n        function_version: published\n");
    if let Some(provisioned) = random.provisioned {
        let _ = writeln!(spec, "        provisioned_concurrent_executions: {provisioned}");
    }
    if let Some((batch, enabled)) = random.mapping {
        let _ = writeln!(
            spec,
            "        event_source_mappings:\n          queue: {{event_source_arn: \"arn:aws:sqs:us-east-1:123456789012:orders\", batch_size: {batch}, enabled: {enabled}}}"
        );
    }
    spec
}
