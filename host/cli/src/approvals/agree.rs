//! A decision without a person at a terminal: whoever holds the key means what is there.

use std::net::SocketAddr;

use anyhow::{bail, ensure};
use ed25519_dalek::SigningKey;
use gatewright_policy::Digest;
use gatewright_policy::approval::{Choice, STATEMENT_VERSION, Signed, Statement};

use super::gate::{Gate, WaitingFor, now, why};

/// Agrees to the call of this id that waits at a gate.
pub(crate) fn agree(admin: SocketAddr, key: SigningKey, id: &str) -> anyhow::Result<()> {
    ensure!(
        admin.ip().is_loopback(),
        "`{admin}` is not a loopback address"
    );
    let gate = Gate { admin, key };
    let Some(WaitingFor { you, call }) = gate.show(id)? else {
        bail!("no call of this id waits for the approver");
    };
    let statement = Statement {
        actions: call.actions.clone(),
        approver: you.name,
        at: now(),
        choice: Choice::Approve,
        held: call.id.clone(),
        reason: String::new(),
        shown: Digest::of(call.text.as_bytes()),
        version: STATEMENT_VERSION,
    };
    let signed = serde_json::to_string(&Signed::by(statement, &gate.key))?;
    let answer = gate.decide(&call.id, &signed)?;
    ensure!(
        answer.status == 200,
        "the gate does not take the approval: {}",
        why(&answer)
    );
    Ok(())
}
