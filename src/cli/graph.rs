//! `trueup graph`: prints the dependency graph of a spec.

use clap::{Args, ValueEnum};

use super::{CommandError, ErrorKind, Exit, SpecArgs, options, output, targets};
use crate::model::suggest::listed;
use crate::session::{SessionError, SpecDiagnostics, TargetSpec};

const EXAMPLES: &str = "\
Examples:
  trueup graph -f stack.yaml
  trueup graph -f stack.yaml --format mermaid";

/// Print the dependency graph of a spec
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct GraphCommand {
    #[command(flatten)]
    spec: SpecArgs,
    /// Print in this format
    #[arg(long, value_enum, default_value = "text", env = "TRUEUP_GRAPH_FORMAT")]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// One line per dependency
    Text,
    /// Graphviz
    Dot,
    /// Mermaid, which GitHub renders
    Mermaid,
}

impl GraphCommand {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, CommandError> {
        let mut specs = targets::read(&self.spec)?;
        if specs.len() > 1 {
            let names = specs.iter().filter_map(|it| it.spec.target());
            let message = format!("the spec has several targets: {}", listed(names));
            return Err(CommandError::message(ErrorKind::Failed, message).hint("choose one with --only"));
        }
        let Some(TargetSpec { offline: loaded, .. }) = specs.pop() else { return Ok(Exit::Success) };
        let findings = SpecDiagnostics { diagnostics: loaded.diagnostics, sources: loaded.sources };
        let Some(stack) = &loaded.stack else { return Err(SessionError::Spec(findings).into()) };
        options::print_findings(&findings);
        let mut graph = crate::graph::Graph::new();
        for (address, desired) in &stack.resources {
            graph.node(address.clone());
            desired.depends_on.iter().for_each(|before| graph.edge(address.clone(), before.clone()));
        }
        output::print(&match self.format {
            Format::Text => graph.text(),
            Format::Dot => graph.dot(),
            Format::Mermaid => graph.mermaid(),
        })?;
        Ok(Exit::Success)
    }
}
