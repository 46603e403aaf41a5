//! `trueup sim`: serve the embedded Lambda on a loopback port.
#![expect(clippy::disallowed_methods, reason = "the rules of misbehaviour and the world around come from files")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use super::interrupts::Interrupts;
use super::{CommandError, ErrorKind, Exit, output};
use crate::session::{SIMULATOR_ACCOUNT, SIMULATOR_REGION, simulator_options};
use crate::sim::{Acted, Lambda, Misbehaviour, RuleText, World};

/// Serve the embedded Lambda on a loopback port: any client that speaks the Lambda API works against it.
///
/// It misbehaves by the rules of a file and of flags. When it is stopped it tells how often each rule acted.
#[derive(Args)]
#[command(after_long_help = Misbehaviour::help())]
pub struct SimCommand {
    /// The loopback address to listen on, or a port alone; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", env = "TRUEUP_SIM_LISTEN", default_value = "127.0.0.1:9001", value_parser = address)]
    listen: SocketAddr,
    /// Keep everything in this folder; without it, it is gone when the server stops.
    #[arg(long, value_name = "DIR", env = "TRUEUP_SIM_DATA")]
    data: Option<PathBuf>,
    /// The account that callers are in.
    #[arg(long, env = "TRUEUP_SIM_ACCOUNT", default_value = SIMULATOR_ACCOUNT)]
    account: String,
    /// The region of callers that name none.
    #[arg(long, env = "TRUEUP_REGION", default_value = SIMULATOR_REGION)]
    region: String,
    /// How long changes take, in milliseconds; as on AWS but shorter if not given.
    #[arg(long, env = "TRUEUP_SIM_SETTLE", value_name = "MS")]
    settle: Option<u64>,
    /// A file of rules by which it misbehaves, one a line; `--help` tells all rules.
    #[arg(long, value_name = "FILE", env = "TRUEUP_SIM_MISBEHAVE")]
    misbehave: Option<PathBuf>,
    /// One more such rule, such as `lose on CreateFunction at 1`; may be given again and again.
    #[arg(long = "rule", value_name = "RULE", env = "TRUEUP_SIM_RULE", value_delimiter = '\n')]
    rules: Vec<String>,
    /// What chance among the rules is drawn from; the same seed gives the same misfortunes.
    #[arg(long, value_name = "N", env = "TRUEUP_SIM_SEED")]
    seed: Option<u64>,
    /// Tell on stderr each time that a rule acts.
    #[arg(long, env = "TRUEUP_SIM_VERBOSE")]
    verbose: bool,
    /// A file of what exists in other services, an ARN a line, `!` before what is missing; without it everything exists.
    #[arg(long, value_name = "FILE", env = "TRUEUP_SIM_WORLD")]
    world: Option<PathBuf>,
}

impl SimCommand {
    pub async fn run(self) -> Result<Exit, CommandError> {
        if !self.listen.ip().is_loopback() {
            let why = "the simulator has no access control, so it listens on loopback addresses only";
            return Err(CommandError::message(ErrorKind::Failed, why).hint("pass --listen 127.0.0.1:9001"));
        }
        let misbehave = self.misbehaviour()?;
        let mut options =
            simulator_options(&self.account, &self.region, self.data, self.settle.map(Duration::from_millis));
        options.misbehave = misbehave;
        if let Some(path) = &self.world {
            let names = std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
            options.world = World::read(&names).with_context(|| format!("in {}", path.display()))?;
            for idle in &options.world.idle {
                output::eprint(&format!("note: {}, {idle}", path.display()));
            }
        }
        let lambda = Lambda::open(options)?;
        let listener = tokio::net::TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("could not listen on {}", self.listen))?;
        // Before it is said that the server listens: from then on a signal must stop it in good order.
        let mut interrupts = Interrupts::new().context("could not listen to signals")?;
        output::print(&format!("Listening on http://{}\n", listener.local_addr()?))?;
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let interrupted = async {
            interrupts.next().await;
            output::eprint("Stopping: what is open has two seconds to end. Once more to leave at once.");
            let _ = stop.send(());
            interrupts.next().await;
        };
        let served = tokio::select! {
            served = crate::sim::serve(lambda.clone(), listener, async { drop(stopped.await) }) => served,
            () = interrupted => Ok(()),
        };
        tell(&lambda.acted());
        served?;
        Ok(Exit::Success)
    }

    /// The rules of the file and of the flags.
    fn misbehaviour(&self) -> anyhow::Result<Option<Misbehaviour>> {
        let file = match &self.misbehave {
            Some(path) => {
                let text =
                    std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
                Some((path.display().to_string(), text))
            }
            None => None,
        };
        let file = file.iter().map(|(name, text)| RuleText { name, text, is_argument: false });
        let flags = self.rules.iter().map(|text| RuleText { name: "--rule", text, is_argument: true });
        let texts: Vec<RuleText<'_>> = file.chain(flags).collect();
        if texts.is_empty() {
            return Ok(None);
        }
        let mut rules = Misbehaviour::read_all(&texts)?;
        if let Some(seed) = self.seed {
            rules = rules.with_seed(seed);
        }
        if self.verbose {
            rules = rules.told_to(|acted| {
                let Acted { place, rule, operation, .. } = acted;
                output::eprint(&format!("{place}: {rule}: {}", operation.unwrap_or_default()));
            });
        }
        Ok(Some(rules))
    }
}

/// Tells on stderr how often each rule acted, so that one that never did is seen.
fn tell(rules: &[Acted]) {
    if rules.is_empty() {
        return;
    }
    let width = rules.iter().map(|acted| acted.place.chars().count()).max().unwrap_or_default();
    output::eprint("How often each rule acted:");
    for Acted { place, rule, times, .. } in rules {
        output::eprint(&format!("{times:>8}  {place:width$}  {rule}"));
    }
}

/// An address to listen on: in full, by the name `localhost`, or a port alone.
fn address(text: &str) -> Result<SocketAddr, String> {
    let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
    if let ("" | "localhost", Ok(port)) = (host, port.parse()) {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    text.parse().map_err(|_| "write an address and a port, or a port: 127.0.0.1:9001, localhost:9001, 9001".to_owned())
}
