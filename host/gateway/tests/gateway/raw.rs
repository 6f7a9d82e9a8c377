//! Clients that do not do what clients do.

use std::net::SocketAddr;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::StreamBody;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Frame;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::agent::{Answer, DEADLINE};
use crate::scene::Scene;

/// As much as HTTP/2 and its beginning have in common with nothing.
pub const PREFACE_BEGUN: &[u8] = b"PRI * HTTP/2.0\r\n";

/// The beginning of HTTP/2 and a frame of settings without any.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// The longest message, by default.
pub const MESSAGE_BYTES: usize = 4 << 20;

pub type Body = UnsyncBoxBody<Bytes, std::io::Error>;

/// A connection that has sent this and nothing more.
pub async fn sent(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// A connection from one of the addresses of this machine.
pub async fn from(source: &str, address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{source}:0").parse().unwrap()).unwrap();
    socket.connect(address).await.unwrap()
}

/// Everything until the gate ends the connection.
pub async fn until_end(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let read = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut all));
    // A reset is an end too.
    let _ = read.await.expect("the connection stays open");
    String::from_utf8_lossy(&all).into_owned()
}

/// The head of a call whose body is of this length.
pub fn head(scene: &Scene, token: Option<&str>, length: usize) -> String {
    let credential = token.map_or_else(String::new, |token| {
        format!("Authorization: Bearer {token}\r\n")
    });
    format!(
        "POST /mcp/files HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Accept: */*\r\n{credential}Content-Length: {length}\r\n\r\n",
        scene.address
    )
}

/// A body of which one byte never comes.
pub fn unfinished(bytes: usize) -> Body {
    const PIECE: &[u8] = &[b' '; 64 << 10];
    let mut left = bytes - 1;
    let pieces = stream::poll_fn(move |_| {
        let piece = left.min(PIECE.len());
        left -= piece;
        match piece {
            0 => std::task::Poll::Pending,
            piece => {
                std::task::Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&PIECE[..piece])))))
            }
        }
    });
    StreamBody::new(pieces).boxed_unsync()
}

pub fn whole(text: &str) -> Body {
    Full::new(Bytes::from(text.to_owned()))
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// A call over HTTP/2.
pub fn request(scene: &Scene, token: Option<&str>, body: Body) -> Request<Body> {
    let mut request = Request::post(format!("http://{}/mcp/files", scene.address))
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(body).unwrap()
}

/// Opens an HTTP/2 connection. `window`: how much of each answer it takes before
/// it has read anything.
pub async fn http2(
    scene: &Scene,
    window: Option<u32>,
) -> (
    http2::SendRequest<Body>,
    tokio::task::JoinHandle<Result<(), hyper::Error>>,
) {
    let stream = TcpStream::connect(scene.address).await.unwrap();
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .initial_stream_window_size(window)
        // Until it has heard how many the gate takes.
        .initial_max_send_streams(8);
    let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.unwrap();
    (sender, tokio::spawn(connection))
}

/// One number of `/metrics`; 0 before it is counted.
pub async fn metric(scene: &Scene, name: &str) -> u64 {
    let Answer { body, .. } = scene.operator().request("GET", "/metrics", "").await;
    let line = body.lines().find_map(|line| line.strip_prefix(name));
    line.map_or(0, |value| value.trim().parse().unwrap())
}

/// Asks until a number of `/metrics` is as it should be.
pub async fn metric_is(scene: &Scene, name: &str, is: impl Fn(u64) -> bool) {
    let asking = async {
        loop {
            let value = metric(scene, name).await;
            if is(value) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    let asked = tokio::time::timeout(DEADLINE, asking).await;
    assert!(asked.is_ok(), "{name} is {}", metric(scene, name).await);
}

/// How many sockets a test may open, with as many of the gate's: 1,100 where the
/// machine lets it.
pub fn crowd() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(u64::MAX).min(8192);
    if limit.current.is_some_and(|current| current < most) {
        let raised = Rlimit {
            current: Some(most),
            maximum: limit.maximum,
        };
        setrlimit(Resource::Nofile, raised).unwrap();
    }
    let may = usize::try_from(getrlimit(Resource::Nofile).current.unwrap_or(most)).unwrap();
    (may.saturating_sub(1200) / 2).clamp(100, 1100)
}
