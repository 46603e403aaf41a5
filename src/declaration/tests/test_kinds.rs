//! Two small kinds in place of the real ones, so that the loader's tests do not depend on how large the real ones are.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::kinds::{alias, reserved_concurrency};
use crate::model::{Action, AttributeName, ErrorRule, Findings, KindId, WarningRule};
use crate::resource::{
    ApplyWrites, Attribute, Attributes, Authorize, Context, Declare, KindCalls, KindEntry, Lifecycle, Observe,
    Observed, PlanWrites, PlannedWrite, Present, RequestError, ResourceRef, WriteContext, WriteRequest,
};
use crate::wire::{Call, Missing, Operation, ReadCache, Reply};

const V900: ErrorRule = ErrorRule::declare("V900");
const V901: ErrorRule = ErrorRule::declare("V901");
const V902: WarningRule = WarningRule::declare("V902");

/// The table of the tests.
pub fn table() -> Vec<KindEntry> {
    vec![
        KindEntry::new::<FunctionSpec>(),
        KindEntry::new::<VersionSpec>(),
        KindEntry::new::<alias::Alias>(),
        KindEntry::new::<reserved_concurrency::ReservedConcurrency>(),
    ]
}

/// A resource type that only the loader asks.
macro_rules! declared_only {
    ($spec:ty) => {
        impl Observe for $spec {
            fn observe(_: &ResourceRef, _: Option<&$spec>, _: &ReadCache) -> Result<Option<Observed<$spec>>, Missing> {
                Ok(None)
            }
        }
        impl Present for $spec {
            const LABEL: &'static str = "example";
        }
        impl Authorize for $spec {
            const CALLS: KindCalls = KindCalls::NONE;
        }

        impl ApplyWrites for $spec {
            fn request(operation: Operation, _write: &WriteRequest<'_, $spec>) -> Result<Call, RequestError> {
                Err(RequestError::ForeignOperation(operation))
            }
            fn read_response(_at: &ResourceRef, _desired: Option<&$spec>, _reply: &Reply) -> Option<Observed<$spec>> {
                None
            }
        }
    };
}

declared_only!(FunctionSpec);
declared_only!(VersionSpec);

#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FunctionSpec {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    function_name: Option<String>,
    /// The role that it runs as.
    #[schemars(
        length(max = 2048),
        regex(pattern = r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$"),
        extend("examples" = ["arn:aws:iam::123456789012:role/NAME"])
    )]
    role: String,
    #[serde(default = "three")]
    #[schemars(range(min = 1, max = 900), extend("x-unit" = "seconds"))]
    timeout: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-unit" = "MB"))]
    memory_size: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["python3.13", "nodejs22.x"], "x-open-enum" = "AWS adds runtimes"))]
    runtime: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["Active", "PassThrough"]))]
    tracing: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    environment: Option<Environment>,
    #[serde(default)]
    #[schemars(length(max = 2))]
    layers: Vec<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-words" = {"external": {"external": true}}))]
    code: Option<Code>,
    #[serde(default)]
    durable: bool,
    #[serde(default)]
    #[schemars(extend("x-derived" = true))]
    sha256: String,
}

fn three() -> i32 {
    3
}

#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Environment {
    #[schemars(extend("x-secret" = true))]
    variables: BTreeMap<String, String>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Code {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dir: Option<String>,
    #[serde(default)]
    external: bool,
}

impl Declare for FunctionSpec {
    const KIND: KindId = KindId::Function;
    const PLACES: &'static [&'static str] = &["functions.*"];
    const EXAMPLE: &'static str = "";

    fn name(spec: &FunctionSpec, key: &str) -> String {
        spec.function_name.clone().unwrap_or_else(|| key.to_owned())
    }

    fn check(spec: &FunctionSpec, _at: &ResourceRef, _cx: &dyn Context, findings: &mut Findings) {
        if spec.memory_size.is_some_and(|size| size < 128) {
            findings.error(V900, "memory_size", "functions take at least 128 MB").help("write 128");
        }
        if spec.environment.as_ref().is_some_and(|it| it.variables.contains_key("AWS_REGION")) {
            findings.error(V901, "environment.variables.AWS_REGION", "AWS_REGION is Lambda's own");
        }
        if spec.code.is_none() {
            findings.warning(V902, "code", "the function has no code");
        }
    }
}

impl PlanWrites for FunctionSpec {
    fn writes(_change: &WriteContext<'_, FunctionSpec>) -> Vec<PlannedWrite> {
        Vec::new()
    }

    fn attributes(at: &ResourceRef, _: &FunctionSpec, _: Option<&Observed<FunctionSpec>>, _: Action) -> Attributes {
        let arn = at.scope.arn(&format!("function:{}", at.own()));
        Attributes::from([
            (AttributeName::ARN, Attribute::Known(json!(arn))),
            (AttributeName::NAME, Attribute::Known(json!(at.own()))),
        ])
    }
}

#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionSpec {
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retain_versions: Option<u32>,
    #[serde(default)]
    #[schemars(extend("x-derived" = true))]
    content: Value,
}

fn yes() -> bool {
    true
}

impl Declare for VersionSpec {
    const KIND: KindId = KindId::Version;
    const PLACES: &'static [&'static str] = &["functions.*.publish"];
    const EXAMPLE: &'static str = "";
    const SHORTHAND: Option<&'static str> = Some("enabled");

    fn lifecycle() -> Lifecycle {
        Lifecycle { implied: true, ..Lifecycle::default() }
    }
}

impl PlanWrites for VersionSpec {
    fn writes(_change: &WriteContext<'_, VersionSpec>) -> Vec<PlannedWrite> {
        Vec::new()
    }

    fn attributes(_: &ResourceRef, _: &VersionSpec, _: Option<&Observed<VersionSpec>>, _: Action) -> Attributes {
        Attributes::from([(AttributeName::VERSION, Attribute::Unknown)])
    }
}
