//! The listeners: accepting, serving and stopping.

use std::future::Future;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use gatewright_engine::Engine;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::admin;
use crate::body::{self, Body};
use crate::endpoint;
use crate::host::Names;
use crate::proxy::Proxy;
use crate::workers::Workers;

/// A gate that listens.
pub struct Gateway {
    proxy: Arc<Proxy>,
    workers: Workers,
    agents: TcpListener,
    operators: TcpListener,
    local_addr: SocketAddr,
    admin_addr: SocketAddr,
}

/// Why a gate does not listen.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The address is taken, or is not one of this machine.
    #[error("cannot listen on `{address}`: {source}; hint: change `gate.{key}`")]
    Bind {
        /// The configuration key.
        key: &'static str,
        /// Its value.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// No threads to serve with.
    #[error("cannot start the threads that serve agents: {0}")]
    Threads(std::io::Error),
    /// The admin listener shows what operators see.
    #[error("`{0}` is not a loopback address; hint: use `127.0.0.1:8701` for `gate.admin`")]
    AdminNotLoopback(SocketAddr),
}

/// Most headers of a request.
const HEADERS_MAX: usize = 100;

/// Longest headers of a request, in bytes: a credential fits twice.
const HEADER_BYTES_MAX: usize = 64 << 10;

/// Most requests at once on one HTTP/2 connection.
const STREAMS_MAX: u32 = 128;

/// A connection on which nothing happens is asked whether it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Idle sessions and unused servers are looked for this often.
const SWEEP: Duration = Duration::from_secs(5);

/// After a failed accept (usually: no file descriptors left) the listener waits
/// this long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Child processes get this long to end.
const CLOSE: Duration = Duration::from_secs(5);

impl Gateway {
    /// Takes both addresses. Nothing is served before [`Gateway::run`].
    pub async fn bind(engine: Arc<Engine>) -> Result<Self, GatewayError> {
        let gate = engine.snapshot().gate.clone();
        if !gate.admin.ip().is_loopback() {
            return Err(GatewayError::AdminNotLoopback(gate.admin));
        }
        let (agents, local_addr) = listen("listen", gate.listen).await?;
        let (operators, admin_addr) = listen("admin", gate.admin).await?;
        Ok(Self {
            proxy: Proxy::new(engine),
            workers: Workers::start().map_err(GatewayError::Threads)?,
            agents,
            operators,
            local_addr,
            admin_addr,
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
        let snapshot = proxy.engine.snapshot();
        let names = Arc::new(Names::of(&snapshot.gate, self.local_addr));
        let stopped = CancellationToken::new();
        let agents = Listener {
            listener: self.agents,
            connections_max: snapshot.limits.connections_max,
            client_timeout: snapshot.limits.client_timeout.0,
            grace: snapshot.limits.shutdown_grace.0,
            workers: Some(&self.workers),
        };
        let operators = Listener {
            listener: self.operators,
            connections_max: admin::CONNECTIONS_MAX,
            client_timeout: snapshot.limits.client_timeout.0,
            grace: Duration::ZERO,
            workers: None,
        };
        let admin_names = Arc::new(Names::of_address(self.admin_addr));
        let registry = Arc::new(admin::registry(&proxy));
        let admin_stopped = CancellationToken::new();
        let serving_agents = agents.serve(&stopped, {
            let proxy = Arc::clone(&proxy);
            move |request| {
                let answer = endpoint::serve(Arc::clone(&proxy), Arc::clone(&names), request);
                guarded(Arc::clone(&proxy), answer)
            }
        });
        let serving_operators = operators.serve(&admin_stopped, {
            let proxy = Arc::clone(&proxy);
            move |request| {
                let answer = admin::serve(
                    Arc::clone(&proxy),
                    Arc::clone(&registry),
                    Arc::clone(&admin_names),
                    request,
                );
                guarded(Arc::clone(&proxy), answer)
            }
        });
        let stopping = async {
            shutdown.await;
            tracing::info!("stopping: calls in flight are finished");
            proxy.stop();
            stopped.cancel();
        };
        let sweeping = async {
            loop {
                tokio::time::sleep(SWEEP).await;
                proxy.sweep().await;
            }
        };
        let working = async {
            tokio::join!(serving_agents, stopping);
            admin_stopped.cancel();
        };
        tokio::select! {
            ((), ()) = async { tokio::join!(working, serving_operators) } => {}
            () = sweeping => {}
        }
        if tokio::time::timeout(CLOSE, proxy.close()).await.is_err() {
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
    let failed = |source| GatewayError::Bind {
        key,
        address,
        source,
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

struct Listener<'a> {
    listener: TcpListener,
    connections_max: usize,
    client_timeout: Duration,
    grace: Duration,
    /// Who serves; nobody, for connections that stay on this runtime.
    workers: Option<&'a Workers>,
}

impl Listener<'_> {
    /// Accepts and serves until stopped, then finishes what is under way.
    async fn serve<S, F>(self, stopped: &CancellationToken, service: S)
    where
        S: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let seats = Arc::new(Semaphore::new(self.connections_max));
        let graceful = GracefulShutdown::new();
        let mut connections = JoinSet::new();
        while let Some((seat, stream)) = self.next(&seats, stopped, &mut connections).await {
            let place = self.workers.and_then(Workers::place);
            let runtime = place
                .as_ref()
                .map_or_else(Handle::current, |place| place.runtime.clone());
            let (watcher, service) = (graceful.watcher(), service.clone());
            let client_timeout = self.client_timeout;
            let served = async move {
                match connection(stream, client_timeout, service) {
                    Ok(connection) => {
                        if let Err(error) = watcher.watch(connection).await {
                            tracing::debug!(%error, "connection ended");
                        }
                    }
                    Err(error) => tracing::warn!(%error, "connection not taken over"),
                }
                drop((seat, place));
            };
            connections.spawn_on(served, &runtime);
        }
        drop(self.listener);
        if tokio::time::timeout(self.grace, graceful.shutdown())
            .await
            .is_err()
        {
            tracing::warn!("calls were still in flight at the end of the grace period");
        }
        if tokio::time::timeout(CLOSE, connections.shutdown())
            .await
            .is_err()
        {
            tracing::warn!("connections did not end in time: is the disk of the ledger stuck?");
        }
    }

    /// The next connection, once there is a seat for it.
    async fn next(
        &self,
        seats: &Arc<Semaphore>,
        stopped: &CancellationToken,
        connections: &mut JoinSet<()>,
    ) -> Option<(OwnedSemaphorePermit, std::net::TcpStream)> {
        let accepted = async {
            let seat = Arc::clone(seats).acquire_owned().await.ok()?;
            loop {
                let accepted = self.listener.accept().await;
                // Whoever serves it has a reactor of its own.
                match accepted.and_then(|(stream, _peer)| stream.into_std()) {
                    Ok(stream) => return Some((seat, stream)),
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        };
        tokio::pin!(accepted);
        loop {
            tokio::select! {
                biased;
                () = stopped.cancelled() => return None,
                Some(ended) = connections.join_next() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "a connection ended in a panic");
                    }
                }
                accepted = &mut accepted => return accepted,
            }
        }
    }
}

/// Serves a connection on the runtime that polls this.
fn connection<S, F>(
    stream: std::net::TcpStream,
    client_timeout: Duration,
    service: S,
) -> std::io::Result<
    impl hyper_util::server::graceful::GracefulConnection<
        Error = Box<dyn std::error::Error + Send + Sync>,
    > + use<S, F>,
>
where
    S: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let stream = TcpStream::from_std(stream)?;
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "answers may be slower");
    }
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(client_timeout)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEADER_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(u32::try_from(HEADER_BYTES_MAX).unwrap_or(u32::MAX))
        .keep_alive_interval(KEEP_ALIVE);
    let service = service_fn(move |request| {
        let answer = service(request);
        async move { Ok::<_, std::convert::Infallible>(answer.await) }
    });
    Ok(builder
        .serve_connection(TokioIo::new(stream), service)
        .into_owned())
}

/// A request that ends in a panic is answered, and takes no other with it.
async fn guarded(
    proxy: Arc<Proxy>,
    answer: impl Future<Output = Response<Body>>,
) -> Response<Body> {
    match AssertUnwindSafe(answer).catch_unwind().await {
        Ok(response) => response,
        Err(_panic) => {
            proxy.metrics.panics.inc();
            tracing::error!("a request ended in a panic");
            let text =
                r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"internal error"}}"#;
            let mut response = Response::new(body::full(text));
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    }
}
