//! The gate that listens: for agents, and for operators.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use gatewright_engine::Engine;
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::cors;
use crate::descriptors::{self, TooFewDescriptors};
use crate::endpoint;
use crate::gate::FIRST_WAIT;
use crate::guarded::guarded;
use crate::host::Names;
use crate::issuers;
use crate::joined::Joined;
use crate::listener::{CLOSE, Listener};
use crate::operators;
use crate::proxy::Proxy;
use crate::statuses;
use crate::upstream::Clients;
use crate::webhooks;
use crate::workers::Workers;

/// A gate that listens.
pub struct Gateway {
    proxy: Arc<Proxy>,
    workers: Workers,
    agents: TcpListener,
    operators: TcpListener,
    local_addr: SocketAddr,
    admin_addr: SocketAddr,
    /// Most connections of agents: as configured, or as descriptors allow.
    connections_max: usize,
}

/// Why a gate does not listen.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The address is taken, or is not one of this machine.
    #[error("cannot listen on `{address}`: {cause}; hint: change `gate.{key}`")]
    Bind {
        /// The configuration key.
        key: &'static str,
        /// Its value.
        address: SocketAddr,
        /// What the system says.
        cause: std::io::Error,
    },
    /// No threads to serve with.
    #[error("cannot start the threads that serve agents: {0}")]
    Threads(std::io::Error),
    /// Connections, tool servers and the ledger need file descriptors.
    #[error(transparent)]
    Descriptors(#[from] TooFewDescriptors),
    /// The admin listener shows what operators see.
    #[error("`{0}` is not a loopback address; hint: use `127.0.0.1:8701` for `gate.admin`")]
    AdminNotLoopback(SocketAddr),
}

/// Idle sessions and unused servers are looked for this often.
const SWEEP: Duration = Duration::from_secs(5);

impl Gateway {
    /// Takes both addresses. Nothing is served before [`Gateway::run`].
    pub async fn bind(engine: Arc<Engine>) -> Result<Self, GatewayError> {
        Self::bind_with_wait(engine, FIRST_WAIT).await
    }

    /// As [`Gateway::bind`], with another first wait before a tool server is asked again for a
    /// stream that did not open: tests have no ten seconds.
    #[doc(hidden)]
    pub async fn bind_with_wait(
        engine: Arc<Engine>,
        first_wait: Duration,
    ) -> Result<Self, GatewayError> {
        let snapshot = engine.snapshot();
        let gate = snapshot.gate.clone();
        if !gate.admin.ip().is_loopback() {
            return Err(GatewayError::AdminNotLoopback(gate.admin));
        }
        let connections_max = descriptors::connections(&snapshot.limits)?;
        let (agents, local_addr) = listen("listen", gate.listen).await?;
        let (operators, admin_addr) = listen("admin", gate.admin).await?;
        Ok(Self {
            proxy: Proxy::new(engine, Clients::Many, first_wait),
            workers: Workers::start().map_err(GatewayError::Threads)?,
            agents,
            operators,
            local_addr,
            admin_addr,
            connections_max,
        })
    }

    /// Where agents connect.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Where operators look.
    pub fn admin_addr(&self) -> SocketAddr {
        self.admin_addr
    }

    /// Serves until `shutdown` completes. Then new calls are refused, calls in
    /// flight get `limits.shutdown_grace` to end, and what is left is cut.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let proxy = self.proxy;
        let snapshot = proxy.gate.engine.snapshot();
        let grace = snapshot.limits.shutdown_grace.0;
        let names = Arc::new(Names::of(&snapshot.gate, self.local_addr));
        let stopped = CancellationToken::new();
        let agents = Listener {
            listener: self.agents,
            connections_max: self.connections_max,
            per_peer_max: snapshot.limits.per_peer_max(self.connections_max),
            client_timeout: snapshot.limits.client_timeout.0,
            grace,
            workers: Some(&self.workers),
            door: &proxy.door,
        };
        let admin_stopped = CancellationToken::new();
        let joined = Arc::new(Joined::default());
        let serving_agents = agents.serve(&stopped, {
            let (proxy, joined) = (Arc::clone(&proxy), Arc::clone(&joined));
            move |request, visit| {
                let names = Arc::clone(&names);
                // In its own place: the server moves it several times, and every move
                // would copy all of it.
                let page = names.page(request.headers());
                let served = (Arc::clone(&proxy), Arc::clone(&joined));
                let answer = endpoint::serve(served, names, visit, request);
                let answer = guarded(Arc::clone(&proxy), Box::pin(answer));
                async move { cors::grant(answer.await, page) }
            }
        });
        let serving_operators = operators::serve(
            Arc::clone(&proxy),
            (self.operators, self.admin_addr),
            admin_stopped.clone(),
        );
        let stopping = async {
            shutdown.await;
            tracing::info!("stopping: calls in flight are finished");
            proxy.stop();
            stopped.cancel();
            Instant::now()
        };
        let sweeping = async {
            loop {
                tokio::time::sleep(SWEEP).await;
                proxy.gate.sweep().await;
                let limits = &proxy.gate.engine.snapshot().limits;
                joined.expire(limits.session_idle.0);
            }
        };
        let keeping_keys = issuers::keep(&proxy.gate.engine);
        let working = async {
            let ((), stopped_at) = tokio::join!(serving_agents, stopping);
            // Calls whose agents are gone have as long as the others.
            let alone = &proxy.gate.alone;
            alone.close();
            let left = grace.saturating_sub(stopped_at.elapsed());
            if tokio::time::timeout(left, alone.wait()).await.is_err() {
                tracing::warn!("calls without their agents were still in flight");
            }
            admin_stopped.cancel();
        };
        tokio::select! {
            ((), ()) = async { tokio::join!(working, serving_operators) } => {}
            () = sweeping => {}
            () = proxy.gate.end_stopped() => {}
            () = statuses::fetch(&proxy.gate.engine) => {}
            () = keeping_keys => {}
            () = webhooks::tell(&proxy.gate.engine) => {}
        }
        if tokio::time::timeout(CLOSE, proxy.gate.close())
            .await
            .is_err()
        {
            tracing::warn!("tool servers did not end in time");
        }
        // Waits for its threads: not on a thread that runs tasks.
        let ended = tokio::task::spawn_blocking(|| drop(self.workers));
        if tokio::time::timeout(CLOSE, ended).await.is_err() {
            tracing::warn!("the threads that serve agents did not end in time");
        }
    }
}

async fn listen(
    key: &'static str,
    address: SocketAddr,
) -> Result<(TcpListener, SocketAddr), GatewayError> {
    let failed = |cause| GatewayError::Bind {
        key,
        address,
        cause,
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}
