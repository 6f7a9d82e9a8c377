//! What is not about any one call.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use gatewright_engine::{Server, Snapshot};
use hyper::HeaderMap;

use super::Proxy;
use crate::era::Era;
use crate::upstream::{Outgoing, Upstream, UpstreamError, Verb};

impl Proxy {
    /// Calls and streams under way.
    pub(crate) fn in_flight(&self) -> (usize, usize) {
        (self.calls.taken(), self.streams.taken())
    }

    pub(super) fn upstream(
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
            message: Arc::from(""),
            era: Era::Legacy,
            session: Some(session),
            headers: HeaderMap::new(),
            reply_bytes_max: snapshot.limits.result_bytes_max.0,
        };
        let ended = tokio::time::timeout(server.timeout, upstream.exchange(Verb::End, outgoing));
        if let Ok(Err(error)) = ended.await {
            tracing::debug!(%error, server = %server.name, "session not ended");
        }
    }

    /// From now on new calls are refused, and streams without an end are ended.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.closing.cancel();
    }

    /// Lets go of every tool server.
    pub(crate) async fn close(&self) {
        self.upstreams.close().await;
    }
}
