//! A listener: accepts, holds every connection to its limits, and stops.

mod connection;
mod door;
mod roll;
mod visit;
mod watched;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::{Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub(crate) use self::door::Door;
use self::roll::{Peer, Roll};
use self::visit::Order;
pub(crate) use self::visit::Visit;
use crate::body::Body;
use crate::workers::Workers;

/// A socket that is listened on, and within which bounds.
pub(crate) struct Listener<'a> {
    pub(crate) listener: TcpListener,
    pub(crate) connections_max: usize,
    pub(crate) per_peer_max: usize,
    /// How long a client may ask nothing, or read nothing.
    pub(crate) client_timeout: Duration,
    /// How long what is under way may take when it stops.
    pub(crate) grace: Duration,
    /// Who serves; nobody, for connections that stay on this runtime.
    pub(crate) workers: Option<&'a Workers>,
    /// Where it is counted.
    pub(crate) door: &'a Arc<Door>,
}

/// The connections that are served.
struct Served {
    tasks: JoinSet<()>,
    roll: Roll<Id>,
}

/// After a failed accept (usually: no file descriptors left) the listener waits
/// this long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Room for a new connection is made within this time, or it is refused. One that
/// leaves or stays says so at once: only a machine that is very busy needs it.
const ROOM_WAIT: Duration = Duration::from_secs(1);

/// Connections that are cut get this long to end.
pub(crate) const CLOSE: Duration = Duration::from_secs(5);

impl Listener<'_> {
    /// Accepts and serves until stopped, then finishes what is under way. Whoever
    /// comes is accepted at once: where all places are taken, somebody quiet
    /// leaves, or else the new connection is closed. None waits unserved.
    pub(crate) async fn serve<S, F>(self, stopped: &CancellationToken, service: S)
    where
        S: Fn(Request<Incoming>, Arc<Visit>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let mut served = Served {
            tasks: JoinSet::new(),
            roll: Roll::new(self.connections_max, self.per_peer_max),
        };
        while let Some((stream, address)) = self.next(stopped, &mut served).await {
            let peer = Peer::from(address.ip());
            if !self.has_room(peer, &mut served).await {
                continue;
            }
            let place = self.workers.and_then(Workers::place);
            let runtime = place
                .as_ref()
                .map_or_else(Handle::current, |place| place.runtime.clone());
            let visit = Arc::new(Visit::default());
            let (visited, service) = (Arc::clone(&visit), service.clone());
            let (period, door) = (self.client_timeout, Arc::clone(self.door));
            let open = door.opened();
            let task = async move {
                match TcpStream::from_std(stream) {
                    Ok(stream) => {
                        let why = connection::serve(stream, visited, period, service).await;
                        if let Some(why) = why {
                            door.ended(why);
                        }
                    }
                    Err(error) => tracing::warn!(%error, "connection not taken over"),
                }
                drop((open, place));
            };
            let task = served.tasks.spawn_on(task, &runtime);
            served.roll.arrived(task.id(), peer, visit);
        }
        drop(self.listener);
        served.roll.stop();
        if timeout(self.grace, served.all_ended()).await.is_err() {
            tracing::warn!("calls were still in flight at the end of the grace period");
        }
        if timeout(CLOSE, served.tasks.shutdown()).await.is_err() {
            tracing::warn!("connections did not end in time: is the disk of the ledger stuck?");
        }
    }

    /// The next connection; none once stopped.
    async fn next(
        &self,
        stopped: &CancellationToken,
        served: &mut Served,
    ) -> Option<(std::net::TcpStream, SocketAddr)> {
        loop {
            tokio::select! {
                biased;
                () = stopped.cancelled() => return None,
                Some(ended) = served.tasks.join_next_with_id() => served.ended(ended),
                accepted = self.accept() => return Some(accepted),
            }
        }
    }

    async fn accept(&self) -> (std::net::TcpStream, SocketAddr) {
        loop {
            // Whoever serves it has a reactor of its own.
            let accepted = self.listener.accept().await;
            let accepted = accepted.and_then(|(stream, address)| Ok((stream.into_std()?, address)));
            match accepted {
                Ok(accepted) => {
                    self.door.accepts();
                    return accepted;
                }
                Err(error) => {
                    self.door.fails(&error);
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Whether there is room for one more of this peer, after somebody quiet has
    /// left if need be.
    async fn has_room(&self, peer: Peer, served: &mut Served) -> bool {
        let making = async {
            while let Some(why) = served.roll.is_full(peer) {
                let Some(least) = served.roll.least(peer, why).cloned() else {
                    return;
                };
                least.tell(Order::Leave);
                tokio::select! {
                    Some(ended) = served.tasks.join_next_with_id() => served.ended(ended),
                    // Somebody else has to.
                    () = least.stayed() => {}
                }
            }
        };
        // Too late is as good as no room: that is what is looked at next.
        let _in_time = timeout(ROOM_WAIT, making).await;
        match served.roll.is_full(peer) {
            None => true,
            Some(why) => {
                self.door.ended(why);
                false
            }
        }
    }
}

impl Served {
    fn ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                tracing::error!(%error, "a connection ended in a panic");
                error.id()
            }
        };
        self.roll.left(id);
    }

    async fn all_ended(&mut self) {
        while let Some(ended) = self.tasks.join_next_with_id().await {
            self.ended(ended);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;

    /// Nobody who waits for something that does not happen waits longer.
    const DEADLINE: Duration = Duration::from_secs(30);

    /// Until this many connections are open.
    async fn until_open(door: &Door, open: i64) {
        while door.open() != open {
            tokio::task::yield_now().await;
        }
    }

    /// Whom the gate asks to leave may have got a request by then. Somebody else
    /// leaves in its place, and at once.
    #[tokio::test]
    async fn one_that_stays_after_all_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (door, stopped) = (Arc::new(Door::default()), CancellationToken::new());
        let listening = Listener {
            listener,
            connections_max: 2,
            per_peer_max: 2,
            client_timeout: Duration::from_secs(60),
            grace: Duration::ZERO,
            workers: None,
            door: &door,
        };
        let never_answered = |_, _| std::future::pending::<Response<Body>>();
        let coming = async {
            let mut first = TcpStream::connect(address).unwrap();
            until_open(&door, 1).await;
            let mut second = TcpStream::connect(address).unwrap();
            until_open(&door, 2).await;
            // The gate hears of the third one before it hears of the request.
            let mut third = TcpStream::connect(address).unwrap();
            first
                .write_all(b"GET / HTTP/1.1\r\nhost: gate\r\n\r\n")
                .unwrap();
            second.set_nonblocking(true).unwrap();
            while let Err(error) = second.read(&mut [0]) {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                tokio::task::yield_now().await;
            }
            until_open(&door, 2).await;
            for stays in [&mut first, &mut third] {
                stays.set_nonblocking(true).unwrap();
                let error = stays.read(&mut [0]).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
            }
            stopped.cancel();
        };
        let both = async { tokio::join!(listening.serve(&stopped, never_answered), coming) };
        timeout(DEADLINE, both).await.expect("somebody makes room");
    }
}
