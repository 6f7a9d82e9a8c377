//! `make demo`: a scripted agent works through a gate, and what the gate decides
//! is compared with what it should decide. Ends by itself; the exit code says
//! whether everything came out as expected.

mod agent;
mod gate;
mod ledger;
mod screen;
mod stage;
mod story;

use std::process::ExitCode;

use anyhow::Context as _;

use crate::agent::Agent;
use crate::gate::Gate;
use crate::ledger::Ledger;
use crate::stage::Stage;
use crate::story::Step;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<bool> {
    let stage = Stage::set().context("the stage cannot be set")?;
    screen::waiting();
    let gate = Gate::open(&stage).context("the gate does not open")?;
    let agent = Agent::new(&gate.endpoint)?;
    let mut ledger = Ledger::new(stage.ledger());
    screen::opening(&gate);

    let mut all_as_expected = true;
    let (mut allowed, mut refused) = (0, 0);
    let mut generation = gate.generation;
    for step in &story::steps() {
        match step {
            Step::Call(call) => {
                let credential = stage.credential(call.credential)?;
                let reply = agent.call(call.tool, &call.arguments, &credential).await?;
                let verdict = ledger.next_decision()?;
                let reached = stage.calls_that_reached_the_tools()?;
                match call.wanted.goes_ahead() {
                    true => allowed += 1,
                    false => refused += 1,
                }
                let as_expected = call.wanted.is_met_by(&verdict, &reply) && reached == allowed;
                all_as_expected &= as_expected;
                screen::call(call, &verdict, &reply, as_expected);
            }
            Step::Approve => {
                stage.approve(&gate.admin)?;
                screen::approval();
            }
            Step::CloseReports => {
                let started = std::time::Instant::now();
                stage.close_reports()?;
                generation = gate.generation_after(generation)?;
                screen::reload(generation, started.elapsed());
            }
        }
    }
    let reached = stage.calls_that_reached_the_tools()?;
    let stopped = gate.close()?;
    let (is_good, verified) = stage.verify()?;
    let (is_the_same, replayed) = stage.replay()?;
    screen::record(&verified, &replayed);
    all_as_expected &= stopped && reached == allowed && is_good && is_the_same;
    screen::ending(reached, allowed, refused, all_as_expected);
    Ok(all_as_expected)
}
