//! What a change makes of a registry.

use std::collections::HashSet;
use std::sync::Arc;

use super::change::{Change, ChangeError, Target, What};
use super::key::AgentKey;
use super::registry::Registry;
use super::row::{Registered, Registration, Revoked, Row, Stop};
use super::state::{AgentState, Turn};
use crate::timestamp::Timestamp;

/// Most agents that are registered: a start reads all of them.
pub const AGENTS_MAX: usize = 1 << 17;

/// Most owners, and most issuers, of which everything was ever stopped.
pub const STOPS_MAX: usize = 4096;

/// Most credentials and keys that are revoked. To make room, stop the agent.
pub const REVOKED_MAX: usize = 1 << 16;

/// What a change makes of rows that it did not make yet.
pub(super) struct Draft<'a> {
    pub(super) registry: &'a Registry,
    pub(super) change: &'a Change,
    pub(super) at: Timestamp,
    /// Whether what may not be is refused; a change that was recorded is not any more.
    pub(super) strict: bool,
}

// === impl Registry ===

impl Registry {
    /// The rows that a change makes; none of what is so already. Nothing is changed yet.
    pub fn draft(&self, change: &Change, at: Timestamp) -> Result<Vec<Row>, ChangeError> {
        change.check()?;
        let draft = Draft {
            registry: self,
            change,
            at,
            strict: true,
        };
        draft.rows()
    }

    /// Makes a change that was recorded: it counts, whatever would be said of it today.
    pub fn redo(&mut self, change: &Change, at: Timestamp) {
        let draft = Draft {
            registry: self,
            change,
            at,
            strict: false,
        };
        for row in draft.rows().unwrap_or_default() {
            self.set(row);
        }
    }
}

// === impl Draft ===

impl Draft<'_> {
    fn rows(&self) -> Result<Vec<Row>, ChangeError> {
        match &self.change.what {
            What::Import(registrations) => self.import(registrations),
            What::Turn { turn, target } => match target {
                Target::Agents(agents) => self.turn_agents(*turn, agents),
                Target::Owner(name) => {
                    let known = self.registry.owner(name);
                    let is_known = known.is_some() || self.has_owner(name);
                    let of = ("owners", self.registry.stops().0);
                    let stop = self.turn_all(*turn, name, (known, is_known), of)?;
                    Ok(stop.map(Row::Owner).into_iter().collect())
                }
                Target::Issuer(name) => {
                    let known = self.registry.issuer(name);
                    let is_known = self.registry.knows_issuer(name);
                    let of = ("issuers", self.registry.stops().1);
                    let stop = self.turn_all(*turn, name, (known, is_known), of)?;
                    Ok(stop.map(Row::Issuer).into_iter().collect())
                }
            },
            What::Pin { tools, first_sight } => self.pin(tools, *first_sight),
            What::Differ(tools) => Ok(self.differ(tools)),
            What::Revoke {
                token,
                below,
                until,
            } => {
                let known = self.registry.revocation(token);
                if known.is_none() && self.strict {
                    full("revocations", self.registry.revocations(), REVOKED_MAX)?;
                }
                let mut revoked = Revoked {
                    token: token.clone(),
                    below: *below,
                    until: *until,
                    since: self.at,
                    by: self.change.by.clone(),
                    why: self.change.why.clone(),
                };
                if let Some(known) = known {
                    // What is revoked already stays so, for as long.
                    revoked.below &= known.below;
                    revoked.until = match (known.until, revoked.until) {
                        (Some(one), Some(other)) => Some(one.max(other)),
                        (None, _) | (_, None) => None,
                    };
                    if (revoked.below, revoked.until) == (known.below, known.until) {
                        return Ok(Vec::new());
                    }
                }
                Ok(vec![Row::Revoked(revoked)])
            }
        }
    }

    fn import(&self, registrations: &[Registration]) -> Result<Vec<Row>, ChangeError> {
        let mut rows: Vec<Registered> = Vec::new();
        let mut new = HashSet::new();
        for registration in registrations {
            let known = self.registry.agent(&registration.id, &registration.issuer);
            if known.is_none()
                && new.insert((&registration.id, &registration.issuer))
                && self.strict
            {
                full("agents", self.registry.len() + new.len() - 1, AGENTS_MAX)?;
            }
            let row = self.imported(registration, known.map(|known| &**known));
            if known.is_none_or(|known| **known != row) {
                rows.push(row);
            }
        }
        Ok(rows.into_iter().map(Row::Agent).collect())
    }

    fn imported(&self, registration: &Registration, known: Option<&Registered>) -> Registered {
        let from_file = self.change.from_file;
        let before = known.map_or(AgentState::Active, |known| known.state);
        let by_file = known.is_some_and(|known| known.stopped_by_file);
        // What the file stopped it may let go on; nothing else that is stopped.
        let state = match before {
            AgentState::Suspended if from_file && by_file => registration.state,
            before => before.tighter(registration.state),
        };
        let stopped_by_file = match state {
            AgentState::Active => false,
            AgentState::Suspended | AgentState::Decommissioned if state == before => by_file,
            AgentState::Suspended | AgentState::Decommissioned => from_file,
        };
        let turned = known.is_none_or(|known| known.state != state);
        let said = known.filter(|_| !turned);
        Registered {
            agent: AgentKey {
                id: registration.id.clone(),
                issuer: registration.issuer.clone(),
            },
            owner: registration.owner.clone(),
            purpose: registration.purpose.clone(),
            servers: registration.servers.clone(),
            state,
            since: said.map_or(self.at, |known| known.since),
            by: said.map_or(&self.change.by, |known| &known.by).clone(),
            why: said.map_or(&self.change.why, |known| &known.why).clone(),
            only_stopped: false,
            in_file: from_file || known.is_some_and(|known| known.in_file),
            stopped_by_file,
        }
    }

    fn turn_agents(&self, turn: Turn, agents: &[AgentKey]) -> Result<Vec<Row>, ChangeError> {
        let mut rows = Vec::new();
        for agent in agents {
            let known = self.registry.agent(&agent.id, &agent.issuer);
            if known.is_none() && self.strict {
                if turn == Turn::Resume {
                    return Err(ChangeError::Unknown(agent.to_string()));
                }
                full("agents", self.registry.len() + rows.len(), AGENTS_MAX)?;
            }
            let before = known.map_or(AgentState::Active, |known| known.state);
            let Some(state) = self.turned(before, turn, &agent.to_string())? else {
                continue;
            };
            // What the file stopped, an operator may stop too, and then it stays so.
            let from_file = self.change.from_file;
            let is_so = |known: &&Arc<Registered>| known.state == state;
            if known
                .filter(is_so)
                .is_some_and(|known| from_file || !known.stopped_by_file)
            {
                continue;
            }
            let blank = Registered {
                agent: agent.clone(),
                owner: None,
                purpose: String::new(),
                servers: None,
                state,
                since: self.at,
                by: String::new(),
                why: String::new(),
                only_stopped: true,
                in_file: false,
                stopped_by_file: false,
            };
            let known = known.map(|known| Registered::clone(known));
            rows.push(Row::Agent(Registered {
                state,
                since: self.at,
                by: self.change.by.clone(),
                why: self.change.why.clone(),
                stopped_by_file: from_file && state != AgentState::Active,
                ..known.unwrap_or(blank)
            }));
        }
        Ok(rows)
    }

    fn turn_all(
        &self,
        turn: Turn,
        name: &str,
        (known, is_known): (Option<&Arc<Stop>>, bool),
        (what, count): (&'static str, usize),
    ) -> Result<Option<Stop>, ChangeError> {
        if self.strict {
            if turn == Turn::Resume && !is_known {
                return Err(ChangeError::Unknown(name.to_owned()));
            }
            if known.is_none() {
                full(what, count, STOPS_MAX)?;
            }
        }
        let before = known.map_or(AgentState::Active, |known| known.state);
        let state = self.turned(before, turn, name)?;
        Ok(state.filter(|state| *state != before).map(|state| Stop {
            name: name.to_owned(),
            state,
            since: self.at,
            by: self.change.by.clone(),
            why: self.change.why.clone(),
        }))
    }

    /// The state after the turn; none where it cannot be taken, and was recorded.
    fn turned(
        &self,
        before: AgentState,
        turn: Turn,
        name: &str,
    ) -> Result<Option<AgentState>, ChangeError> {
        match before.after(turn) {
            Ok(state) => Ok(Some(state)),
            Err(_final) if !self.strict => Ok(None),
            Err(cause) => Err(ChangeError::Final {
                name: name.to_owned(),
                cause,
            }),
        }
    }

    fn has_owner(&self, name: &str) -> bool {
        let mut agents = self.registry.agents();
        agents.any(|agent| agent.owner.as_deref() == Some(name))
    }
}

pub(super) const fn full(what: &'static str, count: usize, max: usize) -> Result<(), ChangeError> {
    match count >= max {
        true => Err(ChangeError::TooMany { what, max }),
        false => Ok(()),
    }
}
