//! `gatewright wrap`: the same gate as a stdio server, for desktop clients. Each
//! line is a message and takes the path of a call that HTTP takes; the caller is
//! the local agent that the operator named.

mod client;
mod error;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use gatewright_engine::Engine;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use bytes::Bytes;

use self::client::Client;
pub(crate) use self::client::one_line;
pub use self::error::WrapError;
use crate::gate::FIRST_WAIT;
use crate::operators;
use crate::proxy::Proxy;
use crate::upstream::Clients;
use crate::webhooks;

/// Messages that wait for the client to read them; whoever has another one
/// waits, up to the tool server.
const OUTBOX: usize = 64;

/// How long the last messages may take to be read by the client.
const FLUSH_MAX: Duration = Duration::from_secs(2);

/// Serves one client until `input` ends or `shutdown` completes, then finishes
/// the calls in flight and ends the tool server's process. Errors when the
/// client or the tool server went away first.
///
/// `input` and `output` carry newline-delimited JSON-RPC and nothing else.
pub async fn run<R, W>(
    engine: Arc<Engine>,
    server: &str,
    input: R,
    output: W,
    shutdown: impl Future<Output = ()>,
) -> Result<(), WrapError>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + Send + 'static,
{
    run_beside(engine, server, (input, output), None, shutdown).await
}

/// The same beside a listener for operators and approvers, on a loopback address.
pub async fn run_beside<R, W>(
    engine: Arc<Engine>,
    server: &str,
    (input, output): (R, W),
    operators: Option<TcpListener>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), WrapError>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let operators = operators.map(loopback).transpose()?;
    let snapshot = engine.snapshot();
    if snapshot.local.is_none() {
        return Err(WrapError::NoLocalAgent);
    }
    let Some(server) = snapshot.server(server) else {
        return Err(WrapError::UnknownServer(server.to_owned()));
    };
    let proxy = Proxy::new(engine, Clients::One, FIRST_WAIT);
    let (outbox, outgoing) = mpsc::channel(OUTBOX);
    let mut writer = tokio::spawn(write(outgoing, output));
    let client = Client::new(Arc::clone(&proxy), Arc::clone(&server.name), outbox);
    let stopped = CancellationToken::new();
    let _stops = stopped.clone().drop_guard();
    if let Some(operators) = operators {
        // Ends with this function.
        tokio::spawn(operators::serve(Arc::clone(&proxy), operators, stopped));
    }

    let served = tokio::select! {
        served = client.serve(input) => served,
        () = client.server_ended() => Err(WrapError::ServerEnded),
        written = &mut writer => Err(WrapError::Output(match written {
            Ok(Err(error)) => error,
            Ok(Ok(())) => std::io::ErrorKind::BrokenPipe.into(),
            Err(error) => error.into(),
        })),
        () = proxy.gate.end_stopped() => Ok(()),
        () = webhooks::tell(&proxy.gate.engine) => Ok(()),
        () = shutdown => Ok(()),
    };
    proxy.stop();
    client.finish(snapshot.limits.shutdown_grace.0).await;
    proxy.gate.relays.close();
    if timeout(FLUSH_MAX, proxy.gate.relays.wait()).await.is_err() {
        tracing::warn!("streams to the client did not end in time");
    }
    proxy.gate.close().await;
    drop(client);
    if !writer.is_finished() && timeout(FLUSH_MAX, &mut writer).await.is_err() {
        writer.abort();
    }
    served
}

/// A listener that only this machine reaches, with its address.
fn loopback(listener: TcpListener) -> Result<(TcpListener, SocketAddr), WrapError> {
    let address = listener.local_addr().map_err(WrapError::Admin)?;
    match address.ip().is_loopback() {
        true => Ok((listener, address)),
        false => Err(WrapError::AdminNotLoopback(address)),
    }
}

/// Writes lines until there are no more.
pub(crate) async fn write<W: AsyncWrite + Unpin>(
    mut outgoing: mpsc::Receiver<Bytes>,
    mut output: W,
) -> std::io::Result<()> {
    while let Some(line) = outgoing.recv().await {
        output.write_all(&line).await?;
        output.write_all(b"\n").await?;
        output.flush().await?;
    }
    Ok(())
}
