//! What every call at this gate shares, on its way there and back: the engine,
//! what is remembered of callers, and the tool servers.

use std::sync::Arc;
use std::time::Duration;

use gatewright_engine::agents::Looked;
use gatewright_engine::{Engine, Server, Snapshot};
use gatewright_policy::json::Document;
use gatewright_policy::{Grant, Stopped};
use hyper::HeaderMap;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::answering::KeptStreams;
use crate::bodies::Bodies;
use crate::endings::Endings;
use crate::era::Era;
use crate::looks::Looks;
use crate::metrics::Metrics;
use crate::mirrored::MirroredParams;
use crate::proofs::Proofs;
use crate::sessions::{Ended, Sessions};
use crate::tasks::Tasks;
use crate::upstream::{Clients, Outgoing, Upstream, UpstreamError, Upstreams, Verb};

/// One for each gate.
pub(crate) struct Gate {
    pub(crate) engine: Arc<Engine>,
    pub(crate) metrics: Metrics,
    pub(crate) sessions: Sessions,
    pub(crate) params: MirroredParams,
    pub(crate) tasks: Tasks,
    pub(crate) proofs: Proofs,
    pub(crate) looks: Looks,
    /// What was said to agents that may come back for it.
    pub(crate) kept: KeptStreams,
    pub(crate) endings: Endings,
    /// Answers that agents have not taken yet.
    pub(crate) answers: Bodies,
    /// Ends streams that have no end of their own.
    pub(crate) closing: CancellationToken,
    /// Streams on their way to agents. Each ends with the answer that it is part
    /// of.
    pub(crate) relays: TaskTracker,
    /// Calls that go on without their agents.
    pub(crate) alone: TaskTracker,
    /// The first wait before a server is asked again for a stream that did not open.
    pub(crate) first_wait: Duration,
    upstreams: Upstreams,
}

/// Whoever opens a session waits so long for the end of another one at its
/// server, and no longer.
const GIVE_WAY_MAX: Duration = Duration::from_secs(1);

/// The first wait before a server is asked again for a stream that did not open.
pub(crate) const FIRST_WAIT: Duration = Duration::from_secs(10);

impl Gate {
    /// In front of the servers of an engine's configuration.
    pub(crate) fn new(engine: Arc<Engine>, clients: Clients, first_wait: Duration) -> Self {
        Self {
            proofs: Proofs::new(engine.recorded_until()),
            engine,
            metrics: Metrics::default(),
            sessions: Sessions::default(),
            params: MirroredParams::default(),
            tasks: Tasks::default(),
            looks: Looks::default(),
            kept: KeptStreams::default(),
            endings: Endings::default(),
            answers: Bodies::default(),
            closing: CancellationToken::new(),
            relays: TaskTracker::new(),
            alone: TaskTracker::new(),
            first_wait,
            upstreams: Upstreams::new(clients),
        }
    }

    pub(crate) fn upstream(
        &self,
        server: &Server,
        snapshot: &Snapshot,
    ) -> Result<Arc<Upstream>, UpstreamError> {
        self.upstreams.of(server, &snapshot.limits)
    }

    /// Ends what nobody uses any more. Carries nothing of any agent.
    pub(crate) async fn sweep(&self) {
        self.engine.sum_up().await;
        let snapshot = self.engine.snapshot();
        for (name, session) in self.sessions.expire(snapshot.limits.session_idle.0) {
            self.retire(&snapshot, &name, session).await;
        }
        self.kept.expire(Instant::now());
        self.upstreams.retain(&snapshot).await;
    }

    /// Tells a server that nobody will use a session again.
    pub(crate) async fn retire(&self, snapshot: &Snapshot, server: &str, session: Arc<str>) {
        let Some(server) = snapshot.server(server) else {
            return;
        };
        let Ok(upstream) = self.upstream(server, snapshot) else {
            return;
        };
        let outgoing = Outgoing {
            message: Document::empty_object(),
            era: Era::Legacy,
            session: Some(session),
            headers: HeaderMap::new(),
            owner: None,
            reply_bytes_max: snapshot.limits.result_bytes_max.0,
        };
        let ended =
            tokio::time::timeout(server.timeout, upstream.exchange(Verb::End, outgoing, None));
        if let Ok(Err(error)) = ended.await {
            tracing::debug!(%error, server = %server.name, "session not ended");
        }
    }

    /// Ends a session that gave way to another one at its server too.
    pub(crate) async fn gave_way(&self, snapshot: &Snapshot, gone: Option<Ended>) {
        let Some((server, session)) = gone else {
            return;
        };
        self.metrics.sessions_given_way.inc();
        let retired = self.retire(snapshot, &server, session);
        if tokio::time::timeout(GIVE_WAY_MAX, retired).await.is_err() {
            tracing::debug!(%server, "a session that gave way is not ended at its server");
        }
    }

    /// Completes when whoever has a grant may not go on.
    pub(crate) async fn stopped(&self, grant: &Grant, server: &Arc<str>) -> Stopped {
        let mut changes = self.engine.agents().changes();
        loop {
            if let Err(stopped) = self.engine.admits(grant, server) {
                return stopped;
            }
            let statuses = self.engine.agents().statuses();
            if statuses.want(&grant.status, self.engine.now()) == Looked::NoRoom {
                // Nobody would hear of its end.
                return Stopped::STATUS_UNAVAILABLE;
            }
            if changes.changed().await.is_err() {
                // The engine has ended, and with it everything that could change.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Ends the MCP sessions of everybody who may not go on, whenever that changes. Never
    /// completes.
    pub(crate) async fn end_stopped(&self) {
        let mut changes = self.engine.agents().changes();
        loop {
            let snapshot = self.engine.snapshot();
            let ended = self.sessions.end(|owner, server| {
                let admitted = self.engine.agents().admits(&owner.asker(&snapshot, server));
                admitted.is_err()
            });
            for (server, session) in ended {
                Box::pin(self.retire(&snapshot, &server, session)).await;
            }
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Lets go of every tool server.
    pub(crate) async fn close(&self) {
        self.upstreams.close().await;
    }
}

/// Ids of decisions sort by time.
pub(crate) fn decision_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
