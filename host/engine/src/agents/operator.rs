//! What an operator asks about agents, and what comes of it.

use std::sync::Arc;

use gatewright_policy::Timestamp;
use gatewright_policy::agent::{AgentKey, Change, ChangeError, Registration, Target, Turn, What};
use gatewright_policy::record::Event;
use serde::Deserialize;

use super::listing::{Listing, Selection};
use crate::ledger::Durability;
use crate::memory::{Commit, Effects, NotCommitted};
use crate::recorder::Recorder;

/// What an operator asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Who asks.
    pub by: String,
    /// Why.
    pub why: String,
    /// What.
    pub what: AskedWhat,
}

/// What of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum AskedWhat {
    /// Registers agents, or says something else about them.
    Import(Vec<Registration>),
    /// Stops somebody, or lets it go on.
    Turn {
        /// Which of it.
        turn: Turn,
        /// An agent: with its issuer, or of every issuer that is known for it.
        #[serde(default)]
        agent: Option<String>,
        /// Everything of an owner.
        #[serde(default)]
        owner: Option<String>,
        /// Everything of an issuer; with `agent`, that agent alone.
        #[serde(default)]
        issuer: Option<String>,
    },
    /// A credential or a key counts no more.
    Revoke {
        /// Which.
        token: String,
        /// Only what is below it.
        #[serde(default)]
        below: bool,
        /// Forgotten then.
        #[serde(default)]
        until: Option<Timestamp>,
    },
}

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// It cannot be.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// Nobody knows which agent is meant.
    #[error(
        "nobody registered `{0}`, and it was not seen; hint: say whose agent it is with `--issuer`"
    )]
    Unknown(String),
    /// Not one of an agent, an owner and an issuer.
    #[error("say who: an agent, an owner, or an issuer")]
    Who,
    /// It was not recorded, and so it does not count.
    #[error("not recorded, so nothing changed: {0}")]
    Record(String),
}

/// Makes what an operator asks for count, and gives how many rows it changed. Once begun
/// it goes on, whether anybody waits for it or not.
pub(crate) async fn ask(recorder: &Arc<Recorder>, asked: Asked) -> Result<usize, OperatorError> {
    let what = match asked.what {
        AskedWhat::Import(registrations) => What::Import(registrations),
        AskedWhat::Revoke {
            token,
            below,
            until,
        } => What::Revoke {
            token,
            below,
            until,
        },
        AskedWhat::Turn {
            turn,
            agent,
            owner,
            issuer,
        } => What::Turn {
            turn,
            target: target(recorder, agent, owner, issuer)?,
        },
    };
    let change = Change {
        by: asked.by,
        why: asked.why,
        from_file: false,
        what,
    };
    make(recorder, change).await
}

/// The agents that an operator asks to see.
pub(crate) fn list(recorder: &Recorder, selection: &Selection) -> Listing {
    let agents = recorder.memory.agents();
    Listing::of(&agents.registry(), agents.inventory(), selection)
}

/// Records a change, and makes it count. Nothing is recorded where nothing changes.
pub(crate) async fn make(recorder: &Arc<Recorder>, change: Change) -> Result<usize, OperatorError> {
    let registry = recorder.memory.agents().registry();
    let changed = registry.draft(&change, recorder.now())?.len();
    if changed == 0 {
        return Ok(0);
    }
    let recorder = Arc::clone(recorder);
    let made = tokio::spawn(async move {
        let effects = Effects {
            agents: Some(change.clone()),
            ..Effects::none(recorder.now())
        };
        let record = match &change.what {
            What::Import(_) | What::Turn { .. } | What::Revoke { .. } => Event::Agents(change),
            What::Pin { .. } | What::Differ(_) => Event::Tools(change),
        };
        let commit = Commit {
            record,
            durability: Durability::Synced,
            effects,
        };
        recorder.commit(commit).await
    });
    match made.await {
        Ok(Ok(_receipt)) => Ok(changed),
        Ok(Err(NotCommitted::Agents(error))) => Err(error.into()),
        Ok(Err(error)) => Err(OperatorError::Record(error.to_string())),
        Err(ended) => Err(OperatorError::Record(ended.to_string())),
    }
}

fn target(
    recorder: &Recorder,
    agent: Option<String>,
    owner: Option<String>,
    issuer: Option<String>,
) -> Result<Target, OperatorError> {
    match (agent, owner, issuer) {
        (Some(id), None, Some(issuer)) => Ok(Target::Agents(vec![AgentKey { id, issuer }])),
        (Some(id), None, None) => {
            let agents = recorder.memory.agents();
            let registry = agents.registry();
            let registered = registry.agents().filter(|it| it.agent.id == id);
            let registered = registered.map(|it| it.agent.issuer.clone());
            let mut issuers: Vec<_> = registered.collect();
            issuers.extend(agents.inventory().issuers_of(&id));
            issuers.sort();
            issuers.dedup();
            if issuers.is_empty() {
                return Err(OperatorError::Unknown(id));
            }
            let agents = issuers.into_iter().map(|issuer| AgentKey {
                id: id.clone(),
                issuer,
            });
            Ok(Target::Agents(agents.collect()))
        }
        (None, Some(owner), None) => Ok(Target::Owner(owner)),
        (None, None, Some(issuer)) => Ok(Target::Issuer(issuer)),
        (Some(_), Some(_), _) | (None, Some(_), Some(_)) | (None, None, None) => {
            Err(OperatorError::Who)
        }
    }
}
