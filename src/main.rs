//! Parses the arguments, runs the command and exits with its code.

use std::process::ExitCode;

/// The system's allocators spend a third of the time of a large plan, and musl's far more.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    trueup::cli::run(std::env::args_os()).into()
}
