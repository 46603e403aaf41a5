//! `trueup sim`: the Lambda simulator on a loopback port.
#![expect(clippy::disallowed_methods, reason = "fault plans and external resources are read from files")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use super::interrupts::Interrupts;
use super::{CommandError, ErrorKind, Exit, output, quoted};
use crate::session::{SIMULATOR_ACCOUNT, SIMULATOR_REGION, simulator_options};
use crate::sim::{ExternalResources, FaultPlan, IamPolicy, RuleActivity, RuleSource, Simulator};

const EXAMPLES: &str = "\
Examples:
  trueup sim --data .trueup-sim
  trueup sim --listen 9001 --faults faults.txt";

/// Serve the Lambda simulator on a loopback port, for any client of the Lambda API
///
/// Faults are injected by the rules of a file and of options. When the server stops, it prints how often each rule acted.
#[derive(Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", FaultPlan::help()))]
pub struct SimCommand {
    /// Listen on this loopback address, or on this port; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", env = "TRUEUP_SIM_LISTEN", default_value = "127.0.0.1:9001", value_parser = address)]
    listen: SocketAddr,
    /// Also answer requests for this host name, such as host.docker.internal
    #[arg(long = "allowed-host", value_name = "NAME", env = "TRUEUP_SIM_ALLOWED_HOST", value_delimiter = ',', value_parser = host_name)]
    allowed_hosts: Vec<String>,
    /// Keep the state in this folder; without it, the state is lost on exit
    #[arg(long, value_name = "DIR", env = "TRUEUP_SIM_DATA")]
    data: Option<PathBuf>,
    /// Set the account ID of all callers
    #[arg(long, env = "TRUEUP_SIM_ACCOUNT", default_value = SIMULATOR_ACCOUNT)]
    account: String,
    /// Set the region of requests that are not signed for one
    #[arg(long, env = "TRUEUP_REGION", default_value = SIMULATOR_REGION)]
    region: String,
    /// Set how long each change takes, in milliseconds (default: 1000 to 3000)
    #[arg(long, env = "TRUEUP_SIM_SETTLE", value_name = "MS")]
    settle: Option<u64>,
    /// Inject faults by the rules in this file, one a line; --help lists all rules
    #[arg(long, value_name = "FILE", env = "TRUEUP_SIM_FAULTS")]
    faults: Option<PathBuf>,
    /// Inject faults by this rule, such as 'lose on CreateFunction at 1' (repeatable)
    #[arg(long = "rule", value_name = "RULE", env = "TRUEUP_SIM_RULE", value_delimiter = '\n')]
    rules: Vec<String>,
    /// Seed random faults: the same seed gives the same faults
    #[arg(long, value_name = "N", env = "TRUEUP_SIM_SEED")]
    seed: Option<u64>,
    /// Print each injected fault on stderr
    #[arg(long, env = "TRUEUP_SIM_VERBOSE")]
    verbose: bool,
    /// List the resources of other services: an ARN a line, `!` before a missing one
    #[arg(long, value_name = "FILE", env = "TRUEUP_SIM_EXTERNAL")]
    external: Option<PathBuf>,
    /// Deny what the IAM policy in FILE does not allow
    #[arg(long, value_name = "FILE", env = "TRUEUP_SIM_IAM")]
    iam: Option<PathBuf>,
}

impl SimCommand {
    pub async fn run(self) -> Result<Exit, CommandError> {
        if !self.listen.ip().is_loopback() {
            let why = "the simulator has no access control, so it listens on loopback addresses only";
            return Err(CommandError::message(ErrorKind::Failed, why).hint("pass --listen 127.0.0.1:9001"));
        }
        let faults = self.fault_plan()?;
        let mut options =
            simulator_options(&self.account, &self.region, self.data, self.settle.map(Duration::from_millis));
        options.faults = faults;
        options.allowed_hosts = self.allowed_hosts;
        if let Some(path) = &self.external {
            let shown = quoted::path(path);
            let names = std::fs::read_to_string(path).with_context(|| format!("could not read {shown}"))?;
            options.external = ExternalResources::parse(&names).with_context(|| format!("in {shown}"))?;
            for unused in &options.external.unused {
                output::eprint(&format!("note: {shown}, {unused}"));
            }
        }
        if let Some(path) = &self.iam {
            let shown = quoted::path(path);
            let text = std::fs::read_to_string(path).with_context(|| format!("could not read {shown}"))?;
            options.iam = Some(IamPolicy::parse(&text).with_context(|| format!("in {shown}"))?);
        }
        let policy = options.iam.clone();
        let simulator = Simulator::open(options)
            .map_err(|error| quoted::on_one_line(&anyhow::Error::from(error)))
            .context("could not open the simulator")?;
        let listener = tokio::net::TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("could not listen on {}", self.listen))?;
        // Before the address is printed: from then on a signal must stop the server in good order.
        let mut interrupts = Interrupts::new().context("could not listen to signals")?;
        output::print(&format!("Listening on http://{}\n", listener.local_addr()?))?;
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let interrupted = async {
            interrupts.next().await;
            output::eprint("Stopping: open requests have 2 seconds to finish. Press Ctrl-C again to stop now.");
            let _ = stop.send(());
            interrupts.next().await;
        };
        let served = tokio::select! {
            served = crate::sim::serve(simulator.clone(), listener, async { drop(stopped.await) }) => served,
            () = interrupted => Ok(()),
        };
        report(&simulator.rule_activity());
        if let Some(unused) = policy.map(|policy| policy.unused()).filter(|unused| !unused.is_empty()) {
            output::eprint("Granted by the policy, and used by no request:");
            unused.iter().for_each(|grant| output::eprint(&format!("  {grant}")));
        }
        served.context("could not serve the simulator")?;
        Ok(Exit::Success)
    }

    /// Returns the plan of the file's and the options' rules.
    fn fault_plan(&self) -> anyhow::Result<Option<FaultPlan>> {
        let file = match &self.faults {
            Some(path) => {
                let shown = quoted::path(path);
                let text = std::fs::read_to_string(path).with_context(|| format!("could not read {shown}"))?;
                Some((shown, text))
            }
            None => None,
        };
        let file = file.iter().map(|(name, text)| RuleSource { name, text, is_argument: false });
        let options = self.rules.iter().map(|text| RuleSource { name: "--rule", text, is_argument: true });
        let sources: Vec<RuleSource<'_>> = file.chain(options).collect();
        if sources.is_empty() {
            return Ok(None);
        }
        let mut plan = FaultPlan::parse_all(&sources)?;
        if let Some(seed) = self.seed {
            plan = plan.with_seed(seed);
        }
        if self.verbose {
            plan = plan.with_observer(|activity| {
                let RuleActivity { place, rule, operation, .. } = activity;
                output::eprint(&format!("{place}: {rule}: {}", operation.unwrap_or_default()));
            });
        }
        Ok(Some(plan))
    }
}

/// Prints on stderr how often each rule acted, so that one that never did is seen.
fn report(rules: &[RuleActivity]) {
    if rules.is_empty() {
        return;
    }
    let width = rules.iter().map(|activity| activity.place.chars().count()).max().unwrap_or_default();
    output::eprint("Faults injected, by rule:");
    for RuleActivity { place, rule, times, .. } in rules {
        output::eprint(&format!("{times:>8}  {place:width$}  {rule}"));
    }
}

/// Parses an address to listen on: in full, with the name `localhost`, or a port alone.
fn address(text: &str) -> Result<SocketAddr, String> {
    let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
    if let ("" | "localhost", Ok(port)) = (host, port.parse()) {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    text.parse()
        .map_err(|_| "expected an address and a port, or a port, as in 127.0.0.1:9001, localhost:9001, 9001".to_owned())
}

/// Parses a host name, which has no scheme and no port.
fn host_name(text: &str) -> Result<String, String> {
    match text.parse::<http::uri::Authority>() {
        Ok(authority) if authority.as_str() == authority.host() => Ok(text.to_owned()),
        _ => Err("expected a host name without a port, as in host.docker.internal".to_owned()),
    }
}
