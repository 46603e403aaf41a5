//! `trueup completions` and `trueup man`: what shells and `man` know of the program, from its parser.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Command};
use clap_complete::Shell;

use super::{CommandError, Exit, output, quoted};

const COMPLETIONS: &str = "\
Examples:
  trueup completions bash > /etc/bash_completion.d/trueup
  trueup completions zsh > ~/.zfunc/_trueup";

/// Print a completion script for a shell
#[derive(Args)]
#[command(after_help = COMPLETIONS)]
pub struct CompletionsCommand {
    /// Complete in this shell
    #[arg(value_enum)]
    shell: Shell,
}

impl CompletionsCommand {
    /// Runs the command.
    pub fn run(self, mut program: Command) -> Result<Exit, CommandError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut program, "trueup", &mut script);
        output::print(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Success)
    }
}

const MAN: &str = "\
Examples:
  trueup man man/man1
  trueup man ~/.local/share/man/man1";

/// Write the man pages of all commands
#[derive(Args)]
#[command(after_help = MAN)]
pub struct ManCommand {
    /// Write them to this folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl ManCommand {
    /// Runs the command.
    pub fn run(self, program: Command) -> Result<Exit, CommandError> {
        let shown = quoted::path(&self.folder);
        std::fs::create_dir_all(&self.folder).with_context(|| format!("could not create {shown}"))?;
        clap_mangen::generate_to(program, &self.folder).with_context(|| format!("could not write to {shown}"))?;
        Ok(Exit::Success)
    }
}
