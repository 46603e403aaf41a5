//! From command-line arguments to the options of the library.
#![expect(clippy::disallowed_methods, reason = "the environment is an input of the spec")]

use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::arguments::Quota;
use super::{CloudArgs, CommandError, Exit, SpecArgs, output};
use crate::apply::ApplyOptions;
use crate::cloud::{ConnectOptions, QuotaPolicy};
use crate::declaration::Inputs;
use crate::package::{NotCode, PackageCache};
use crate::packages::PackageBuilder;
use crate::session::{ServerOptions, SimulatorOptions, SpecDiagnostics};

/// The word for no cache.
const NO_CACHE: &str = "none";

/// The word that allows no environment variable.
const NO_VARIABLE: &str = "none";

/// Returns the builder of the packages, which keeps their zips from run to run unless `--cache none` is given. The spec,
/// a saved plan and the reports are no code, also where they lie beside it.
pub fn package_builder(spec: &SpecArgs) -> PackageBuilder {
    let folder = match &spec.cache {
        Some(folder) => Some(folder.clone()).filter(|folder| folder != Path::new(NO_CACHE)),
        None => default_cache(),
    };
    let not_code = NotCode::files(spec.paths().iter().chain(&spec.not_code).map(PathBuf::as_path));
    PackageBuilder::with_cache(folder.map(PackageCache::in_folder).unwrap_or_default()).without(not_code)
}

/// Returns the folder in which the user's programs keep what may be deleted at any time.
fn default_cache() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let caches = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")))?;
    Some(caches.join("trueup/packages"))
}

/// Prints diagnostics to stderr.
pub fn print_findings(findings: &SpecDiagnostics) {
    if !findings.diagnostics.is_empty() {
        output::eprint(output::diagnostics(findings).trim_end());
    }
}

/// Runs a command that needs the network.
pub fn block_on(command: impl Future<Output = Result<Exit, CommandError>>) -> Result<Exit, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let ended = runtime.block_on(command);
    // A DNS look-up that still runs in the background must not delay the exit.
    runtime.shutdown_background();
    ended
}

/// Returns the inputs of the spec, with the environment.
pub fn inputs(spec: &SpecArgs) -> Inputs {
    Inputs {
        files: spec.files.clone(),
        vars: spec.vars.clone(),
        var_files: spec.var_files.clone(),
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        allow_env: spec.allow_env.as_ref().map(|names| {
            let names = names.iter().map(|name| name.trim().to_owned());
            names.filter(|name| name != NO_VARIABLE).collect()
        }),
        confine: spec.confine.clone(),
        ..Inputs::default()
    }
}

/// Returns the server to connect to.
pub fn server(cloud: &CloudArgs) -> ServerOptions {
    if let Some(folder) = &cloud.sim {
        return ServerOptions::Simulator(SimulatorOptions {
            folder: Some(folder.clone()),
            region: cloud.region.clone(),
            settle: cloud.sim_settle.map(Duration::from_millis),
        });
    }
    ServerOptions::Remote(connection(cloud))
}

/// Returns the options of a connection.
pub fn connection(cloud: &CloudArgs) -> ConnectOptions {
    ConnectOptions {
        region: cloud.region.clone(),
        profile: cloud.profile.clone(),
        endpoint_url: cloud.endpoint_url.clone(),
        quotas: match cloud.quotas {
            Quota::Auto => QuotaPolicy::Auto,
            Quota::Aws => QuotaPolicy::Aws,
            Quota::None => QuotaPolicy::None,
        },
        rate: cloud.rate,
        deadline: Some(Duration::from_secs(cloud.timeout)),
        seed: std::process::id().into(),
        ..ConnectOptions::default()
    }
}

/// Returns the concurrency and the timeouts.
pub fn limits(cloud: &CloudArgs) -> ApplyOptions {
    ApplyOptions {
        parallelism: usize::try_from(cloud.parallelism).unwrap_or(usize::MAX),
        deadline: Duration::from_secs(cloud.timeout),
        compare_code: !cloud.no_code_diff,
        ..ApplyOptions::default()
    }
}
