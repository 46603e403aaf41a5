//! `trueup iam-policy`: prints the least IAM policy with which a command works on a spec.

use clap::{Args, ValueEnum};

use super::{CommandError, Exit, SpecArgs, options, output, quoted, targets};
use crate::declaration::Stack;
use crate::iam::{IamPolicy, PolicyOptions, PolicyPurpose, import_policy, policy};
use crate::model::{PerTarget, TargetPart};
use crate::session::{SpecDiagnostics, TargetSpec, check_targets};
use crate::show::iam::terraform;

const EXAMPLES: &str = "\
Examples:
  trueup iam-policy plan -f stack.yaml > plan-policy.json
  trueup iam-policy apply -f stack.yaml --prune --format terraform";

/// Print the least IAM policy with which a command works on a spec
///
/// Functions, layers and roles are named as in the spec; what cannot be named by its ARN is restricted by the stack's tag, or by the
/// function that it belongs to. The account and the region are those of the spec's `target`, and any where it names none.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct IamPolicyCommand {
    /// Print the policy for this command
    #[arg(value_enum)]
    command: PolicyCommand,
    #[command(flatten)]
    spec: SpecArgs,
    /// Print in this format
    #[arg(long, value_enum, default_value = "json", env = "TRUEUP_IAM_FORMAT")]
    format: PolicyFormat,
    /// Let apply delete what the spec does not declare, as with `apply --prune`
    #[arg(long, env = "TRUEUP_PRUNE")]
    prune: bool,
    /// Let apply replace what loses data, as with `apply --allow-replace`
    #[arg(long, env = "TRUEUP_ALLOW_REPLACE")]
    allow_replace: bool,
    /// Name functions by this pattern, such as 'shop-*', instead of one by one
    #[arg(long = "functions", value_name = "PATTERN", env = "TRUEUP_IAM_FUNCTIONS", value_delimiter = ',')]
    functions: Vec<String>,
    /// Name roles by this pattern, such as 'shop-*', instead of one by one
    #[arg(long = "roles", value_name = "PATTERN", env = "TRUEUP_IAM_ROLES", value_delimiter = ',')]
    roles: Vec<String>,
}

/// The command that a policy is for.
#[derive(Clone, Copy, ValueEnum)]
enum PolicyCommand {
    /// For `plan` and `verify`
    Plan,
    /// For `apply`
    Apply,
    /// For `drift`, and `plan --full`
    Drift,
    /// For `destroy`
    Destroy,
    /// For `import`, which reads everything and needs no spec
    Import,
}

/// The format of a policy.
#[derive(Clone, Copy, ValueEnum)]
enum PolicyFormat {
    /// A policy document
    Json,
    /// Terraform's `aws_iam_policy_document`
    Terraform,
}

impl PolicyCommand {
    /// Returns the purpose of a policy that is made for a spec.
    fn purpose(self) -> Option<PolicyPurpose> {
        match self {
            PolicyCommand::Plan => Some(PolicyPurpose::Plan),
            PolicyCommand::Apply => Some(PolicyPurpose::Apply),
            PolicyCommand::Drift => Some(PolicyPurpose::Drift),
            PolicyCommand::Destroy => Some(PolicyPurpose::Destroy),
            PolicyCommand::Import => None,
        }
    }
}

impl IamPolicyCommand {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, CommandError> {
        let policies = match self.command.purpose() {
            Some(purpose) => self.of_spec(purpose)?,
            None => vec![(None, import_policy())],
        };
        match self.format {
            // The policy of a single target is one that IAM takes as it is.
            PolicyFormat::Json if policies.len() == 1 => output::print_json(&policies[0].1)?,
            PolicyFormat::Json => output::print_json(&PerTarget::of(policies))?,
            PolicyFormat::Terraform => {
                let command = self.command.to_possible_value();
                let command = command.as_ref().map_or("", |value| value.get_name());
                let is_only = policies.len() == 1;
                let named = |(target, policy): &(Option<String>, IamPolicy)| {
                    let of =
                        target.as_ref().filter(|_| !is_only).map_or_else(String::new, |target| format!("{target}_"));
                    terraform(policy, &format!("trueup_{of}{command}"))
                };
                output::print(&policies.iter().map(named).collect::<Vec<_>>().join("\n"))?;
            }
        }
        Ok(Exit::Success)
    }

    /// Returns the policy for each target of the spec.
    fn of_spec(&self, purpose: PolicyPurpose) -> Result<Vec<(Option<String>, IamPolicy)>, CommandError> {
        let specs = targets::read(&self.spec)?;
        check_targets(&specs)?;
        let options = PolicyOptions {
            prune: self.prune,
            allow_replace: self.allow_replace,
            functions: self.functions.clone(),
            roles: self.roles.clone(),
        };
        let mut policies = Vec::new();
        for TargetSpec { spec, offline } in specs {
            options::print_findings(&SpecDiagnostics { diagnostics: offline.diagnostics, sources: offline.sources });
            let Some(stack) = offline.stack else { continue };
            let policy = policy(&stack, purpose, &options);
            remark(&stack, &policy, &options);
            policies.push((spec.target().map(str::to_owned), policy));
        }
        Ok(policies)
    }
}

/// Returns the patterns by which the policy names nothing.
fn unfitting<'o>(policy: &IamPolicy, options: &'o PolicyOptions) -> Vec<&'o String> {
    let named = |start: &str, pattern: &str| {
        let end = format!("{start}{pattern}");
        policy.statements.iter().flat_map(|it| &it.resources).any(|arn| {
            // An ARN of a function may go on with its versions.
            arn.split_once(&end).is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with(':'))
        })
    };
    let functions = options.functions.iter().filter(|it| !named(":function:", it));
    functions.chain(options.roles.iter().filter(|it| !named(":role/", it))).collect()
}

/// Prints what to know of a policy before it is used.
fn remark(stack: &Stack, policy: &IamPolicy, options: &PolicyOptions) {
    let parts = [TargetPart::Account, TargetPart::Region].into_iter();
    let unknown = parts.filter(|part| stack.scope.known(*part).is_none());
    let unknown: Vec<String> = unknown.map(|part| format!("any {part}")).collect();
    if !unknown.is_empty() {
        let unknown = unknown.join(" and ");
        output::eprint(&format!("note: the policy is for {unknown}, because the spec's `target` names none"));
    }
    for pattern in unfitting(policy, options) {
        output::eprint(&format!("note: nothing in the spec fits the pattern {}", quoted::argument(pattern)));
    }
    if policy.size() > IamPolicy::MAX_MANAGED {
        let (size, most) = (policy.size(), IamPolicy::MAX_MANAGED);
        let unused = [(&options.functions, "functions by --functions"), (&options.roles, "roles by --roles")];
        let unused: Vec<&str> = unused.iter().filter(|(patterns, _)| patterns.is_empty()).map(|(_, it)| *it).collect();
        let help = match unused.is_empty() {
            true => "choose patterns that more names fit".to_owned(),
            false => format!("name {} PATTERN", unused.join(" PATTERN, and ")),
        };
        output::eprint(&format!("note: the policy has {size} characters, and a managed policy at most {most}: {help}"));
    }
}
