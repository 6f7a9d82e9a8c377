//! The suite as a client: against the fixture, and against a gate before it.

use std::error::Error;

use gatewright_harness::proxy::Forwarding;
use gatewright_harness::{Binaries, Credential, Fixture, GateBuilder, ReverseProxy, Workspace};

use crate::suite::{self, Findings};

/// Both eras of the protocol.
pub(crate) const REVISIONS: [&str; 2] = ["2025-11-25", "2026-07-28"];

/// The name of the fixture in the gate's configuration.
const SERVER: &str = "fixture";

pub(crate) fn direct(revision: &str) -> Result<Findings, Box<dyn Error>> {
    let binaries = Binaries::locate();
    let fixture = Fixture::start(&binaries)?;
    suite::run(
        &binaries,
        &["server", "--requirements", revision, "--url", fixture.url()],
    )
}

/// The suite has no credential, so a proxy between it and the gate adds one.
pub(crate) fn through_gate(revision: &str) -> Result<Findings, Box<dyn Error>> {
    let binaries = Binaries::locate();
    let fixture = Fixture::start(&binaries)?;
    let workspace = Workspace::create()?;
    let token = workspace.issue(&Credential::default())?;
    let proxy = ReverseProxy::bind()?;
    let gate = GateBuilder::new()
        .with_url(SERVER, fixture.url())
        .allowing_everything(&workspace)?
        .reached_through(proxy.address())
        .start(&workspace)?;
    let added = Some(("authorization".parse()?, format!("Bearer {token}").parse()?));
    let proxy = proxy.forward_to(Forwarding {
        upstream: gate.listen(),
        added,
    })?;
    let url = format!("http://{}/mcp/{SERVER}", proxy.address());
    suite::run(
        &binaries,
        &["server", "--requirements", revision, "--url", &url],
    )
}
