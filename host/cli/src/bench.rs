//! `gatewright bench`: what a call of a policy costs, in time and fuel.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use gatewright_cases::{Answer, Asked, Case};
use gatewright_sandbox::{Guest, LoadError, Sandbox};
use serde::Serialize;

use crate::failure::{Advise as _, Exit};
use crate::output::{Format, Paint, Tone, print_json, print_line, visible};
use crate::test::{BudgetArguments, PolicyFolder, PolicyPlace};

/// Calls before the clock counts: pages are mapped, caches are warm.
const WARM_UP: u32 = 20;

/// A case that takes longer is measured with fewer rounds.
const CASE_TIME_MAX: Duration = Duration::from_secs(1);

/// Measure what a call costs.
///
/// Asks each case of `cases.toml` many times, every time in a fresh instance, and
/// prints the median and the 99th percentile of its latency in microseconds, and
/// its fuel. Latency is of this machine; fuel is the same everywhere, so
/// `--max-fuel` and a baseline make a policy that got dearer fail. Exit code 1
/// when one did.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright bench
  gatewright bench plugins/path-guard --component path-guard.wasm --rounds 5000
  gatewright bench --format json --max-fuel 100000")]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: PolicyPlace,
    /// Only cases whose name contains this.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    filter: String,
    /// Calls for each case.
    #[arg(long, value_name = "COUNT", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    budget: BudgetArguments,
}

#[derive(Serialize)]
struct Report {
    policy: String,
    /// Whether calls start from a snapshot taken after `configure`.
    snapshotted: bool,
    p50_us: f64,
    p99_us: f64,
    fuel_max: u64,
    cases: Vec<Measured>,
    /// Cases that were over what they may cost.
    problems: Vec<String>,
}

#[derive(Serialize)]
struct Measured {
    name: String,
    rounds: usize,
    p50_us: f64,
    p99_us: f64,
    fuel: u64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let sandbox = crate::compiled::sandbox()?;
    let report = crate::runtime::runtime()?.block_on(measure(arguments, &sandbox))?;
    match arguments.format {
        Format::Json => print_json(&report)?,
        Format::Text => print_line(&text(&report, Paint::stdout()))?,
    }
    Ok(match report.problems.is_empty() {
        true => Exit::Fine,
        false => Exit::Failed,
    })
}

async fn measure(arguments: &Arguments, sandbox: &Sandbox) -> Result<Report> {
    let folder = PolicyFolder::read(&arguments.place)?;
    let budget = arguments.budget.read(&arguments.place)?;
    let mut asked = Asked::new(sandbox, &folder.component);
    let mut report = Report {
        policy: folder.name.clone(),
        snapshotted: true,
        p50_us: 0.0,
        p99_us: 0.0,
        fuel_max: 0,
        cases: Vec::new(),
        problems: Vec::new(),
    };
    let mut all = Vec::new();
    for case in &folder.cases.cases {
        let is_wanted = case.name.contains(&arguments.filter) && case.expect.asks();
        if !is_wanted {
            continue;
        }
        let guest = asked.guest(&case.settings).await;
        if let Ok(guest) = guest {
            report.snapshotted &= guest.is_snapshotted();
        }
        let measured = time(guest, case, arguments.rounds).await;
        let (mut latencies, fuel) = measured
            .with_context(|| format!("{}:{}", folder.cases_path.display(), case.line))
            .hint("`gatewright test` shows what the case gets; `--filter` leaves it out")?;
        if let Some(over) = budget.check(&case.name, fuel) {
            report.problems.push(format!(
                "`{}` uses {} fuel, and may use {}",
                case.name, over.got, over.expected
            ));
        }
        latencies.sort_unstable();
        report.fuel_max = report.fuel_max.max(fuel);
        report.cases.push(Measured {
            name: case.name.clone(),
            rounds: latencies.len(),
            p50_us: percentile(&latencies, 50),
            p99_us: percentile(&latencies, 99),
            fuel,
        });
        all.extend(latencies);
    }
    if report.cases.is_empty() {
        return Err(anyhow!("no case asks the policy"))
            .hint("write cases that expect a verdict, or change `--filter`");
    }
    all.sort_unstable();
    report.p50_us = percentile(&all, 50);
    report.p99_us = percentile(&all, 99);
    Ok(report)
}

/// The latency of each call, and the fuel of one.
async fn time(
    guest: &Result<Guest, LoadError>,
    case: &Case,
    rounds: u32,
) -> Result<(Vec<Duration>, u64)> {
    let mut fuel = 0;
    let begin = Instant::now();
    for _ in 0..WARM_UP {
        let answer = Answer::of(guest, case).await;
        fuel = answer.fuel.ok_or_else(|| {
            let (name, why) = (&case.name, answer.answered.to_json());
            anyhow!("`{name}` cannot be measured: {why}")
        })?;
        if begin.elapsed() > CASE_TIME_MAX {
            break;
        }
    }
    let begin = Instant::now();
    let mut latencies = Vec::new();
    for _ in 0..rounds {
        let called = Instant::now();
        let answer = Answer::of(guest, case).await;
        latencies.push(called.elapsed());
        drop(answer);
        if begin.elapsed() > CASE_TIME_MAX {
            break;
        }
    }
    Ok((latencies, fuel))
}

/// Of sorted values, in microseconds.
fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let value = sorted.get(last * percent / 100).copied();
    let nanoseconds = value.unwrap_or_default().as_nanos();
    // Tenths of a microsecond are as exact as any clock here.
    f64::from(u32::try_from(nanoseconds / 100).unwrap_or(u32::MAX)) / 10.0
}

fn text(report: &Report, paint: Paint) -> String {
    let mut lines = vec![format!(
        "{:>10} {:>10} {:>12}  case",
        "p50 us", "p99 us", "fuel"
    )];
    let row = |p50: f64, p99: f64, fuel: u64, name: &str| {
        format!("{p50:>10.1} {p99:>10.1} {fuel:>12}  {name}")
    };
    for case in &report.cases {
        lines.push(row(
            case.p50_us,
            case.p99_us,
            case.fuel,
            &visible(&case.name),
        ));
    }
    let all = format!("{}, all cases", report.policy);
    lines.push(row(report.p50_us, report.p99_us, report.fuel_max, &all));
    if !report.snapshotted {
        lines.push(
            "this component cannot be snapshotted: every call runs `configure` first".to_owned(),
        );
    }
    for problem in &report.problems {
        lines.push(paint.tone(Tone::Bad, &format!("FAIL  {}", visible(problem))));
    }
    lines.join("\n")
}
