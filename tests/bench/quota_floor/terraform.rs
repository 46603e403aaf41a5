//! Terraform with its AWS provider, in real time and against the simulator behind HTTP.
//!
//! Only the program itself must be on the machine: its settings say from where it installs the provider, such as
//! `TF_CLI_ARGS_init=-plugin-dir=FOLDER`. Whatever fails is reported and ends no bench.

use std::fs::File;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use trueup::sim::Clock;

use crate::REFILL;
use crate::account::{Account, Cost, Server};
use crate::estate::{CHANGED_HANDLER, Estate};

/// The most functions, because all of it takes real time.
pub const MOST: usize = 100;

/// The configuration of the estate.
const MAIN: &str = include_str!("main.tf");

/// The longest time for one command.
const DEADLINE: Duration = Duration::from_secs(30 * 60);

/// Where the program writes its errors.
const ERRORS: &str = "errors.txt";

/// Returns true if there is a Terraform.
pub fn is_here() -> bool {
    let mut command = Command::new("terraform");
    command.arg("version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Returns the costs of the scenarios, up to the first that fails.
pub fn costs(estate: &Estate) -> Vec<Result<Cost, String>> {
    let account = Account::as_on_aws(Clock::real());
    let server = Server::start(account.router());
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    std::fs::write(folder.path().join("main.tf"), MAIN).expect("a temporary file can be written");
    std::fs::write(folder.path().join("package.zip"), estate.package()).expect("a temporary file can be written");
    let run = |arguments: &str| run(folder.path(), &server.url, estate.functions, arguments);
    if let Err(why) = run("init") {
        return vec![Err(why)];
    }
    let change = format!("apply -auto-approve -var handler={CHANGED_HANDLER}");
    let mut costs = Vec::new();
    for arguments in ["apply -auto-approve", "plan -detailed-exitcode", &change] {
        let (before, begun) = (account.counts(), Instant::now());
        let cost = run(arguments).map(|()| account.cost_since(before, begun.elapsed()));
        let is_over = cost.is_err();
        costs.push(cost);
        if is_over {
            break;
        }
        std::thread::sleep(REFILL);
    }
    costs
}

/// Runs Terraform in a folder, for so many functions at this address; the error is one line.
fn run(folder: &Path, url: &str, functions: usize, arguments: &str) -> Result<(), String> {
    let errors = folder.join(ERRORS);
    let file = File::create(&errors).map_err(|error| error.to_string())?;
    let mut command = Command::new("terraform");
    command.args(arguments.split(' ')).args(["-input=false", "-no-color"]).current_dir(folder);
    command.env("TF_VAR_url", url).env("TF_VAR_functions", functions.to_string()).env("CHECKPOINT_DISABLE", "1");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
    let status = wait(command).map_err(|error| format!("{arguments}: {error}"))?;
    if status.success() {
        return Ok(());
    }
    let text = std::fs::read_to_string(&errors).unwrap_or_default();
    let line = text.lines().find_map(|line| line.split_once("Error: "));
    Err(format!("{arguments}: {}", line.map_or_else(|| status.to_string(), |(_, error)| error.trim().to_owned())))
}

/// Runs a command to its end, or to the deadline.
fn wait(mut command: Command) -> std::io::Result<ExitStatus> {
    let begun = Instant::now();
    let mut child = command.spawn()?;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if begun.elapsed() > DEADLINE {
            child.kill()?;
            child.wait()?;
            return Err(std::io::Error::from(std::io::ErrorKind::TimedOut));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
