//! The suite as a server: it starts a client and judges what arrives. With a gate
//! between the two, what arrives must be the same.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use gatewright_harness::{Binaries, Credential, GateBuilder, Process, Stream, Workspace};

use crate::suite::{self, Findings};

/// What is run: a scenario of the suite at a revision of the protocol.
#[derive(Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) revision: &'static str,
}

/// The scenarios that say something about what is between client and server.
pub(crate) const SCENARIOS: [Scenario; 7] = [
    Scenario {
        name: "sse-retry",
        revision: "2025-11-25",
    },
    Scenario {
        name: "json-schema-2020-12-preservation",
        revision: "2025-11-25",
    },
    Scenario {
        name: "json-schema-2020-12-preservation",
        revision: "2026-07-28",
    },
    Scenario {
        name: "http-standard-headers",
        revision: "2026-07-28",
    },
    Scenario {
        name: "http-custom-headers",
        revision: "2026-07-28",
    },
    Scenario {
        name: "http-invalid-tool-headers",
        revision: "2026-07-28",
    },
    Scenario {
        name: "sep-2322-client-request-state",
        revision: "2026-07-28",
    },
];

/// How the client reaches the suite's server.
#[derive(Clone, Copy)]
pub(crate) enum Route {
    Direct,
    Gate,
}

/// The name of the suite's server in the gate's configuration.
const SERVER: &str = "suite";

/// How long the client may take. The suite itself gives up earlier.
const CLIENT_DEADLINE: Duration = Duration::from_secs(60);

pub(crate) fn run(scenario: Scenario, route: Route) -> Result<Findings, Box<dyn Error>> {
    let binaries = Binaries::locate();
    let command = match route {
        Route::Direct => {
            let node = binaries.node_script(&binaries.client("conformance.mjs")?)?;
            let words = std::iter::once(node.get_program()).chain(node.get_args());
            words
                .map(|word| format!("'{}'", word.display()))
                .collect::<Vec<_>>()
                .join(" ")
        }
        Route::Gate => format!("'{}' client", std::env::current_exe()?.display()),
    };
    let Scenario { name, revision } = scenario;
    let arguments = [
        "client",
        "--scenario",
        name,
        "--spec-version",
        revision,
        "--command",
        &command,
    ];
    suite::run(&binaries, &arguments)
}

/// The client command of the suite: a gate in front of `url`, and the client
/// behind it.
pub(crate) fn through_gate(url: &str) -> Result<ExitCode, Box<dyn Error>> {
    let binaries = Binaries::locate();
    let workspace = Workspace::create()?;
    let gate = GateBuilder::new()
        .with_url(SERVER, url)
        .allowing_everything(&workspace)?
        .start(&workspace)?;
    let mut command = binaries.node_script(&binaries.client("conformance.mjs")?)?;
    command
        .arg(gate.endpoint(SERVER))
        .env("MCP_TOKEN", workspace.issue(&Credential::default())?);
    let mut client = Process::spawn(command)?;
    let status = client.wait(CLIENT_DEADLINE)?;
    for line in client.lines(Stream::Err) {
        eprintln!("{line}");
    }
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
