//! The real program as a server: `trueup sim` in a process of its own, on a port that the system chose.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// A server, killed when it goes out of scope.
pub struct Server {
    child: Child,
    pub url: String,
}

impl Server {
    pub fn start(arguments: &[&str]) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_trueup"))
            .args(["sim", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("Listening on ").expect("the server says where it listens").to_owned();
        Server { child, url }
    }

    /// The most memory that the process has had, in megabytes, where the system tells.
    pub fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
    }

    /// Kills the process as a power cut would; it has no time for anything.
    pub fn kill(&mut self) {
        self.child.kill().expect("a running process can be killed");
        self.child.wait().expect("a killed process ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
