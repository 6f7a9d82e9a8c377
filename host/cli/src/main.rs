//! The `gatewright` command.

mod build;

use clap::Parser;

#[derive(Parser)]
#[command(
    name = "gatewright",
    version,
    about = "A gate between AI agents and their tools"
)]
enum Command {
    Build(build::BuildArgs),
}

fn main() -> std::process::ExitCode {
    let result = match Command::parse() {
        Command::Build(args) => build::run(&args),
    };
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
