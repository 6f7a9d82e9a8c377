//! The console's own listener.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::accounts::{Accounts, AccountsError, Invite, Right};
use crate::desk::{Desk, Sources};
use crate::passkey::RelyingParty;
use crate::{routes, watch};

/// Connections at once; one more is closed.
const CONNECTIONS_MAX: usize = 128;

/// How long a browser may take to say what it wants, also the next time.
const HEADERS_WITHIN: Duration = Duration::from_secs(30);

/// Longest head of a request, in bytes.
const HEADERS_BYTES_MAX: usize = 64 << 10;

/// How long a connection lives: a little longer than any stream.
const CONNECTION_LIFE: Duration = Duration::from_secs(watch::LIFE.as_secs() + 60);

/// What is under way gets this long when the console stops, or a connection has lived.
const GRACE: Duration = Duration::from_secs(2);

/// After a failed accept (usually: no file descriptors left) the listener waits this long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// `[console]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where it listens: a loopback address.
    pub listen: SocketAddr,
    /// The URL by which browsers reach it; `http://localhost:<port>` by default.
    pub origin: Option<String>,
    /// The domain that passkeys belong to; the host of the origin by default.
    pub rp_id: Option<String>,
    /// The file of the accounts.
    pub accounts: PathBuf,
}

/// Why there is no console.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The address is taken, or is not one of this machine.
    #[error("the console cannot listen on `{address}`: {cause}; hint: change `console.listen`")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        cause: std::io::Error,
    },
    /// What an account may do must not cross a network in clear.
    #[error(
        "`{0}` is not a loopback address; hint: use `127.0.0.1:8702` for `console.listen`, and a reverse proxy with TLS to reach it from elsewhere"
    )]
    NotLoopback(SocketAddr),
    /// Who has an account cannot be read.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
    /// There is no code for the first account.
    #[error("there is no code for the first account: {0}")]
    FirstCode(String),
}

/// A console that listens.
pub struct Console {
    desk: Arc<Desk>,
    listener: TcpListener,
}

impl Console {
    /// Reads the accounts and takes the address. Nothing is served before
    /// [`Console::run`].
    pub async fn bind(settings: &Settings, sources: Sources) -> Result<Self, ConsoleError> {
        let address = settings.listen;
        if !address.ip().is_loopback() {
            return Err(ConsoleError::NotLoopback(address));
        }
        let failed = |cause| ConsoleError::Listen { address, cause };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let local = format!("http://localhost:{port}");
        let origin = settings.origin.clone().unwrap_or(local);
        let host = host_of(&origin).to_owned();
        let party = RelyingParty {
            id: settings.rp_id.clone().unwrap_or(host),
            origin,
        };
        let accounts = Accounts::open(&settings.accounts)?;
        Ok(Self {
            desk: Arc::new(Desk::new(party, accounts, sources)),
            listener,
        })
    }

    /// Where browsers find it.
    pub fn url(&self) -> &str {
        &self.desk.party.origin
    }

    /// Who has an account.
    pub fn accounts(&self) -> Arc<Accounts> {
        Arc::clone(&self.desk.accounts)
    }

    /// A code for the first account, good once and for half an hour; none where there is
    /// an account.
    pub fn first_code(&self) -> Result<Option<String>, ConsoleError> {
        if !self.desk.accounts.is_empty() {
            return Ok(None);
        }
        let invite = Invite {
            name: None,
            rights: Right::ALL.to_vec(),
            roles: Vec::new(),
        };
        let invited = self.desk.invites.invite(invite, self.desk.now());
        let failed = |error| ConsoleError::FirstCode(format!("{error}"));
        invited.map(|(code, _)| Some(code)).map_err(failed)
    }

    /// Serves until `shutdown` completes.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let stopped = CancellationToken::new();
        let serving = accept(&self.listener, &self.desk, &stopped);
        let telling = self.desk.live.run(&*self.desk.sources.record);
        tokio::select! {
            () = serving => {}
            () = telling => {}
            () = shutdown => {}
        }
        stopped.cancel();
    }
}

/// The host in an origin.
fn host_of(origin: &str) -> &str {
    let rest = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    rest.split([':', '/']).next().unwrap_or_default()
}

/// Accepts and serves. Dropped, it cuts what is left.
async fn accept(listener: &TcpListener, desk: &Arc<Desk>, stopped: &CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) if connections.len() < CONNECTIONS_MAX => {
                connections.spawn(serve(stream, Arc::clone(desk), stopped.clone()));
            }
            Ok(_too_many) => tracing::warn!("the console has as many connections as it takes"),
            Err(error) => {
                tracing::warn!(%error, "the console cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, desk: Arc<Desk>, stopped: CancellationToken) {
    let service = service_fn(move |request| {
        let desk = Arc::clone(&desk);
        async move { Ok::<_, Infallible>(routes::serve(&desk, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(HEADERS_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = tokio::time::sleep(CONNECTION_LIFE) => None,
        () = stopped.cancelled() => None,
    };
    if ended.is_none() {
        connection.as_mut().graceful_shutdown();
        // What is not done by then is cut.
        let _ = tokio::time::timeout(GRACE, connection).await;
    }
}
