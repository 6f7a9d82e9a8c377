//! The listener of operators and approvers, beside whatever serves agents.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::admin;
use crate::guarded::guarded;
use crate::host::Names;
use crate::listener::{Door, Listener};
use crate::proxy::Proxy;

/// Serves until `stopped`.
pub(crate) async fn serve(
    proxy: Arc<Proxy>,
    (listener, address): (TcpListener, SocketAddr),
    stopped: CancellationToken,
) {
    let client_timeout = proxy.gate.engine.snapshot().limits.client_timeout.0;
    let door = Arc::new(Door::default());
    let operators = Listener {
        listener,
        connections_max: admin::CONNECTIONS_MAX,
        // All of them are this machine.
        per_peer_max: admin::CONNECTIONS_MAX,
        client_timeout,
        grace: Duration::ZERO,
        workers: None,
        door: &door,
    };
    let names = Arc::new(Names::of_address(address));
    let registry = Arc::new(admin::registry(&proxy));
    let serving = operators.serve(&stopped, move |request, _visit| {
        let (registry, names) = (Arc::clone(&registry), Arc::clone(&names));
        let answer = admin::serve(Arc::clone(&proxy), registry, names, request);
        guarded(Arc::clone(&proxy), answer)
    });
    serving.await;
}
