//! The `gatewright` command: parses, wires, prints.

mod agents;
mod approvals;
mod bench;
mod build;
mod check;
mod coherence;
mod compile;
mod compiled;
mod completions;
mod config_file;
mod connect;
mod console;
mod credential;
mod dev;
mod docs;
mod drill;
mod embedded;
mod eval;
mod explain;
mod failure;
mod flips;
mod follow;
mod import;
mod init;
mod issuer;
mod key;
mod known;
mod log;
mod man;
mod memory;
mod moment;
mod new;
mod output;
mod pack;
mod pages;
mod policy_file;
mod progress;
mod records;
mod rehearsal;
mod replay;
mod revoke;
mod runtime;
mod schema;
mod sdk;
mod serve;
mod server_lists;
mod signals;
mod status;
mod test;
mod toml_file;
mod tools;
mod trace;
mod watch;
mod whole_file;
mod wrap;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::failure::Exit;

/// A gate between AI agents and their tools.
///
/// Each tool call stops at the gate, is judged by sandboxed WebAssembly policies
/// that you chose, and goes on, is refused, or waits for a person.
#[derive(Parser)]
#[command(name = "gatewright", version, arg_required_else_help = true, max_term_width = 100, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Arguments),
    Wrap(wrap::Arguments),
    Connect(connect::Arguments),
    Check(check::Arguments),
    Init(init::Arguments),
    New(new::Arguments),
    Sdk(sdk::Arguments),
    Build(build::BuildArgs),
    Dev(dev::Arguments),
    Doctor(build::doctor::Arguments),
    Test(test::Arguments),
    Bench(bench::Arguments),
    Eval(eval::Arguments),
    Explain(explain::Arguments),
    Import(import::Arguments),
    Schema(schema::Arguments),
    Credential(Box<credential::Arguments>),
    Issuer(issuer::Arguments),
    Key(key::Arguments),
    Pack(pack::Arguments),
    Agents(agents::Arguments),
    Revoke(revoke::Arguments),
    Tools(tools::Arguments),
    Status(status::Arguments),
    Approvals(approvals::Arguments),
    Log(Box<log::Arguments>),
    Flips(flips::Arguments),
    Replay(replay::Arguments),
    Drill(Box<drill::Arguments>),
    Coherence(coherence::Arguments),
    Docs(docs::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
    #[command(name = compile::NAME, hide = true)]
    Compile(compile::Arguments),
}

/// A call makes some hundred small allocations, and a policy that was compiled
/// leaves much to give back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EXAMPLES: &str = "\
Examples:
  gatewright credential key issuer.key      make a key that issues credentials
  gatewright check gate.toml                is this configuration good?
  gatewright serve gate.toml                open the gate
  gatewright log gate.toml --decision deny  what was refused, and why
  gatewright docs                           the documentation

Exit codes: 0 fine, 1 failed, 2 wrong usage, 3 denied or refused, 4 held.
What a program may read goes to stdout, everything else to stderr.
NO_COLOR is honoured.";

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Wrap(arguments) => wrap::run(&arguments),
        Command::Connect(arguments) => connect::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Init(arguments) => init::run(&arguments),
        Command::New(arguments) => new::run(&arguments),
        Command::Sdk(arguments) => sdk::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Build(arguments) => build::run(&arguments).map(|()| Exit::Fine),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Dev(arguments) => dev::run(&arguments),
        Command::Doctor(arguments) => build::doctor::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Credential(arguments) => credential::run(*arguments),
        Command::Pack(arguments) => pack::run(&arguments),
        Command::Issuer(arguments) => issuer::run(&arguments),
        Command::Key(arguments) => key::run(&arguments),
        Command::Agents(arguments) => agents::run(&arguments),
        Command::Revoke(arguments) => revoke::run(&arguments),
        Command::Tools(arguments) => tools::run(&arguments),
        Command::Status(arguments) => status::run(&arguments),
        Command::Approvals(arguments) => approvals::run(&arguments),
        Command::Log(arguments) => log::run(&arguments),
        Command::Flips(arguments) => flips::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Drill(arguments) => drill::run(&arguments),
        Command::Coherence(arguments) => coherence::run(&arguments),
        Command::Docs(arguments) => docs::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments, &Arguments::command()),
        Command::Man(arguments) => man::run(&arguments, Arguments::command()),
        Command::Compile(arguments) => compile::run(&arguments),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => failure::report(&error),
    }
}

/// What `--help` says is held to be true by tests.
#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    /// Examples are copied: they are written for 80 columns, not broken for them.
    #[test]
    fn examples_fit_a_terminal() {
        let mut open = vec![Arguments::command()];
        while let Some(command) = open.pop() {
            let after = command.get_after_help().map(ToString::to_string);
            for line in after.unwrap_or_default().lines() {
                assert!(line.chars().count() <= 80, "{}: {line}", command.get_name());
            }
            open.extend(command.get_subcommands().cloned());
        }
    }
}
