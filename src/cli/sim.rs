//! `trueup sim`: serve the embedded Lambda on a loopback port.
#![expect(clippy::disallowed_methods, reason = "the rules of misbehaviour and the world around come from files")]

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::{Exit, output, session};
use crate::sim::{Lambda, Misbehaviour, World};

/// Serve the embedded Lambda on a loopback port: any client that speaks the Lambda API works against it.
#[derive(Args)]
pub struct Sim {
    /// The loopback address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", env = "TRUEUP_SIM_LISTEN", default_value = "127.0.0.1:9001")]
    listen: SocketAddr,
    /// Keep everything in this folder; without it, it is gone when the server stops.
    #[arg(long, value_name = "DIR", env = "TRUEUP_SIM_DATA")]
    data: Option<PathBuf>,
    /// The account that callers are in.
    #[arg(long, env = "TRUEUP_SIM_ACCOUNT", default_value = session::SIM_ACCOUNT)]
    account: String,
    /// The region of callers that name none.
    #[arg(long, env = "TRUEUP_REGION", default_value = session::SIM_REGION)]
    region: String,
    /// How long changes take, in milliseconds; as on AWS but shorter if not given.
    #[arg(long, env = "TRUEUP_SIM_SETTLE", value_name = "MS")]
    settle: Option<u64>,
    /// A file of rules by which it misbehaves: latency, quotas, failures, lost replies, strangers.
    #[arg(long, value_name = "FILE", env = "TRUEUP_SIM_MISBEHAVE")]
    misbehave: Option<PathBuf>,
    /// One more such rule, such as `lose on CreateFunction at 1`; may be given again and again.
    #[arg(long = "rule", value_name = "RULE")]
    rules: Vec<String>,
    /// What chance among the rules is drawn from; the same seed gives the same misfortunes.
    #[arg(long, value_name = "N", env = "TRUEUP_SIM_SEED")]
    seed: Option<u64>,
    /// A file of what exists in other services, an ARN a line, `!` before what is missing; without it everything exists.
    #[arg(long, value_name = "FILE", env = "TRUEUP_SIM_WORLD")]
    world: Option<PathBuf>,
}

impl Sim {
    pub async fn run(self) -> anyhow::Result<Exit> {
        anyhow::ensure!(
            self.listen.ip().is_loopback(),
            "the embedded Lambda has no access control: it listens on loopback only"
        );
        let mut options = session::sim_options(&self.account, &self.region, self.data, self.settle);
        let mut rules = String::new();
        if let Some(path) = &self.misbehave {
            rules = std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
            Misbehaviour::read(&rules).with_context(|| format!("in {}", path.display()))?;
        }
        for rule in self.seed.iter().map(|seed| format!("seed {seed}")).chain(self.rules) {
            Misbehaviour::read(&rule).with_context(|| format!("`{rule}` is no rule"))?;
            rules.push('\n');
            rules.push_str(&rule);
        }
        options.misbehave = if rules.is_empty() { None } else { Some(Misbehaviour::read(&rules)?) };
        if let Some(path) = &self.world {
            let names = std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
            options.world = World::read(&names);
        }
        let lambda = Lambda::open(options)?;
        let listener = tokio::net::TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("could not listen on {}", self.listen))?;
        output::text(&format!("Listening on http://{}\n", listener.local_addr()?))?;
        let stopped = async {
            let _ = tokio::signal::ctrl_c().await;
        };
        crate::sim::serve(lambda, listener, stopped).await?;
        Ok(Exit::Fine)
    }
}
