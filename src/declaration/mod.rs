//! Reads YAML and declares resources, reporting everything that is wrong at once.
//!
//! A spec passes these modules in order: [`source`] opens the files, [`yaml`] makes trees that know their places, [`merge`]
//! lays file over file, [`targets`] takes one of several, [`stages`] looks at names that vary, [`top`] takes the keys that are no resources, [`interpolate`] fills in variables, [`resources`] finds
//! the resources in their [`places`] and lays defaults under them, [`shape`] compares each with its kind's schema, [`broken`]
//! stands in for what does not fit, [`references`] and [`cycles`] make the edges of the graph, and [`mod@rules`] runs the
//! rules of the kinds. Files and the environment are read only through [`Files`] and [`Inputs`], so the same inputs give the
//! same stack, and any input is safe to try.

mod bounds;
mod broken;
mod build;
mod catalog;
mod cycles;
mod elsewhere;
mod environment;
mod expanded;
mod expression;
mod guards;
mod ignored;
mod interpolate;
mod merge;
mod node;
mod other_format;
mod partitions;
mod places;
mod references;
mod report;
mod resources;
mod rule_index;
mod rules;
pub mod schema;
mod shape;
mod source;
mod spot;
mod stack;
mod stages;
mod targets;
mod templates;
mod top;
mod types;
mod units;
mod written;
mod yaml;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use crate::kinds::KINDS;
use crate::model::{Diagnostic, Scope, Secrets, Source};
use crate::resource::KindEntry;

use build::Builder;
use environment::SpecEnvironment;
use interpolate::Values;
use node::{Content, Map, Node};
use report::DiagnosticSink;
use resources::Gatherer;

pub use report::PACKAGE;
pub use rule_index::{rule, rules, rules_near};
use source::Opened;
pub use source::{Files, Inputs};
pub use stack::{Desired, Stack, Target};

/// All that came of reading a spec.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The stack; absent if there is an error among the diagnostics.
    pub stack: Option<Stack>,
    /// The only account and region in which the spec may be applied, as far as that could be read.
    pub target: Option<Target>,
    /// The texts that the diagnostics point into.
    pub sources: Vec<Source>,
    /// The errors and warnings, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The values that must not be shown.
    pub secrets: Secrets,
}

/// A spec whose files were read and merged, before anything is known of the account.
///
/// Reading is the first of two stages: the same spec can be resolved without an account, to find its errors before anything
/// is sent, and again for the account and region that turn out to be the right ones.
#[derive(Clone, Debug)]
pub struct Spec {
    opened: Opened,
    environment: SpecEnvironment,
    target: Option<String>,
    confine: Option<PathBuf>,
    report: DiagnosticSink,
}

impl Spec {
    /// Reads the files. Whatever is wrong with them is among the diagnostics of [`Spec::resolve`].
    pub fn read(inputs: &Inputs, files: &dyn Files) -> Spec {
        let mut report = DiagnosticSink::default();
        let opened = source::open(inputs, files, &mut report);
        let (target, confine) = (inputs.target.clone(), inputs.confine.clone());
        Spec { opened, environment: SpecEnvironment::of(inputs), target, confine, report }
    }

    /// Tests if all files could be read, so that it is known what the spec has.
    pub fn is_readable(&self) -> bool {
        self.opened.tree.is_some()
    }

    /// Returns the names of the targets among which it must be given one, in the order of the text.
    pub fn targets(&self) -> Vec<String> {
        self.opened.tree.as_ref().and_then(Node::as_map).map(targets::names).unwrap_or_default()
    }

    /// Returns the name of the target that it is resolved for.
    pub fn target(&self) -> Option<&str> {
        self.target.as_deref()
    }

    /// Returns the same spec for one of its targets.
    #[must_use]
    pub fn at(&self, target: &str) -> Spec {
        Spec { target: Some(target.to_owned()), ..self.clone() }
    }

    /// Resolves the spec for an account and a region. While they are not known, those of its target count; a part that the
    /// target does not name stays unknown, and `${account}` or `${region}` stays in the values.
    pub fn resolve(self, known: Option<(String, String)>) -> Loaded {
        self.resolve_by(&KINDS, known)
    }

    fn resolve_by(self, table: &[KindEntry], known: Option<(String, String)>) -> Loaded {
        let Spec { opened, environment, target: chosen, confine, mut report } = self;
        let (mut stack, mut target) = (None, None);
        let (mut secrets, mut quoted) = (Secrets::default(), Secrets::default());
        if let Some(Content::Map(tree)) = opened.tree.map(|tree| tree.content) {
            templates::warn(&tree, &mut report);
            templates::warn(&opened.vars, &mut report);
            let mut values = Values::new(&environment, &opened.sources);
            let root = places::tree(table);
            let folders = &opened.folders;
            let loading = Loading { table, root: &root, known, folders, report: &mut report, secrets: &mut secrets };
            let chosen = Chosen { target: chosen.as_deref(), vars: opened.vars };
            let made = loading.stack(tree, chosen, &mut values);
            // Messages quote what is in the file; only the environment's values are not on the user's screen already.
            quoted = values.secrets.revealing(&secrets);
            target.clone_from(&made.target);
            stack = Some(Stack { confine, ..made }).filter(|_| report.errors() == 0);
        }
        Loaded { stack, target, diagnostics: report.finish(&quoted), sources: opened.sources, secrets }
    }
}

/// Reads and resolves a spec; see [`Spec`].
pub fn load(inputs: &Inputs, files: &dyn Files, known: Option<(String, String)>) -> Loaded {
    Spec::read(inputs, files).resolve(known)
}

/// What a run chooses: one of several targets, and the values of variables.
struct Chosen<'c> {
    target: Option<&'c str>,
    vars: Map,
}

/// One spec on its way from a tree to a stack.
struct Loading<'t, 'r> {
    table: &'t [KindEntry],
    root: &'r places::Place<'t>,
    known: Option<(String, String)>,
    folders: &'r [PathBuf],
    report: &'r mut DiagnosticSink,
    secrets: &'r mut Secrets,
}

impl Loading<'_, '_> {
    fn stack(self, mut tree: Map, chosen: Chosen<'_>, values: &mut Values<'_>) -> Stack {
        let Loading { table, root, known, folders, report, secrets } = self;
        stages::check(&tree, root, table, report);
        let mut given = targets::choose(&mut tree, chosen.target, report);
        // What the user gives to a run has the last word, in every target.
        given.extend(chosen.vars);
        let declared = tree.shift_remove("vars");
        values.vars = source::variables(declared.as_ref().map(|field| &field.node), given, report);
        let top = top::read(&mut tree, root, values, report);
        let target = top.target.as_ref();
        let (account, region) = match known {
            Some((account, region)) => (Some(account), Some(region)),
            None => (target.and_then(|target| target.account.clone()), target.and_then(|target| target.region.clone())),
        };
        let scope = Arc::new(Scope { account, region, stack: top.stack.unwrap_or_default() });
        values.scope = Some(scope.clone());
        values.collections = root.fields.keys().copied().collect();
        values.forget();
        values.expand_map(&mut tree, report);
        let defaults = top::defaults(&mut tree, table, report);
        let mut gatherer = Gatherer { defaults, found: Vec::new(), broken: top.misspelled, report };
        let prune_kinds = gatherer.gather(root, tree, top.prune);
        let Gatherer { found, broken, .. } = gatherer;
        *secrets = values.secrets.clone();
        let is_account = |text: &&str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        let account = scope.account.as_deref().filter(is_account);
        let words = [account, scope.region.as_deref(), Some(scope.stack.as_str())];
        words.into_iter().flatten().for_each(|word| secrets.reveal(word));
        let resources = Builder::new(table, root, &scope, folders, report, secrets).build(found, broken);
        Stack { scope, target: top.target, guards: top.guards, prune: top.prune, prune_kinds, resources, confine: None }
    }
}
