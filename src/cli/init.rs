//! `trueup init`: writes a first spec, with a function that it deploys and the workflows of a pipeline.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};

use super::{CommandError, ErrorKind, Exit, output, quoted};

const EXAMPLES: &str = "\
Examples:
  trueup init
  trueup init checkout --stack checkout --ci gitlab";

/// Write a first spec, a function and the workflows of a pipeline
///
/// No file is overwritten. The spec can be planned and applied at once: `trueup apply --sim`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct InitCommand {
    /// Write into this folder
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Name the stack so, instead of as the folder
    #[arg(long, value_name = "NAME", env = "TRUEUP_INIT_STACK")]
    stack: Option<String>,
    /// Write the workflows for this forge
    #[arg(long, value_enum, default_value = "github", env = "TRUEUP_INIT_CI")]
    ci: Pipeline,
}

/// The forge whose pipeline is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Pipeline {
    /// GitHub Actions
    Github,
    /// GitLab CI
    Gitlab,
    /// None
    None,
}

/// The name of the spec.
const SPEC_FILE: &str = "trueup.yaml";

/// The spec; `NAME` is the stack's name, `VERSION` that of trueup.
const SPEC: &str = "\
# yaml-language-server: $schema=https://raw.githubusercontent.com/trueup-dev/trueup/vVERSION/schemas/stack.schema.json
version: 1
stack: NAME
# The only account and region in which this spec is applied:
# target: {account: \"123456789012\", region: eu-west-1}
functions:
  hello:
    function_name: NAME-hello
    runtime: python3.13
    architectures: [arm64]
    handler: app.handler
    role: arn:aws:iam::${account}:role/NAME-hello
    code: {dir: hello}
    aliases:
      live: {function_version: published}
";

/// The name of the code.
const CODE_FILE: &str = "hello/app.py";

/// The code of the function.
const CODE: &str = "def handler(event, context):\n    return {\"hello\": event.get(\"name\", \"world\")}\n";

/// The file that names what git must leave out, and its lines: the state of the simulator, and saved plans.
const IGNORE_FILE: &str = ".gitignore";
const IGNORED: &str = ".trueup/\nplan.json\n";

/// The pipelines, as the examples have them.
const GITHUB: [(&str, &str); 2] = [
    (".github/workflows/lambda.yml", include_str!("../../examples/ci/github/lambda.yml")),
    (".github/workflows/drift.yml", include_str!("../../examples/ci/github/drift.yml")),
];
const GITLAB: [(&str, &str); 1] = [(".gitlab-ci.yml", include_str!("../../examples/ci/gitlab/.gitlab-ci.yml"))];

impl InitCommand {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, CommandError> {
        let stack = self.stack_name()?;
        let spec = SPEC.replace("VERSION", env!("CARGO_PKG_VERSION")).replace("NAME", &stack);
        let pipelines = match self.ci {
            Pipeline::Github => GITHUB.as_slice(),
            Pipeline::Gitlab => GITLAB.as_slice(),
            Pipeline::None => &[],
        };
        let mut files = vec![(SPEC_FILE, spec), (CODE_FILE, CODE.to_owned())];
        files.extend(pipelines.iter().map(|(path, text)| (*path, adapted(text))));
        let existing: Vec<String> =
            files.iter().map(|(path, _)| *path).filter(|path| self.exists(path)).map(quoted_path).collect();
        if !existing.is_empty() {
            let exist = if existing.len() == 1 { "exists" } else { "exist" };
            let message = format!("nothing was written: {} {exist} already", existing.join(", "));
            let hint = match self.exists(SPEC_FILE) || self.exists(CODE_FILE) {
                true => "name another folder: trueup init DIR",
                false => "name another folder, or leave the workflows out with --ci none",
            };
            return Err(CommandError::message(ErrorKind::Failed, message).hint(hint));
        }
        self.check_folders(&files)?;
        let has_ignored = self.exists(IGNORE_FILE);
        if !has_ignored {
            files.push((IGNORE_FILE, IGNORED.to_owned()));
        }
        for (path, text) in &files {
            write(&self.folder.join(path), text)?;
        }
        if has_ignored {
            output::eprint(&format!(
                "note: {IGNORE_FILE} exists already; let it name {}",
                IGNORED.trim().replace('\n', " and ")
            ));
        }
        let written: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
        output::print(&format!("Wrote {}.\n", written.join(", ")))?;
        let change = match self.folder == Path::new(".") {
            true => String::new(),
            false => format!("cd {} && ", quoted::word(&self.folder.to_string_lossy())),
        };
        if !pipelines.is_empty() && self.is_below_repository() {
            output::eprint(
                "note: a forge reads pipelines at the root of the repository only: move them there, and adapt their paths",
            );
        }
        output::eprint(&format!("To try it on the simulator, run: {change}trueup apply --sim"));
        Ok(Exit::Success)
    }

    /// Tests if the folder lies in a repository, and is not its root.
    fn is_below_repository(&self) -> bool {
        let folder = std::path::absolute(&self.folder).unwrap_or_else(|_| self.folder.clone());
        !folder.join(".git").exists() && folder.ancestors().skip(1).any(|above| above.join(".git").exists())
    }

    /// Refuses to begin where something else is in the place of a folder.
    fn check_folders(&self, files: &[(&str, String)]) -> anyhow::Result<()> {
        for (path, _) in files {
            let path = self.folder.join(path);
            let mut folders = path.ancestors().skip(1);
            let is_in_the_way = |folder: &&Path| std::fs::symlink_metadata(folder).is_ok() && !folder.is_dir();
            if let Some(other) = folders.find(is_in_the_way) {
                anyhow::bail!("nothing was written: {} is not a folder", quoted::path(other));
            }
        }
        Ok(())
    }

    fn exists(&self, path: &str) -> bool {
        std::fs::symlink_metadata(self.folder.join(path)).is_ok()
    }

    /// Returns the stack's name: the one that is given, or the folder's with `-` for what a name cannot have.
    fn stack_name(&self) -> Result<String, CommandError> {
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if let Some(name) = &self.stack {
            let is_valid =
                name.len() <= 50 && name.starts_with(|it: char| it.is_ascii_alphabetic()) && name.chars().all(is_name);
            return match is_valid {
                true => Ok(name.clone()),
                false => Err(CommandError::message(
                    ErrorKind::Failed,
                    format!("`{}` is not a name that a stack can have here", quoted::argument(name)),
                )
                .hint("begin with a letter, and use letters, digits and `-`, 50 at most")),
            };
        }
        let folder = std::path::absolute(&self.folder).unwrap_or_else(|_| self.folder.clone());
        let name = folder.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let name: String = name.chars().map(|letter| if is_name(letter) { letter } else { '-' }).take(50).collect();
        let name = name.trim_start_matches(|letter: char| !letter.is_ascii_alphabetic()).trim_end_matches('-');
        Ok(if name.is_empty() { "example".to_owned() } else { name.to_owned() })
    }
}

fn quoted_path(path: &str) -> String {
    quoted::path(Path::new(path))
}

/// Returns a workflow of the examples for the first spec: with its file, and without the variable that theirs reads.
fn adapted(workflow: &str) -> String {
    let lines = workflow.lines().filter(|line| !line.contains("ORDERS_TOKEN:"));
    let line = |line: &str| {
        let line = line.replace("TRUEUP_FILE: stack.yaml", "TRUEUP_FILE: trueup.yaml");
        line.replace("TRUEUP_ALLOW_ENV: ORDERS_TOKEN", "TRUEUP_ALLOW_ENV: none") + "\n"
    };
    lines.map(line).collect()
}

/// Writes a file that does not exist yet, with the folders around it.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    let context = || format!("could not write {}", quoted::path(path));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(context)?;
    }
    let mut file = std::fs::File::create_new(path).with_context(context)?;
    file.write_all(text.as_bytes()).with_context(context)
}
