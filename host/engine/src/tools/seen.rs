//! What tool servers say about their tools now.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use gatewright_policy::agent::PINNED_BYTES_MAX;
use gatewright_policy::{Definition, Timestamp};

use crate::snapshot::{Server, Transport};

/// Most tools of one server that are remembered. A server with more has tools that nobody
/// knows: they are not called.
pub const SEEN_MAX: usize = 2048;

/// A server is asked again before a call when it was asked so long ago.
const LOOK_AFTER: Duration = Duration::from_secs(600);

/// After a look that came to nothing, the next one waits so long.
const AGAIN_AFTER: Duration = Duration::from_secs(10);

/// What was heard so long ago tells nothing any more.
const TRUSTED_FOR: Duration = Duration::from_secs(1200);

/// What every server says.
#[derive(Debug, Default)]
pub struct Seen(RwLock<HashMap<Arc<str>, OfServer>>);

#[derive(Debug)]
struct OfServer {
    /// Another one is another server, whatever it is called.
    transport: Transport,
    /// When it last gave all of its tools.
    looked_at: Option<Timestamp>,
    /// When a look last came to nothing.
    failed_at: Option<Timestamp>,
    /// How often it said that its tools changed.
    changes: u64,
    /// It said so after it last gave all of them.
    is_stale: bool,
    tools: HashMap<Box<str>, Arc<Definition>>,
    bytes: usize,
    /// It has more tools than are remembered.
    has_more: bool,
}

/// How much of its tools a server gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// Some of them.
    Some,
    /// All of them, to an agent.
    All,
    /// All of them, to a look that began when it had said so often that they changed.
    Look(u64),
}

/// What is known of one tool.
#[derive(Clone, Debug)]
pub(crate) struct Sight {
    /// What its server says.
    pub(crate) definition: Option<Arc<Definition>>,
    /// The server was asked for all of its tools, and not too long ago.
    pub(crate) is_fresh: bool,
    /// It may be one of those that were listed and are not remembered.
    pub(crate) is_beyond: bool,
}

impl Seen {
    /// What is known of a tool.
    pub(crate) fn tool(&self, server: &Server, tool: &str, at: Timestamp) -> Sight {
        let servers = self.read();
        match servers.get(&server.name).filter(|it| it.is_of(server)) {
            None => Sight {
                definition: None,
                is_fresh: false,
                is_beyond: false,
            },
            Some(seen) => Sight {
                definition: seen.tools.get(tool).map(Arc::clone),
                is_fresh: !seen.is_stale && seen.is_within(TRUSTED_FOR, at),
                is_beyond: seen.has_more && !seen.tools.contains_key(tool),
            },
        }
    }

    /// Whether the server should be asked for its tools before it is called.
    pub fn wants_look(&self, server: &Server, at: Timestamp) -> bool {
        let servers = self.read();
        let seen = servers.get(&server.name).filter(|it| it.is_of(server));
        seen.is_none_or(|seen| {
            let failed = seen.failed_at;
            let waits = failed.is_some_and(|failed_at| at < failed_at.plus(AGAIN_AFTER));
            !waits && (seen.is_stale || !seen.is_within(LOOK_AFTER, at))
        })
    }

    /// A look came to nothing.
    pub fn look_failed(&self, server: &Server, at: Timestamp) {
        self.with(server, |seen| seen.failed_at = Some(at));
    }

    /// A look at a server begins: what to hand to what it comes to.
    pub fn look_begins(&self, server: &Server) -> u64 {
        let servers = self.read();
        let seen = servers.get(&server.name).filter(|it| it.is_of(server));
        seen.map_or(0, |seen| seen.changes)
    }

    /// A server says that its tools changed.
    pub fn changed(&self, server: &Server) {
        self.with(server, |seen| {
            seen.changes = seen.changes.wrapping_add(1);
            seen.is_stale = true;
            seen.failed_at = None;
        });
    }

    /// When the server last gave all of its tools, and what they are, by name.
    pub(crate) fn all(
        &self,
        server: &Server,
    ) -> (Option<Timestamp>, Vec<(String, Arc<Definition>)>) {
        let servers = self.read();
        let Some(seen) = servers.get(&server.name).filter(|it| it.is_of(server)) else {
            return (None, Vec::new());
        };
        let tools = seen.tools.iter();
        let tools = tools.map(|(name, it)| (name.to_string(), Arc::clone(it)));
        (seen.looked_at, tools.collect())
    }

    /// A server gave tools.
    pub(crate) fn learn<'a>(
        &self,
        server: &Server,
        tools: impl Iterator<Item = (&'a str, &'a Arc<Definition>)>,
        given: Given,
        at: Timestamp,
    ) {
        self.with(server, |seen| {
            match given {
                Given::Some => {}
                // It may be what was so before it said that its tools changed.
                Given::All if seen.is_stale => {}
                Given::All => seen.looked_at = Some(at),
                Given::Look(began) => {
                    seen.tools.clear();
                    seen.bytes = 0;
                    seen.has_more = false;
                    seen.looked_at = Some(at);
                    seen.failed_at = None;
                    // It may have said meanwhile that this is not so any more.
                    seen.is_stale &= seen.changes != began;
                }
            }
            for (name, definition) in tools {
                seen.take(name, definition);
            }
        });
    }

    fn with(&self, server: &Server, act: impl FnOnce(&mut OfServer)) {
        let mut servers = self.write();
        let known = servers.get(&server.name).filter(|it| it.is_of(server));
        if known.is_none() {
            servers.insert(Arc::clone(&server.name), OfServer::new(server));
        }
        if let Some(seen) = servers.get_mut(&server.name) {
            act(seen);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<Arc<str>, OfServer>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<Arc<str>, OfServer>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OfServer {
    fn new(server: &Server) -> Self {
        Self {
            transport: server.transport.clone(),
            looked_at: None,
            failed_at: None,
            changes: 0,
            is_stale: false,
            tools: HashMap::new(),
            bytes: 0,
            has_more: false,
        }
    }

    fn is_of(&self, server: &Server) -> bool {
        self.transport == server.transport
    }

    fn is_within(&self, span: Duration, at: Timestamp) -> bool {
        self.looked_at
            .is_some_and(|looked_at| at < looked_at.plus(span))
    }

    fn take(&mut self, name: &str, definition: &Arc<Definition>) {
        let before = self.tools.get(name);
        if before.is_none() && self.tools.len() >= SEEN_MAX {
            self.has_more = true;
            return;
        }
        let freed = before.map_or(0, |before| before.text().len());
        let bytes = self.bytes - freed.min(self.bytes) + definition.text().len();
        let kept = match bytes > PINNED_BYTES_MAX {
            false => Arc::clone(definition),
            // The digest says which it is; nobody reads it.
            true => Arc::new(Definition::known(definition.digest, "")),
        };
        self.bytes = self.bytes - freed.min(self.bytes) + kept.text().len();
        self.tools.insert(Box::from(name), kept);
    }
}
