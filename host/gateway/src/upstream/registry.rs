//! One upstream for each tool server, kept while its configuration stays: hot
//! reload of a policy must not cost a connection or a child process.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::join_all;
use gatewright_engine::config::LimitsConfig;
use gatewright_engine::{Server, Snapshot, Transport};
use gatewright_policy::Trouble;

use super::duplex::Room;
use super::http::{HttpUpstream, SseBounds};
use super::secret::Secret;
use super::stdio::{StdioCommand, StdioUpstream};
use super::{Upstream, UpstreamError};
use crate::bodies::SumMax;

/// Whom a gate serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clients {
    /// Anybody with a credential.
    Many,
    /// The one client that started it.
    One,
}

/// The upstreams of the gate. There may be several for one name while calls of
/// an earlier snapshot are under way.
#[derive(Debug)]
pub(crate) struct Upstreams {
    registry: Mutex<Registry>,
    /// Whether all calls are one client's.
    one_client: bool,
    /// For what servers said and nobody has read yet, of all of them together.
    room: Room,
}

#[derive(Debug, Default)]
struct Registry {
    known: HashMap<Arc<str>, Vec<Known>>,
    /// The gate stops: nothing is connected any more.
    is_closed: bool,
}

#[derive(Debug)]
struct Known {
    transport: Transport,
    upstream: Arc<Upstream>,
}

/// Variables that every child process gets from the gate's own environment.
const INHERITED: [&str; 4] = ["PATH", "HOME", "LANG", "TMPDIR"];

impl Upstreams {
    /// None yet.
    pub(crate) fn new(clients: Clients) -> Self {
        Self {
            registry: Mutex::default(),
            one_client: clients == Clients::One,
            // As much as the limits of the first call say.
            room: Room::new(SumMax { all: 0, each: 0 }),
        }
    }

    /// The upstream of a server as it is configured in one snapshot.
    pub(crate) fn of(
        &self,
        server: &Server,
        limits: &LimitsConfig,
    ) -> Result<Arc<Upstream>, UpstreamError> {
        self.room.resize(SumMax::of_answers(limits));
        let mut registry = self.lock();
        if registry.is_closed {
            return Err(UpstreamError::Trouble(
                Trouble::Stopped,
                "the gate stops".to_owned(),
            ));
        }
        let same_name = registry.known.entry(Arc::clone(&server.name)).or_default();
        if let Some(same) = same_name
            .iter()
            .find(|same| same.transport == server.transport)
        {
            return Ok(Arc::clone(&same.upstream));
        }
        let upstream = Arc::new(connect(server, limits, (self.one_client, &self.room))?);
        same_name.push(Known {
            transport: server.transport.clone(),
            upstream: Arc::clone(&upstream),
        });
        Ok(upstream)
    }

    /// Closes the upstreams that a snapshot does not have and that no call uses.
    pub(crate) async fn retain(&self, snapshot: &Snapshot) {
        let mut gone = Vec::new();
        {
            let mut registry = self.lock();
            for (name, same_name) in &mut registry.known {
                let current = snapshot.server(name).map(|server| &server.transport);
                let (keep, drop) = std::mem::take(same_name).into_iter().partition(|one| {
                    Some(&one.transport) == current || Arc::strong_count(&one.upstream) > 1
                });
                *same_name = keep;
                let drop: Vec<Known> = drop;
                gone.extend(drop);
            }
            registry.known.retain(|_, same_name| !same_name.is_empty());
        }
        join_all(gone.iter().map(|one| one.upstream.close())).await;
    }

    /// Closes all of them; there will be no further ones.
    pub(crate) async fn close(&self) {
        let known = {
            let mut registry = self.lock();
            registry.is_closed = true;
            std::mem::take(&mut registry.known)
        };
        let upstreams = known.values().flatten().map(|one| one.upstream.close());
        join_all(upstreams).await;
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn connect(
    server: &Server,
    limits: &LimitsConfig,
    (one_client, room): (bool, &Room),
) -> Result<Upstream, UpstreamError> {
    match &server.transport {
        Transport::Http { url, credential } => {
            let secret = credential.clone().map(Secret::new);
            let bounds = SseBounds {
                server: Arc::clone(&server.name),
                sessions_max: limits.sessions_max,
                idle_max: limits.session_idle.0,
                json: limits.result_json(),
                room: room.clone(),
            };
            HttpUpstream::new(url, secret, bounds).map(Upstream::Http)
        }
        Transport::Stdio {
            command,
            env,
            env_pass,
            directory,
        } => {
            let mut environment = BTreeMap::new();
            for name in INHERITED
                .iter()
                .copied()
                .chain(env_pass.iter().map(String::as_str))
            {
                if let Ok(value) = std::env::var(name) {
                    environment.insert(name.to_owned(), value);
                }
            }
            environment.extend(env.iter().cloned());
            Ok(Upstream::Stdio(StdioUpstream::new(StdioCommand {
                server: Arc::clone(&server.name),
                command: command.clone(),
                environment,
                directory: Some(directory.clone()),
                processes_max: limits.sessions_max,
                idle_max: limits.session_idle.0,
                one_client,
                json: limits.result_json(),
                tools_changed: Arc::default(),
                room: room.clone(),
            })))
        }
    }
}
