//! One policy in every language: what a call costs in a fresh instance, how large
//! a component is, how long it takes to build and to load.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

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

/// Each language, how many times the time of Rust it may take, and its name for
/// people. Rust comes first: the others are held against it.
const LANGUAGES: [(&str, Option<f64>, &str); 7] = [
    ("rust", None, "Rust"),
    ("assemblyscript", Some(1.5), "AssemblyScript"),
    ("c", Some(1.5), "C"),
    ("go", Some(3.0), "Go"),
    ("javascript", Some(10.0), "JavaScript"),
    ("typescript", Some(10.0), "TypeScript"),
    ("python", Some(80.0), "Python"),
];

/// Where `examples/one-policy-every-language/build.sh` puts components.
const COMPONENTS: &str = "every-language";

const SETTINGS: &str = r#"{ "endings": [".md", ".txt"] }"#;

/// Rounds of a full run.
const ROUNDS: usize = 21;

/// Calls of one language in one round.
const CALLS: usize = 200;

/// Longest p50 of a call, in microseconds.
const CALL_US_MAX: f64 = 1000.0;

/// A policy with a language runtime is ready in this time, in seconds.
const FIRST_LOAD_S_MAX: f64 = 10.0;

/// The same when its compiled code is kept, in milliseconds.
const CACHED_LOAD_MS_MAX: f64 = 300.0;

/// The p99 of calls beside such a load, in the p99 without.
const BESIDE_LOAD_MAX: f64 = 2.0;

/// A language, loaded.
struct Contender {
    name: &'static str,
    title: &'static str,
    bound: Option<f64>,
    guest: Guest,
    component: PathBuf,
    bytes: u64,
    build: String,
    first_load: Duration,
    fuel: u64,
    rounds: Vec<Round>,
}

/// What is measured, and the table of it.
pub(crate) struct Languages {
    pub(crate) figures: Vec<Figure>,
    pub(crate) table: String,
}

pub(crate) fn measure(settings: &Settings) -> Result<Languages> {
    let runtime = runtime()?;
    let cache = tempfile::tempdir()?;
    let sandbox = sandbox(cache.path())?;
    let mut contenders = Vec::new();
    for (name, bound, title) in LANGUAGES {
        contenders.push(Contender::load(name, bound, title, &runtime, &sandbox)?);
    }
    let request = request()?;
    for _ in 0..settings.rounds(ROUNDS) {
        for contender in &mut contenders {
            contender.measure(&runtime, &request)?;
        }
    }
    let mut figures = figures(&contenders)?;
    figures.push(slowest(&contenders));
    figures.extend(loading(&contenders, &runtime, cache.path(), settings)?);
    Ok(Languages {
        figures,
        table: table(&contenders),
    })
}

// === impl Contender ===

impl Contender {
    fn load(
        name: &'static str,
        bound: Option<f64>,
        title: &'static str,
        runtime: &Runtime,
        sandbox: &Sandbox,
    ) -> Result<Self> {
        let folder = Binaries::locate().target().join(COMPONENTS);
        let component = folder.join(format!("{name}.wasm"));
        let bytes = std::fs::read(&component).with_context(|| {
            format!(
                "`{}` is not built\nhint: run `make bench`",
                component.display()
            )
        })?;
        let build = std::fs::read_to_string(folder.join(format!("{name}.seconds")))?;
        let begin = Instant::now();
        let guest = runtime.block_on(sandbox.load(&bytes, SETTINGS, Limits::default()))?;
        let first_load = begin.elapsed();
        let mut contender = Self {
            name,
            title,
            bound,
            guest,
            component,
            bytes: u64::try_from(bytes.len())?,
            build: build.trim().to_owned(),
            first_load,
            fuel: 0,
            rounds: Vec::new(),
        };
        contender.fuel = contender.ask(runtime, &request()?)?;
        Ok(contender)
    }

    /// One call in a fresh instance, which must allow; gives its fuel.
    fn ask(&self, runtime: &Runtime, request: &Arc<Request>) -> Result<u64> {
        let said = runtime.block_on(self.guest.judge(request));
        let verdict = said
            .result
            .map_err(|fault| anyhow!("{}: {fault}", self.name))?;
        let allows = verdict.verdict == Verdict::Allow;
        ensure!(allows, "{} does not allow: {verdict:?}", self.name);
        Ok(said.fuel)
    }

    fn measure(&mut self, runtime: &Runtime, request: &Arc<Request>) -> Result<()> {
        let mut times = Times::new()?;
        for _ in 0..CALLS {
            let begin = Instant::now();
            self.ask(runtime, request)?;
            times.add(begin.elapsed());
        }
        self.rounds.push(times.round());
        Ok(())
    }

    fn p50(&self) -> Summary {
        Summary::of(self.rounds.iter().map(Round::p50))
    }
}

fn figures(contenders: &[Contender]) -> Result<Vec<Figure>> {
    let rust = contenders.first().context("Rust is a contender")?;
    let mut figures = Vec::new();
    for contender in contenders {
        let name = format!("languages.{}.p50", contender.name);
        let figure = Figure::of(&name, contender.p50(), "us");
        figures.push(match contender.bound {
            None => figure,
            Some(bound) => {
                let ratio = Summary::of_ratios(&contender.rounds, &rust.rounds, Round::p50);
                figure.against("languages.rust.p50", ratio).at_most(bound)
            }
        });
        figures.push(Figure::new(
            format!("languages.{}.fuel", contender.name),
            count(contender.fuel),
            "fuel",
        ));
    }
    Ok(figures)
}

/// The language whose calls take longest.
fn slowest(contenders: &[Contender]) -> Figure {
    let medians = contenders.iter().map(|contender| contender.p50().median);
    let slowest = medians.fold(f64::NAN, f64::max);
    Figure::new("languages.slowest.p50", slowest, "us").at_most(CALL_US_MAX)
}

/// Python is the dearest to load: the first time, from the cache, and what calls
/// of another policy notice of it.
fn loading(
    contenders: &[Contender],
    runtime: &Runtime,
    cache: &Path,
    settings: &Settings,
) -> Result<Vec<Figure>> {
    let rust = contenders.first().context("Rust is a contender")?;
    let python = contenders.last().context("Python is a contender")?;
    let component = std::fs::read(&python.component)?;
    let first = python.first_load.as_secs_f64();
    let mut cached = Vec::new();
    for _ in 0..settings.rounds(5) {
        // Another sandbox: nothing is kept but the files.
        let again = sandbox(cache)?;
        let begin = Instant::now();
        runtime.block_on(again.load(&component, SETTINGS, Limits::default()))?;
        cached.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    let (calm, beside) = beside_a_load(rust, runtime, &component)?;
    let slower = Summary::of_quotients(&[beside.p99()], &[calm.p99()]);
    Ok(vec![
        Figure::new("languages.python.load.first", first, "s").at_most(FIRST_LOAD_S_MAX),
        Figure::of("languages.python.load.cached", Summary::of(cached), "ms")
            .at_most(CACHED_LOAD_MS_MAX),
        Figure::new("languages.rust.calm.p99", calm.p99(), "us"),
        Figure::new("languages.rust.beside_python_load.p99", beside.p99(), "us")
            .against("languages.rust.calm.p99", slower)
            .at_most(BESIDE_LOAD_MAX),
    ])
}

/// Calls of a loaded policy alone, and while another one is loaded and compiled
/// that nobody kept the code of.
fn beside_a_load(rust: &Contender, runtime: &Runtime, component: &[u8]) -> Result<(Round, Round)> {
    let nothing = tempfile::tempdir()?;
    let other = sandbox(nothing.path())?;
    let component = component.to_vec();
    let request = request()?;
    let mut calm = Times::new()?;
    for _ in 0..CALLS * 20 {
        let begin = Instant::now();
        rust.ask(runtime, &request)?;
        calm.add(begin.elapsed());
    }
    let load = std::thread::spawn(move || -> Result<()> {
        let runtime = self::runtime()?;
        runtime.block_on(other.load(&component, SETTINGS, Limits::default()))?;
        Ok(())
    });
    let mut beside = Times::new()?;
    while !load.is_finished() {
        let begin = Instant::now();
        rust.ask(runtime, &request)?;
        beside.add(begin.elapsed());
    }
    let ended = load.join();
    ended.map_err(|_| anyhow!("the load ended in a panic"))??;
    Ok((calm.round(), beside.round()))
}

/// A row for each language, for people.
fn table(contenders: &[Contender]) -> String {
    let mut text =
        "| language | component | build | first load | p50 of a call | against Rust | fuel |\n\
                    |---|---|---|---|---|---|---|\n"
            .to_owned();
    let rust = contenders.first();
    for contender in contenders {
        let ratio = rust.map_or(f64::NAN, |rust| {
            Summary::of_ratios(&contender.rounds, &rust.rounds, Round::p50).median
        });
        text.push_str(&format!(
            "| {} | {} KB | {} s | {} ms | {:.0} us | {ratio:.1} | {} |\n",
            contender.title,
            contender.bytes.div_ceil(1000),
            contender.build,
            contender.first_load.as_millis(),
            contender.p50().median,
            contender.fuel,
        ));
    }
    text
}

/// A call with an argument that every policy looks at, and one that none does.
fn request() -> Result<Arc<Request>> {
    let text = "x".repeat(900);
    let question: Question = serde_json::from_value(serde_json::json!({
        "action": { "server": "files", "name": "read_file" },
        "arguments": { "path": "notes/today.md", "comment": text },
    }))?;
    Ok(Arc::new(question.to_request(&JsonLimits::default())?))
}

fn sandbox(cache: &Path) -> Result<Sandbox> {
    Ok(Sandbox::new(&SandboxConfig {
        instances_max: 8,
        compiler: crate::bed::compiler(Some(cache.to_owned()))?,
        ..SandboxConfig::default()
    })?)
}

fn runtime() -> Result<Runtime> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    Ok(builder.enable_all().build()?)
}

#[expect(clippy::cast_precision_loss, reason = "fuel is far below 2^52")]
fn count(fuel: u64) -> f64 {
    fuel as f64
}
