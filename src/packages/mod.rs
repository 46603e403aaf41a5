//! Builds the deployment packages that a stack names, and checks them by the rules of their kinds.

mod builder;

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexSet;

use crate::declaration::{self, Desired, Stack};
use crate::kinds;
use crate::model::{Address, Diagnostic, Findings, Package, RuleId, Secrets, Severity};
use crate::package;
use crate::resource::UsedPackage;
pub use builder::{BuiltPackage, PackageBuilder, PackageRequest};

/// The treatment of a package whose file or directory does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// It is an error, because the package is needed.
    Error,
    /// It is no finding, because the package may be built later.
    Accepted,
}

/// The packages of a stack.
#[derive(Clone, Debug, Default)]
pub struct BuiltPackages {
    /// The packages by the resources that name them.
    pub packages: BTreeMap<Address, Arc<Package>>,
    /// An error for each package that cannot be built, and the warnings about the others.
    pub diagnostics: Vec<Diagnostic>,
}

impl BuiltPackages {
    /// Returns the diagnostics without secrets, which stand in them where a path or a handler is made of one.
    pub fn scrubbed(&self, secrets: &Secrets) -> Vec<Diagnostic> {
        let mut diagnostics = self.diagnostics.clone();
        for Diagnostic { message, help, .. } in &mut diagnostics {
            *message = secrets.shown(message);
            *help = help.take().map(|help| secrets.shown(&help));
        }
        diagnostics
    }
}

/// Builds the packages that the covered resources of a stack name. A path is relative to the folder of the file that names it, and does not lead
/// out of the folder that the stack is confined to.
pub fn build(
    builder: &PackageBuilder,
    stack: &Stack,
    is_covered: impl Fn(&Address) -> bool,
    absent: Absent,
) -> BuiltPackages {
    let mut built = BuiltPackages::default();
    let request = |desired: &Desired| {
        let source = kinds::entry(desired.at.address.kind).package_source(&desired.value)?;
        Some(PackageRequest { source, folder: desired.folder.clone(), confine: stack.confine.clone() })
    };
    let covered = stack.resources.iter().filter(|(address, _)| is_covered(address));
    let wanted: Vec<_> = covered.filter_map(|(address, desired)| Some((address, desired, request(desired)?))).collect();
    // Functions often share a package.
    let requests: IndexSet<PackageRequest> = wanted.iter().map(|(_, _, request)| request.clone()).collect();
    let packages = builder.build_all(&Vec::from_iter(requests.iter().cloned()));
    for (address, desired, request) in &wanted {
        let package = requests.get_index_of(request).and_then(|number| packages.get(number));
        match package {
            None => {}
            Some(Ok(package)) => drop(built.packages.insert((*address).clone(), package.clone())),
            Some(Err(error)) => {
                let is_missing = error.is_missing_source(&package::path(&request.source, &desired.folder));
                if is_missing && absent == Absent::Accepted {
                    continue;
                }
                let message = format!("the package of {address} cannot be built: {error}");
                let help = "a path is relative to the folder of the file in which the resource first appears";
                let help = is_missing.then(|| help.to_owned());
                let code = declaration::PACKAGE.id();
                built.diagnostics.push(diagnostic(desired, Severity::Error, code, message, help));
            }
        }
    }
    let covered = stack.resources.iter().filter(|(address, _)| is_covered(address));
    let findings = covered.flat_map(|(address, desired)| findings(address, desired, &built.packages));
    let mut findings: Vec<Diagnostic> = findings.collect();
    built.diagnostics.append(&mut findings);
    built
}

/// Returns what the rules find in the package of a resource, and in those of the resources that it refers to.
fn findings(address: &Address, desired: &Desired, packages: &BTreeMap<Address, Arc<Package>>) -> Vec<Diagnostic> {
    let entry = kinds::entry(address.kind);
    let own = packages.get(address).map(AsRef::as_ref);
    let mut used = Vec::new();
    for (field, template) in &desired.pending {
        let targets = template.references().map(|reference| &reference.target);
        used.extend(
            targets.filter_map(|address| Some(UsedPackage { field, address, package: packages.get(address)? })),
        );
    }
    let mut found = Findings::default();
    entry.check_package(&desired.value, own, &used, &mut found);
    let findings = found.0.into_iter().map(|finding| {
        let message = format!("the package of {address}: {}", finding.message);
        diagnostic(desired, finding.severity, finding.code, message, finding.help)
    });
    findings.collect()
}

fn diagnostic(
    desired: &Desired,
    severity: Severity,
    code: RuleId,
    message: String,
    help: Option<String>,
) -> Diagnostic {
    let label = "its code is declared here".to_owned();
    Diagnostic { severity, code, message, span: Some(desired.span.clone()), label, related: Vec::new(), help }
}
