//! Resident memory of `gatewright serve` with twenty policies, at rest and after
//! calls that went through all of them, and with two small ones.

use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result};
use gatewright_harness::{Credential, Gate, GateBuilder, Workspace};

use crate::report::Figure;
use crate::rounds::Summary;
use crate::rule;
use crate::settings::Settings;
use crate::wire::{Client, Target, tool_server};

/// Bindings of each shipped policy: twenty together.
const EACH: usize = 4;

/// Calls through all policies.
const CALLS: usize = 500;

/// At rest is a gate that gave back what its start needed, which its allocator does with the
/// next thing that it does.
const SETTLES: Duration = Duration::from_secs(5);

/// Resident memory that is allowed, in MB (a million bytes).
const RESIDENT_MB_MAX: f64 = 60.0;

/// The same with two small policies.
const SMALL_RESIDENT_MB_MAX: f64 = 35.0;

/// How many of the policies are small: the first.
const SMALL: usize = 2;

/// Each shipped policy, and settings under which it lets the measured calls
/// pass. `#` is the number of the binding: no two are configured alike.
const POLICIES: [(&str, &str); 5] = [
    (
        "tool-gate",
        "{ rules = [{ tools = [\"read_document\", \"unused-#\"], effect = \"allow\" }] }",
    ),
    ("path-guard", "{ roots = { read = [\"/srv/data-#\"] } }"),
    (
        "sql-guard",
        "{ dialect = \"sqlite\", tables = { read = [\"orders-#\"] } }",
    ),
    (
        "egress-guard",
        "{ hosts = { allowed = [\"host-#.example.com\"] } }",
    ),
    ("secret-shield", "{ labels = [\"secret-#\"] }"),
];

pub(crate) fn measure(settings: &Settings) -> Result<Vec<Figure>> {
    let workspace = Workspace::create()?;
    let gate = start(&workspace, &POLICIES, EACH)?;
    let id = gate.process().id();
    sleep(SETTLES);
    let at_rest = resident_mb(id)?;
    call(&workspace, &gate, settings)?;
    let after_calls = resident_mb(id)?;
    drop(gate);

    let workspace = Workspace::create()?;
    let (small, _others) = POLICIES.split_at(SMALL);
    let gate = start(&workspace, small, 1)?;
    sleep(SETTLES);
    let two = resident_mb(gate.process().id())?;
    Ok(vec![
        figure("memory.policies_20.at_rest", at_rest, RESIDENT_MB_MAX),
        figure(
            "memory.policies_20.after_calls",
            after_calls,
            RESIDENT_MB_MAX,
        ),
        figure("memory.policies_2.at_rest", two, SMALL_RESIDENT_MB_MAX),
    ])
}

fn figure(name: &str, resident: f64, most: f64) -> Figure {
    let share = Summary::of([resident / most]);
    Figure::new(name, resident, "MB")
        .against(format!("{most} MB"), share)
        .at_most(1.0)
}

/// A gate with so many bindings of each policy.
fn start(workspace: &Workspace, policies: &[(&str, &str)], each: usize) -> Result<Gate> {
    let upstream = tool_server()?;
    let mut tables =
        format!("[[server]]\nname = \"documents\"\nurl = \"http://{upstream}/mcp\"\n\n");
    for (policy, settings) in policies {
        workspace.add_plugin(policy)?;
        for number in 0..each {
            let settings = settings.replace('#', &number.to_string());
            let name = format!("{policy}-{number}");
            tables += &crate::bed::binding(&name, &format!("{policy}.wasm"), "*", &settings);
        }
    }
    Ok(GateBuilder::new().with(&tables).start(workspace)?)
}

/// Calls that go through all policies.
fn call(workspace: &Workspace, gate: &Gate, settings: &Settings) -> Result<()> {
    let target = Target {
        address: gate.listen(),
        path: "/mcp/documents",
        credential: workspace.issue(&Credential::default())?,
    };
    let samples = rule::samples(1, settings.seed);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut client = Client::connect(&target, 1).await?;
        for sample in samples.iter().cycle().take(CALLS) {
            client.call(sample).await?;
        }
        Ok(())
    })
}

/// What the kernel says, in MB.
pub(crate) fn resident_mb(id: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix("kB"));
    let kibibytes: f64 = kibibytes
        .context("the kernel says how much is resident")?
        .trim()
        .parse()?;
    Ok(kibibytes * 1024.0 / 1e6)
}
