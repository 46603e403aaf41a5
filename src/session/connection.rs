//! Connects a session to its server: AWS, another endpoint, or the simulator in this process.

#[cfg(feature = "sim")]
use std::path::PathBuf;
use std::sync::Arc;
#[cfg(feature = "sim")]
use std::time::Duration;

use super::SessionError;
use crate::apply::ApplyOptions;
use crate::cloud::{self, ConnectOptions};
use crate::declaration::Target;
use crate::model::TargetPart;
use crate::wire::Endpoint;

/// The account of the simulator, unless the spec's target names another.
#[cfg(feature = "sim")]
pub const SIMULATOR_ACCOUNT: &str = "123456789012";
/// The region of the simulator, unless the options or the spec's target name another.
#[cfg(feature = "sim")]
pub const SIMULATOR_REGION: &str = "us-east-1";

/// The server that a session connects to.
#[derive(Clone, Debug)]
pub enum ServerOptions {
    /// AWS Lambda, or another server that speaks its API. The spec's target gives the region and the account where these
    /// options name none.
    Remote(ConnectOptions),
    /// The built-in simulator, in this process.
    #[cfg(feature = "sim")]
    Simulator(SimulatorOptions),
}

impl Default for ServerOptions {
    fn default() -> Self {
        ServerOptions::Remote(ConnectOptions::default())
    }
}

/// The simulator that a session runs in its own process.
#[cfg(feature = "sim")]
#[derive(Clone, Debug, Default)]
pub struct SimulatorOptions {
    /// The folder that keeps the state between sessions; in memory only if absent.
    pub folder: Option<PathBuf>,
    /// The region; otherwise the target's, otherwise [`SIMULATOR_REGION`].
    pub region: Option<String>,
    /// The duration of every change; otherwise the simulator's own durations.
    pub settle: Option<Duration>,
}

/// An endpoint whose account and region are known.
pub(super) struct Connection {
    pub endpoint: Arc<dyn Endpoint>,
    pub account: String,
    pub region: String,
    pub warnings: Vec<String>,
}

impl Connection {
    /// Connects to the server for a target, which has a name if it is one of several.
    pub async fn open(
        server: ServerOptions,
        name: Option<&str>,
        target: Option<&Target>,
    ) -> Result<Connection, SessionError> {
        let target_region = target.and_then(|target| target.region.clone());
        let target_account = target.and_then(|target| target.account.clone());
        match server {
            ServerOptions::Remote(mut options) => {
                options.region = options.region.or(target_region);
                options.account = options.account.or(target_account);
                options.role_arn = options.role_arn.or_else(|| target?.role_arn.clone());
                let cloud::Connected { cloud, account, region, warnings } = cloud::connect(&options).await?;
                Ok(Connection { endpoint: Arc::new(cloud), account, region, warnings })
            }
            #[cfg(feature = "sim")]
            ServerOptions::Simulator(options) => {
                let account = target_account.unwrap_or_else(|| SIMULATOR_ACCOUNT.to_owned());
                let region = options.region.or(target_region).unwrap_or_else(|| SIMULATOR_REGION.to_owned());
                // Each of several targets has a simulated account of its own.
                let folder =
                    options.folder.map(|folder| name.map_or(folder.clone(), |name| folder.join("targets").join(name)));
                let simulated = simulator_options(&account, &region, folder, options.settle);
                let lambda = crate::sim::Simulator::open(simulated).map_err(SessionError::Simulator)?;
                let cloud = cloud::Cloud::in_process(lambda.router(), &region);
                Ok(Connection { endpoint: Arc::new(cloud), account, region, warnings: Vec::new() })
            }
        }
    }

    /// Refuses a connection to another account or region than the target's.
    pub fn check(&self, target: Option<&Target>) -> Result<(), SessionError> {
        let Some(target) = target else { return Ok(()) };
        let pairs =
            [(TargetPart::Account, &target.account, &self.account), (TargetPart::Region, &target.region, &self.region)];
        for (part, expected, actual) in pairs {
            if let Some(expected) = expected.as_ref().filter(|expected| *expected != actual) {
                return Err(SessionError::WrongTarget { part, expected: expected.clone(), actual: actual.clone() });
            }
        }
        Ok(())
    }
}

/// Returns the options of a simulated account that keeps its state in `folder`.
#[cfg(feature = "sim")]
pub fn simulator_options(
    account: &str,
    region: &str,
    folder: Option<PathBuf>,
    settle: Option<Duration>,
) -> crate::sim::Options {
    crate::sim::Options {
        account: account.to_owned(),
        region: region.to_owned(),
        data: folder,
        settle: settle.map(crate::sim::Settle::uniform).unwrap_or_default(),
        ..crate::sim::Options::default()
    }
}

/// Polls a simulator as fast as it settles.
pub(super) fn polling(server: &ServerOptions, apply: ApplyOptions) -> ApplyOptions {
    match server {
        #[cfg(feature = "sim")]
        ServerOptions::Simulator(SimulatorOptions { settle: Some(settle), .. }) => {
            ApplyOptions { first_pause: (*settle).clamp(Duration::from_millis(1), Duration::from_millis(250)), ..apply }
        }
        _ => apply,
    }
}
