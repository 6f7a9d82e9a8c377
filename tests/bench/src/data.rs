//! Data beside a policy: what a lookup costs in a document of a kilobyte, a megabyte and
//! fifty, and what another document takes until it is in force.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use gatewright_harness::Binaries;
use gatewright_policy::json::JsonLimits;
use gatewright_policy::question::Question;
use gatewright_policy::{Request, Verdict};
use gatewright_sandbox::{Guest, Limits, Sandbox, SandboxConfig};
use tokio::runtime::Runtime;

use crate::report::Figure;
use crate::rounds::{Round, Summary, Times};
use crate::settings::Settings;

/// What is looked up, by a key.
const MODULE: &str =
    "package gatewright\n\nallow if data.users[input.arguments.user].role == \"admin\"\n";

/// The documents by their size: its name, and the users in it.
const SIZES: [(&str, usize); 3] = [("1kb", 10), ("1mb", 12_000), ("50mb", 600_000)];

/// Rounds of a full run.
const ROUNDS: usize = 15;

/// Calls in one round, each for another user.
const CALLS: usize = 400;

/// How much longer a lookup in the largest document may take than in the smallest.
const LARGEST_MAX: f64 = 1.5;

/// Longest until the largest document is replaced by another one, in seconds.
const SWAP_S_MAX: f64 = 20.0;

/// Longest until it is loaded again from what is kept on disk, in seconds.
const AGAIN_S_MAX: f64 = 5.0;

/// A document, loaded.
struct Contender {
    size: &'static str,
    users: usize,
    guest: Guest,
    rounds: Vec<Round>,
}

pub(crate) fn measure(settings: &Settings) -> Result<Vec<Figure>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let path = Binaries::locate().target().join("plugins/rego.wasm");
    let component = std::fs::read(&path)
        .with_context(|| format!("`{}` is not built\nhint: `make bench`", path.display()))?;
    let cache = tempfile::tempdir()?;
    let sandbox = sandbox(cache.path())?;
    let load = |sandbox: &Sandbox, users, role| -> Result<(Guest, f64)> {
        let text = document(users, role)?;
        let begin = Instant::now();
        let guest = runtime.block_on(sandbox.load(&component, &text, Limits::default()))?;
        Ok((guest, begin.elapsed().as_secs_f64()))
    };
    let mut figures = Vec::new();
    let mut contenders = Vec::new();
    for (size, users) in SIZES {
        let (guest, seconds) = load(&sandbox, users, "admin")?;
        figures.push(Figure::new(format!("data.load.{size}"), seconds, "s"));
        contenders.push(Contender {
            size,
            users,
            guest,
            rounds: Vec::new(),
        });
    }
    for _ in 0..settings.rounds(ROUNDS) {
        for contender in &mut contenders {
            contender.measure(&runtime, settings.seed)?;
        }
    }
    figures.extend(calls(&contenders));
    let (_, largest) = SIZES[2];
    let before = code(cache.path())?;
    let (changed, seconds) = load(&sandbox, largest, "owner")?;
    let after = code(cache.path())?;
    let denied = runtime.block_on(changed.judge(&request(0)?)).result;
    let denied = denied.map_err(|fault| anyhow!("the policy {fault}"))?;
    ensure!(
        matches!(denied.verdict, Verdict::Deny(_)),
        "the old document is in force"
    );
    let figure = Figure::new("data.swap.50mb", seconds, "s");
    figures.push(figure.at_most(SWAP_S_MAX));
    // One is the image of the data, which holds no function.
    let new = after.difference(&before).count().saturating_sub(1);
    let figure = Figure::new(
        "data.swap.modules_compiled",
        f64::from(u32::try_from(new)?),
        "",
    );
    figures.push(figure.at_most(0.0));
    drop(contenders);
    let (_, seconds) = load(&self::sandbox(cache.path())?, largest, "owner")?;
    let figure = Figure::new("data.load_again.50mb", seconds, "s");
    figures.push(figure.at_most(AGAIN_S_MAX));
    Ok(figures)
}

fn calls(contenders: &[Contender]) -> Vec<Figure> {
    let mut figures = Vec::new();
    for contender in contenders {
        let p50 = Summary::of(contender.rounds.iter().map(Round::p50));
        let mut figure = Figure::of(format!("data.lookup.{}.p50", contender.size), p50, "us");
        if let Some(smallest) = contenders.first()
            && smallest.size != contender.size
        {
            let ratio = Summary::of_ratios(&contender.rounds, &smallest.rounds, Round::p50);
            let peer = format!("data.lookup.{}.p50", smallest.size);
            figure = figure.against(peer, ratio).at_most(LARGEST_MAX);
        }
        figures.push(figure);
    }
    figures
}

// === impl Contender ===

impl Contender {
    fn measure(&mut self, runtime: &Runtime, seed: u64) -> Result<()> {
        let mut times = Times::new()?;
        let mut place = usize::try_from(seed)?.wrapping_add(self.rounds.len());
        for _ in 0..CALLS {
            // Any order that does not follow that of the document.
            place = place
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let request = request((place >> 20) % self.users)?;
            let begin = Instant::now();
            let opinion = runtime.block_on(self.guest.judge(&request));
            times.add(begin.elapsed());
            let opinion = opinion
                .result
                .map_err(|fault| anyhow!("the policy {fault}"))?;
            ensure!(opinion.verdict == Verdict::Allow, "nobody was found");
        }
        self.rounds.push(times.round());
        Ok(())
    }
}

/// Users of an organisation: some eighty bytes each.
fn document(users: usize, role: &str) -> Result<String> {
    let users: serde_json::Map<String, serde_json::Value> = (0..users)
        .map(|user| {
            let team = format!("team-{}", user % 997);
            let described = serde_json::json!({
                "name": format!("User {user}"), "role": role, "team": team,
            });
            (name(user), described)
        })
        .collect();
    let settings = serde_json::json!({ "module": MODULE, "documents": { "users": users } });
    Ok(serde_json::to_string(&settings)?)
}

fn name(user: usize) -> String {
    format!("user-{user:07}")
}

fn request(user: usize) -> Result<Arc<Request>> {
    let question: Question = serde_json::from_value(serde_json::json!({
        "action": { "server": "files", "name": "read_file" },
        "arguments": { "user": name(user), "comment": "x".repeat(900) },
    }))?;
    Ok(Arc::new(question.to_request(&JsonLimits::default())?))
}

/// Files of machine code in a cache.
fn code(cache: &Path) -> Result<HashSet<std::ffi::OsString>> {
    let files = std::fs::read_dir(cache.join("artifacts/v1"))?;
    let names = files.map(|file| Ok(file?.file_name()));
    names.collect()
}

fn sandbox(cache: &Path) -> Result<Sandbox> {
    Ok(Sandbox::new(&SandboxConfig {
        instances_max: 8,
        compiler: crate::bed::compiler(Some(cache.to_owned()))?,
        ..SandboxConfig::default()
    })?)
}
