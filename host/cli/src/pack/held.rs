//! Whether a pack holds its own cases. A gate that gets one that does not refuses it:
//! whoever makes or signs it learns that first.

use anyhow::{Result, anyhow};
use gatewright_cases::{Answer, Asked, Cases, between};
use gatewright_sandbox::Sandbox;

use super::place::Unverified;
use crate::failure::Advise as _;
use crate::output::visible;

/// Most cases that are named.
const NAMED_MAX: usize = 8;

/// Refuses a pack that fails one of its cases.
pub(super) fn holds_its_cases(pack: &Unverified) -> Result<()> {
    let sandbox = crate::compiled::sandbox()?;
    let failing = crate::runtime::runtime()?.block_on(failing(pack, &sandbox))?;
    if failing.is_empty() {
        return Ok(());
    }
    for case in failing.iter().take(NAMED_MAX) {
        eprintln!("{}", visible(case));
    }
    let count = failing.len();
    Err(anyhow!(
        "the pack fails {count} of its own cases: every gate refuses it"
    ))
    .hint("`gatewright test` says what is wrong; `--untested` goes on all the same")
}

async fn failing(pack: &Unverified, sandbox: &Sandbox) -> Result<Vec<String>> {
    let mut failing = Vec::new();
    for policy in &pack.manifest.policies {
        let component = pack.layout.blob(&policy.sha256);
        let (Some(cases), Some(component)) = (&policy.cases, component) else {
            continue;
        };
        let name = &policy.name;
        let cases =
            Cases::from_json(cases).map_err(|error| anyhow!("cases of `{name}`: {error}"))?;
        let (_fuel, failed) = tried(sandbox, component, &cases).await;
        failing.extend(
            failed
                .iter()
                .map(|case| format!("{name} fails its case {case}")),
        );
    }
    Ok(failing)
}

/// The dearest case, and those that fail.
pub(super) async fn tried(
    sandbox: &Sandbox,
    component: &[u8],
    cases: &Cases,
) -> (Option<u64>, Vec<String>) {
    let mut asked = Asked::new(sandbox, component);
    let (mut dearest, mut failing) = (None, Vec::new());
    for case in &cases.cases {
        let guest = asked.guest(&case.settings).await;
        let answer = Answer::of(guest, case).await;
        dearest = dearest.max(answer.fuel);
        if !between(&case.expect, &answer, cases.is_exact).is_empty() {
            failing.push(case.name.clone());
        }
    }
    (dearest, failing)
}
