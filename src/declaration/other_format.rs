//! Files of other tools, recognised before they are read as YAML, so that one error says what they are.

use std::path::Path;

use serde_json::{Map, Value};

use super::report::{self, DiagnosticSink};
use crate::model::Span;

/// The format of a file that is not a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherFormat {
    /// An AWS SAM template.
    Sam,
    /// A CloudFormation template.
    CloudFormation,
    /// A configuration of the Serverless Framework.
    Serverless,
    /// A Terraform or OpenTofu configuration.
    Terraform,
    /// A state file of Terraform or OpenTofu.
    TerraformState,
    /// A Kubernetes manifest.
    Kubernetes,
    /// A Pulumi project.
    Pulumi,
    /// A plan that `plan --out` saved.
    SavedPlan,
}

impl OtherFormat {
    /// Returns the format of a file that is certainly not a spec. A file with the keys `version` and `stack` of a spec, or
    /// whose keys do not tell, is taken for one.
    pub fn of(name: &str, text: &str) -> Option<OtherFormat> {
        let extension = Path::new(name).extension().and_then(|it| it.to_str()).unwrap_or_default();
        if matches!(extension, "tf" | "tofu" | "hcl") || text.lines().any(is_terraform_block) {
            return Some(OtherFormat::Terraform);
        }
        let keys = TopKeys::of(text);
        if keys.has("stack") && !keys.has("steps") {
            return None;
        }
        if (keys.has("Transform") || keys.has("Globals") || keys.has("Resources")) && text.contains("AWS::Serverless") {
            return Some(OtherFormat::Sam);
        }
        if name.ends_with(".tf.json") || (keys.has("resource") && text.contains("\"aws_")) {
            return Some(OtherFormat::Terraform);
        }
        let is_cloudformation = keys.has("Resources") && text.contains("AWS::");
        [
            (keys.has("AWSTemplateFormatVersion") || is_cloudformation, OtherFormat::CloudFormation),
            (keys.has("service") && keys.has("provider"), OtherFormat::Serverless),
            (keys.has("terraform_version"), OtherFormat::TerraformState),
            (keys.has("apiVersion") && keys.has("kind"), OtherFormat::Kubernetes),
            (keys.has("name") && keys.has("runtime"), OtherFormat::Pulumi),
            (keys.has("steps") && keys.has("resources") && keys.has("stack"), OtherFormat::SavedPlan),
        ]
        .into_iter()
        .find_map(|(is_it, format)| is_it.then_some(format))
    }

    /// Reports the file: what it is, and what to do with it.
    pub fn complain(self, name: &str, span: Span, report: &mut DiagnosticSink) {
        let (what, way_out) = match self {
            OtherFormat::Sam => (
                "an AWS SAM template",
                "declare each `AWS::Serverless::Function` under `functions:`, and its events as event source mappings, \
                 permissions and `url`",
            ),
            OtherFormat::CloudFormation => (
                "a CloudFormation template",
                "declare each `AWS::Lambda::Function` under `functions:`, with its properties in snake case",
            ),
            OtherFormat::Serverless => (
                "a configuration of the Serverless Framework",
                "declare each of its functions under `functions:`, with `code: {zip: FILE}` or `code: {dir: FOLDER}`",
            ),
            OtherFormat::Terraform => (
                "a Terraform configuration",
                "declare each `aws_lambda_function` under `functions:` in a YAML file, with the same field names",
            ),
            OtherFormat::TerraformState => {
                ("a Terraform state file", "trueup needs no state: it reads the live state from the Lambda API")
            }
            OtherFormat::Kubernetes => {
                ("a Kubernetes manifest", "pass the spec itself, which begins with `version: 1`")
            }
            OtherFormat::Pulumi => {
                ("a Pulumi project", "declare each of its Lambda functions under `functions:` in a YAML file")
            }
            OtherFormat::SavedPlan => ("a saved plan", "pass it without `-f`: `trueup apply PLAN -f SPEC`"),
        };
        report
            .error(report::OTHER_TOOL, span, format!("`{name}` is {what}, not a trueup spec"))
            .help(format!("{way_out}; `trueup schema` lists all fields"));
    }
}

/// Tests whether a line opens a block of Terraform's language, such as `resource "aws_lambda_function" "f" {`.
fn is_terraform_block(line: &str) -> bool {
    let Some(head) = line.trim_end().strip_suffix('{') else { return false };
    let mut words = head.split_whitespace();
    let labels = match words.next() {
        Some("terraform" | "locals") => 0,
        Some("provider" | "variable" | "output" | "module") => 1,
        Some("resource" | "data") => 2,
        _ => return false,
    };
    let rest: Vec<&str> = words.collect();
    rest.len() == labels && rest.iter().all(|label| label.starts_with('"') && label.ends_with('"'))
}

/// The keys at the top of a text, found without a YAML parser: the text need not be valid.
struct TopKeys<'t> {
    lines: Vec<&'t str>,
    json: Map<String, Value>,
}

impl<'t> TopKeys<'t> {
    fn of(text: &'t str) -> Self {
        let json = match text.trim_start().starts_with('{').then(|| serde_json::from_str(text)) {
            Some(Ok(Value::Object(map))) => map,
            _ => Map::new(),
        };
        let key = |line: &'t str| {
            let (key, _) = line.split_once(':')?;
            (!key.starts_with([' ', '\t', '#', '-'])).then(|| key.trim_matches(['"', '\'']))
        };
        TopKeys { lines: text.lines().filter_map(key).collect(), json }
    }

    fn has(&self, key: &str) -> bool {
        self.json.contains_key(key) || self.lines.contains(&key)
    }
}
