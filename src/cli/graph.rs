//! `trueup graph`: the dependency graph of a spec.

use clap::{Args, ValueEnum};

use super::{Exit, SpecArgs, output, session};

/// Draw the dependency graph of a spec, without touching AWS.
#[derive(Args)]
pub struct Graph {
    #[command(flatten)]
    spec: SpecArgs,
    /// The language of the picture.
    #[arg(long, value_enum, default_value = "text", env = "TRUEUP_GRAPH_FORMAT")]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Lines.
    Text,
    /// Graphviz.
    Dot,
    /// Mermaid, as GitHub draws it.
    Mermaid,
}

impl Graph {
    pub fn run(self) -> anyhow::Result<Exit> {
        let loaded = session::load(&self.spec, None)?;
        session::tell(&loaded);
        let Some(stack) = &loaded.stack else { return Ok(Exit::Error) };
        let mut graph = crate::graph::Graph::new();
        for (address, desired) in &stack.resources {
            graph.node(address.clone());
            desired.depends_on.iter().for_each(|before| graph.edge(address.clone(), before.clone()));
        }
        output::text(&match self.format {
            Format::Text => graph.text(),
            Format::Dot => graph.dot(),
            Format::Mermaid => graph.mermaid(),
        })?;
        Ok(Exit::Fine)
    }
}
