//! An agent of a scenario: its credential, its key, and how it calls.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use ed25519_dalek::SigningKey;
use gatewright_policy::credential::proof::DPOP_TYPE;
use gatewright_policy::credential::{Claims, Delegation, delegate, issue, sha256, sign};
use gatewright_policy::pattern::Scope;
use gatewright_policy::scope::read_shown;
use serde_json::{Value, json};
use uuid::Uuid;

use super::http::post;
use super::scenario::{AgentPart, ProofPart, Scenario};
use crate::credential::now;

/// The stateless revision: no call needs another one before it.
const REVISION: &str = "2026-07-28";

/// How long credentials of a drill hold.
const VALID: Duration = Duration::from_secs(600);

/// An agent on the stage.
pub(super) struct Agent {
    credential: String,
    key: Option<SigningKey>,
    last_proof: Option<String>,
}

/// What came of a request.
pub(super) enum Reply {
    /// The result.
    Result(Value),
    /// The gate's reason, or what else went wrong.
    Refused {
        /// The code of a reason.
        reason: String,
        /// The held call, where people are asked.
        decision: Option<String>,
    },
}

/// Where requests go.
#[derive(Clone, Copy)]
pub(super) struct Endpoint<'a> {
    pub(super) address: SocketAddr,
    /// The URL of the gate, as agents know it.
    pub(super) base: &'a str,
}

/// The agents of a scenario, each with its credential.
pub(super) fn agents(scenario: &Scenario, issuer: &SigningKey) -> Result<BTreeMap<String, Agent>> {
    // Sessions and budgets of another run are none of this one.
    let run = Uuid::now_v7().simple().to_string();
    let id = |name: &str| format!("did:example:drill-{run}-{}-{name}", scenario.name);
    let mut agents = BTreeMap::new();
    let from_issuer = |part: &AgentPart| part.from.is_none() && part.steals.is_none();
    let parts = scenario.agents.iter();
    for (name, part) in parts.clone().filter(|(_, part)| from_issuer(part)) {
        let key = part.holder.then(key).transpose()?;
        let valid_from = now()?;
        let claims = Claims {
            agent: id(name),
            principal: "user:drill".to_owned(),
            scopes: scopes(part)?,
            audience: Vec::new(),
            valid_from,
            valid_until: valid_from.plus(VALID),
            id: Uuid::now_v7().urn().to_string(),
            task: None,
            holder: key.as_ref().map(SigningKey::verifying_key),
            facts: Vec::new(),
        };
        let shadow = self::key()?;
        let issuer = match part.shadow {
            true => &shadow,
            false => issuer,
        };
        agents.insert(name.clone(), Agent::new(issue(&claims, issuer), key));
    }
    for (name, part) in parts.filter(|(_, part)| !from_issuer(part)) {
        let of = part.from.as_ref().or(part.steals.as_ref());
        let (of, parent) = of
            .and_then(|of| Some((of, agents.get(of)?)))
            .with_context(|| format!("`{name}` has its credential from nobody"))?;
        let agent = match part.steals {
            Some(_) => Agent::new(parent.credential.clone(), None),
            None => {
                let own = key()?;
                let issued_at = now()?;
                let delegation = Delegation {
                    from: id(of),
                    to: format!("{}/{name}", id(of)),
                    holder: own.verifying_key(),
                    scopes: scopes(part)?,
                    audience: Vec::new(),
                    issued_at,
                    expires_at: issued_at.plus(VALID / 2),
                    id: Uuid::now_v7().urn().to_string(),
                    depth_max: None,
                };
                let with = parent.key.as_ref().context("it has no key")?;
                Agent::new(delegate(&parent.credential, &delegation, with), Some(own))
            }
        };
        agents.insert(name.clone(), agent);
    }
    Ok(agents)
}

fn scopes(part: &AgentPart) -> Result<Vec<Scope>> {
    let scopes = part.scopes.iter().map(|scope| read_shown(scope));
    Ok(scopes.collect::<Result<_, _>>()?)
}

/// A key that nobody had before.
pub(super) fn key() -> Result<SigningKey> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    Ok(SigningKey::from_bytes(&seed))
}

// === impl Agent ===

impl Agent {
    const fn new(credential: String, key: Option<SigningKey>) -> Self {
        Self {
            credential,
            key,
            last_proof: None,
        }
    }

    /// Calls a tool, with its arguments as this JSON text.
    pub(super) fn call(
        &mut self,
        endpoint: Endpoint<'_>,
        (server, tool): (&str, &str),
        arguments: &str,
        proof: ProofPart,
    ) -> Result<Reply> {
        let members = format!("\"name\":{},\"arguments\":{arguments},", json!(tool));
        self.ask(
            endpoint,
            server,
            ("tools/call", &members, Some(tool)),
            proof,
        )
    }

    /// The names of the tools that it is shown.
    pub(super) fn list(&mut self, endpoint: Endpoint<'_>, server: &str) -> Result<Reply> {
        self.ask(endpoint, server, ("tools/list", "", None), ProofPart::Own)
    }

    fn ask(
        &mut self,
        endpoint: Endpoint<'_>,
        server: &str,
        (method, members, name): (&str, &str, Option<&str>),
        proof: ProofPart,
    ) -> Result<Reply> {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": REVISION,
            "io.modelcontextprotocol/clientInfo": { "name": "drill", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        // Put together as text: a smuggler's arguments are no JSON that a library writes.
        let body = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{method}\",\"params\":{{{members}\"_meta\":{meta}}}}}"
        );
        let path = format!("/mcp/{server}");
        let mut headers = vec![
            ("Content-Type", "application/json".to_owned()),
            ("Accept", "application/json, text/event-stream".to_owned()),
            ("Mcp-Protocol-Version", REVISION.to_owned()),
            ("Mcp-Method", method.to_owned()),
        ];
        headers.extend(name.map(|name| ("Mcp-Name", name.to_owned())));
        match self.proof(&format!("{}{path}", endpoint.base), proof)? {
            None => headers.push(("Authorization", format!("Bearer {}", self.credential))),
            Some(proof) => {
                headers.push(("Authorization", format!("DPoP {}", self.credential)));
                headers.push(("DPoP", proof));
            }
        }
        Ok(reply(post(endpoint.address, &path, &headers, &body)?))
    }

    fn proof(&mut self, url: &str, how: ProofPart) -> Result<Option<String>> {
        let made = |key: &SigningKey| -> Result<String> {
            let claims = json!({
                "htm": "POST", "htu": url, "ath": sha256(&self.credential),
                "iat": now()?.seconds(), "jti": Uuid::now_v7().to_string(),
            });
            Ok(sign(DPOP_TYPE, &claims, key))
        };
        let proof = match how {
            ProofPart::None => return Ok(None),
            ProofPart::Own => self.key.as_ref().map(made).transpose()?,
            ProofPart::Other => Some(made(&key()?)?),
            ProofPart::Replayed => {
                let last = self.last_proof.clone();
                Some(last.context("there is no proof to replay: no step before has one")?)
            }
        };
        self.last_proof.clone_from(&proof);
        Ok(proof)
    }
}

fn reply(message: Value) -> Reply {
    let reason = message
        .pointer("/error/data/reason")
        .or_else(|| message.pointer("/result/_meta/gatewright~1reason"));
    if let Some(reason) = reason.and_then(Value::as_str) {
        let decision = message
            .pointer("/error/data/decision")
            .or_else(|| message.pointer("/result/_meta/gatewright~1decision"));
        return Reply::Refused {
            reason: reason.to_owned(),
            decision: decision.and_then(Value::as_str).map(str::to_owned),
        };
    }
    match message.get("result") {
        Some(result) if result.get("isError") != Some(&Value::Bool(true)) => {
            Reply::Result(result.clone())
        }
        Some(_) | None => Reply::Refused {
            reason: "an error that is not of the gate".to_owned(),
            decision: None,
        },
    }
}
