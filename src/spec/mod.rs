//! From YAML text to declared resources, with everything that is wrong told at once.
//!
//! `yaml` reads text into nodes that know their places, `merge` lays files over each other, `interpolate` fills in
//! variables, `shape` holds nodes to the schemas of the kinds, `resources` cuts the tree into resources by the places
//! in the table of kinds, `references` joins them, and the kinds' own rules have the last word.

mod interpolate;
mod merge;
mod references;
mod resources;
mod rules;
pub mod schema;
mod shape;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path as FilePath, PathBuf};

use serde_json::Value;

use crate::kinds::At;
use crate::model::{Address, Diagnostic, Path, Scope, Secrets, Severity, Source, Span, Template};

/// What a spec is made from.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The spec files, merged from left to right.
    pub files: Vec<PathBuf>,
    /// Variables that win over those of the files.
    pub vars: Vec<(String, String)>,
    /// YAML files of variables.
    pub var_files: Vec<PathBuf>,
    /// What `${env.X}` means.
    pub environment: BTreeMap<String, String>,
}

/// Where files are read from; the real one is [`crate::files::Disk`].
pub trait Files {
    /// The bytes of a file.
    fn read(&self, path: &FilePath) -> io::Result<Vec<u8>>;
}

/// The account and region that a spec insists on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The account's twelve digits.
    pub account: Option<String>,
    /// The region.
    pub region: Option<String>,
}

/// A spec that was read.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// What is declared; absent if there are errors.
    pub stack: Option<Stack>,
    /// The account and region that it insists on, as far as that could be read.
    pub target: Option<Target>,
    /// The texts that diagnostics point into.
    pub sources: Vec<Source>,
    /// Errors and warnings, in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
    /// Values that must not be shown.
    pub secrets: Secrets,
}

/// Everything that a spec declares.
#[derive(Clone, Debug)]
pub struct Stack {
    /// The account, region and stack name.
    pub scope: Scope,
    /// Whether what the stack's resources have beside it is deleted.
    pub prune: bool,
    /// The resources.
    pub resources: BTreeMap<Address, Desired>,
}

/// One declared resource.
#[derive(Clone, Debug)]
pub struct Desired {
    /// Where it is.
    pub at: At,
    /// Its value, with the defaults that do not depend on anything else.
    pub value: Value,
    /// Fields that refer to other resources; the value has readable text in their place.
    pub pending: BTreeMap<Path, Template>,
    /// What it hangs on, and what it refers to.
    pub depends_on: BTreeSet<Address>,
    /// What it hangs on.
    pub parent: Option<Address>,
    /// Fields that are not ours.
    pub ignore: Vec<Path>,
    /// Whether it must never be deleted or replaced.
    pub prevent_destroy: bool,
    /// Whether what lives below it and is not declared is deleted.
    pub prune: bool,
    /// Its key in the spec.
    pub span: Span,
    /// The folder that its relative paths start from: that of the file in which it first appears.
    pub folder: PathBuf,
}

/// Reads a spec. Without an account and a region, the target's serve, and made-up ones where it has none.
pub fn load(inputs: &Inputs, files: &dyn Files, scope: Option<(String, String)>) -> Loaded {
    let mut found = Found::default();
    let mut loaded = Loaded::default();
    if let Some(root) = read_all(inputs, files, &mut found) {
        loaded.stack = resources::resources(root, inputs, files, scope, &mut found, &mut loaded.target);
    }
    found.diagnostics.sort_by_key(|diagnostic| {
        let place = diagnostic.span.as_ref().map(|span| (span.source, span.range.start));
        (place, diagnostic.severity, diagnostic.code)
    });
    found.diagnostics.dedup();
    if found.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        loaded.stack = None;
    }
    loaded.sources = found.sources;
    loaded.diagnostics = found.diagnostics;
    loaded.secrets = found.secrets;
    loaded
}

/// Reads the files and lays them over each other.
fn read_all(inputs: &Inputs, files: &dyn Files, found: &mut Found) -> Option<yaml::Node> {
    let mut root: Option<yaml::Node> = None;
    for file in &inputs.files {
        let Some(node) = found.read(file, files) else { continue };
        root = Some(match root {
            None => node,
            Some(base) => merge::merge(base, node),
        });
    }
    root
}

/// What has been found out so far: texts, complaints, secrets.
#[derive(Default)]
struct Found {
    sources: Vec<Source>,
    diagnostics: Vec<Diagnostic>,
    secrets: Secrets,
    folders: Vec<PathBuf>,
}

impl Found {
    /// Reads one YAML file.
    fn read(&mut self, file: &FilePath, files: &dyn Files) -> Option<yaml::Node> {
        let name = file.display().to_string();
        let bytes = match files.read(file) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.error("S001", None, format!("could not read {name}: {error}"), "check the path given with `-f`");
                return None;
            }
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                self.error("S001", None, format!("{name} is not UTF-8: byte {at} is wrong"), "save the file as UTF-8");
                return None;
            }
        };
        let source = self.sources.len();
        self.sources.push(Source { name, text });
        self.folders.push(file.parent().map(FilePath::to_path_buf).unwrap_or_default());
        match yaml::parse(&self.sources[source].text, source) {
            Ok(node) => Some(node),
            Err(problem) => {
                self.error("S001", Some(problem.span), problem.message, "");
                None
            }
        }
    }

    fn error(&mut self, code: &'static str, span: Option<Span>, message: String, help: &str) -> &mut Diagnostic {
        self.report(Severity::Error, code, span, message, help)
    }

    fn report(
        &mut self,
        severity: Severity,
        code: &'static str,
        span: Option<Span>,
        message: String,
        help: &str,
    ) -> &mut Diagnostic {
        let help = (!help.is_empty()).then(|| help.to_owned());
        let diagnostic = Diagnostic { severity, code, message, span, label: String::new(), related: Vec::new(), help };
        self.diagnostics.push(diagnostic);
        self.diagnostics.last_mut().expect("just pushed")
    }
}

/// The name most like `wanted`, if one is like it at all.
fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = names.into_iter().take(10_000).map(|name| (strsim::jaro_winkler(wanted, name), name));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))?;
    (best.0 > 0.8).then_some(best.1)
}
