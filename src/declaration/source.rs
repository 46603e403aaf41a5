//! Files and flags to texts and trees: the only part of the loader that looks outside, and only through [`Files`].

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path as FilePath, PathBuf};

use super::node::{Content, Field, Map, Node, Scalar};
use super::other_format::OtherFormat;
use super::report::{self, DiagnosticSink};
use super::{merge, yaml};
use crate::model::{Source, SourceKind, Span};

/// Everything outside its files that a spec may depend on.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The spec's files, each laid over the ones before it.
    pub files: Vec<PathBuf>,
    /// Variables and their values, from the command line; the last word on each.
    pub vars: Vec<(String, String)>,
    /// Files of variables, each a YAML map of scalars, laid over the spec's own `vars`.
    pub var_files: Vec<PathBuf>,
    /// The one of the spec's `targets` that it is resolved for.
    pub target: Option<String>,
    /// The environment, for `${env.X}`.
    pub environment: BTreeMap<String, String>,
    /// The variables of the environment that the spec may read; all if absent.
    pub allow_env: Option<BTreeSet<String>>,
    /// The folder that no path leads out of: of the spec's files, of the files of variables, and of the packages that the
    /// spec names. Anywhere if absent.
    pub confine: Option<PathBuf>,
}

/// The source of files.
pub trait Files {
    /// The whole content of a file. With `within`, a file that lies outside of this folder is an error, also if a link leads
    /// to it.
    fn read(&self, path: &FilePath, within: Option<&FilePath>) -> io::Result<Vec<u8>>;
}

/// The files and variables that the inputs name.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The texts.
    pub sources: Vec<Source>,
    /// The folders of those texts that are files.
    pub folders: Vec<PathBuf>,
    /// The spec, merged; absent if a file cannot be understood, so that nothing is concluded from half a spec.
    pub tree: Option<Node>,
    /// The variables given apart from the spec, with the place of each name.
    pub vars: Map,
}

/// Reads all files and merges them.
pub fn open(inputs: &Inputs, files: &dyn Files, report: &mut DiagnosticSink) -> Opened {
    let (mut sources, mut folders) = (Vec::new(), Vec::new());
    let mut tree: Option<Node> = None;
    let mut is_whole = true;
    let reading = Reading { files, within: inputs.confine.as_deref() };
    if inputs.files.is_empty() {
        report.error_without_place(report::UNREADABLE, "no spec was given").help("pass one with `-f FILE`");
    }
    for path in &inputs.files {
        let node = reading.file(path, SourceKind::Spec, &mut sources, report);
        folders.resize_with(sources.len(), || path.parent().map(FilePath::to_path_buf).unwrap_or_default());
        let Some(node) = node else {
            is_whole = false;
            continue;
        };
        match &mut tree {
            Some(tree) => merge::overlay(tree, node),
            None => tree = Some(node),
        }
    }
    let mut vars = Map::new();
    for path in &inputs.var_files {
        match reading.file(path, SourceKind::Variables, &mut sources, report).map(|node| node.content) {
            Some(Content::Map(map)) => vars.extend(map),
            _ => is_whole = false,
        }
    }
    for (name, value) in &inputs.vars {
        let text = format!("{name}={value}");
        let source = sources.len();
        let key = Span { source, range: 0..name.len() };
        let span = Span { source, range: name.len() + 1..text.len() };
        sources.push(Source { name: format!("--var {name}"), text, kind: SourceKind::Argument });
        let scalar = Scalar::written(value.clone(), true);
        vars.insert(name.clone(), Field { key, node: Node { content: Content::Scalar(scalar), span } });
    }
    let tree = tree.filter(|_| is_whole);
    Opened { sources, folders, tree, vars }
}

/// The source of files, and the folder that holds all of them.
struct Reading<'f> {
    files: &'f dyn Files,
    within: Option<&'f FilePath>,
}

impl Reading<'_> {
    fn file(
        &self,
        path: &FilePath,
        kind: SourceKind,
        sources: &mut Vec<Source>,
        report: &mut DiagnosticSink,
    ) -> Option<Node> {
        let name = path.display().to_string();
        let bytes = match self.files.read(path, self.within) {
            Ok(bytes) => bytes,
            Err(error) => {
                report
                    .error_without_place(report::UNREADABLE, format!("cannot read `{name}`: {error}"))
                    .help("check the path given with `-f` or `--var-file`; `trueup init` writes a first spec");
                return None;
            }
        };
        let source = sources.len();
        let (text, bad) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(at))
            }
        };
        // The mark with which some editors begin a file is no part of its text.
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        sources.push(Source { name, text, kind });
        let text = &sources[source].text;
        if let Some(at) = bad {
            // Before the bad byte nothing was replaced, so the place is the same in the text that is shown.
            let span = Span { source, range: at..(at + '\u{fffd}'.len_utf8()).min(text.len()) };
            let message = format!("the file is not UTF-8: invalid byte at offset {at}");
            report.error(report::UNREADABLE, span, message).label("not UTF-8");
            return None;
        }
        if let Some(format) = OtherFormat::of(&sources[source].name, text) {
            format.complain(&sources[source].name, Span { source, range: 0..0 }, report);
            return None;
        }
        let node = yaml::parse(text, source, report)?;
        if node.content == Content::Broken {
            return None;
        }
        if !matches!(node.content, Content::Map(_)) {
            report
                .error(
                    report::TYPE,
                    &node.span,
                    format!("expected a map at the top of the file, found {}", node.what()),
                )
                .label("not a map");
            return None;
        }
        Some(node)
    }
}

/// The spec's variables, overridden by those given apart from it.
pub fn variables(declared: Option<&Node>, given: Map, report: &mut DiagnosticSink) -> BTreeMap<String, Node> {
    let mut vars = BTreeMap::new();
    let nothing = Map::new();
    let declared = match declared.map(|node| (&node.content, node)) {
        Some((Content::Map(map), _)) => map,
        Some((Content::Null { .. } | Content::Broken, _)) | None => &nothing,
        Some((_, node)) => {
            let message = format!("`vars`: expected a map, found {}", node.what());
            report.error(report::TYPE, &node.span, message);
            &nothing
        }
    };
    for (name, field) in declared.iter().chain(&given) {
        if !matches!(field.node.content, Content::Scalar(_) | Content::Null { .. } | Content::Broken) {
            let message =
                format!("the variable `{name}`: expected a string, a number or a boolean, found {}", field.node.what());
            report.error(report::TYPE, field.node.mark(Some(&field.key)), message);
        } else if !declared.contains_key(name) {
            let near = report.did_you_mean(name, declared.keys().map(String::as_str));
            report
                .error(report::UNKNOWN_KEY, &field.key, format!("unknown variable `{name}`"))
                .label("not declared")
                .help(near.unwrap_or_else(|| "declare it under `vars:`".to_owned()));
        }
        vars.insert(name.clone(), field.node.clone());
    }
    vars
}
