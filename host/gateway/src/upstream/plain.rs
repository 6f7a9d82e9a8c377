//! HTTP/1.1 in the clear to one origin, over connections that stay open from one request to
//! the next.
//!
//! A call stays on the thread of its agent and so does the connection that it uses: it is
//! taken and put back without a task, a channel or a key to look it up by, which a pool
//! for every protocol and many origins needs for each request.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::header::{HOST, HeaderValue};
use hyper::http::uri::PathAndQuery;
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::time::{Instant, sleep};
use tower_service::Service as _;

/// Connections without a request are closed after this time.
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Connections kept open for later requests.
pub(super) const IDLE_CONNECTIONS_MAX: usize = 64;

/// Most headers of an answer.
pub(super) const HEADERS_MAX: usize = 100;

/// Connections to one origin.
#[derive(Debug)]
pub(super) struct Plain {
    origin: Uri,
    host: HeaderValue,
    connector: HttpConnector,
    kept: Arc<Kept>,
}

/// Connections that may be used again; the one that was used last is the last.
#[derive(Debug, Default)]
struct Kept(Mutex<Vec<Connection>>);

#[derive(Debug)]
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    used_at: Instant,
}

/// Why there is no answer.
pub(super) type Failure = Box<dyn StdError + Send + Sync>;

// === impl Plain ===

impl Plain {
    /// Connects to nothing yet. The error is a host that no header can name.
    pub(super) fn to(origin: &Uri, connector: HttpConnector) -> Result<Self, Failure> {
        let host = match (origin.host(), origin.port_u16()) {
            (Some(host), None | Some(80)) => HeaderValue::from_str(host)?,
            (Some(host), Some(port)) => HeaderValue::from_str(&format!("{host}:{port}"))?,
            (None, _) => return Err("the URL names no host".into()),
        };
        Ok(Self {
            origin: origin.clone(),
            host,
            connector,
            kept: Arc::default(),
        })
    }

    /// The same origin, over connections of its own.
    pub(super) fn anew(&self) -> Self {
        Self {
            origin: self.origin.clone(),
            host: self.host.clone(),
            connector: self.connector.clone(),
            kept: Arc::default(),
        }
    }

    /// Asks once. Where a kept connection turns out to be closed before any of the request
    /// was written, another one is taken: nobody has heard the request then.
    pub(super) async fn ask(
        &self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Failure> {
        self.address(&mut request);
        while let Some(mut sender) = self.kept.take() {
            match sender.try_send_request(request).await {
                Ok(response) => {
                    self.kept.keep(sender);
                    return Ok(response);
                }
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(error.into_error().into()),
                },
            }
        }
        let mut sender = self.connect().await?;
        let response = sender.send_request(request).await?;
        self.kept.keep(sender);
        Ok(response)
    }

    /// As a server wants it: the path in the first line, the host in a header.
    fn address(&self, request: &mut Request<Full<Bytes>>) {
        let path = request.uri().path_and_query().cloned();
        let path = path.unwrap_or_else(|| PathAndQuery::from_static("/"));
        *request.uri_mut() = Uri::from(path);
        request.headers_mut().insert(HOST, self.host.clone());
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Failure> {
        let stream = self.connector.clone().call(self.origin.clone()).await?;
        let mut builder = Builder::new();
        builder.max_headers(HEADERS_MAX);
        let (sender, connection) = builder.handshake(stream).await?;
        let kept = Arc::downgrade(&self.kept);
        tokio::spawn(async move {
            let mut connection = std::pin::pin!(connection);
            loop {
                tokio::select! {
                    ended = &mut connection => {
                        if let Err(error) = ended {
                            tracing::debug!(%error, "a connection to a tool server ended");
                        }
                        return;
                    }
                    () = sleep(IDLE_TIMEOUT) => let_go(&kept),
                }
            }
        });
        Ok(sender)
    }
}

fn let_go(kept: &Weak<Kept>) {
    if let Some(kept) = kept.upgrade() {
        kept.let_go(Instant::now());
    }
}

// === impl Kept ===

impl Kept {
    /// One that waits for a request.
    fn take(&self) -> Option<SendRequest<Full<Bytes>>> {
        let mut connections = self.lock();
        // One whose last answer is still being read is for later.
        let place = connections
            .iter()
            .rposition(|connection| connection.sender.is_ready())?;
        Some(connections.remove(place).sender)
    }

    /// For the next request, once the answer to the last was read.
    fn keep(&self, sender: SendRequest<Full<Bytes>>) {
        let mut connections = self.lock();
        connections.retain(|connection| !connection.sender.is_closed());
        if connections.len() >= IDLE_CONNECTIONS_MAX {
            // Dropped, it ends with the answer that is being read over it.
            connections.remove(0);
        }
        connections.push(Connection {
            sender,
            used_at: Instant::now(),
        });
    }

    /// Closes what nobody used for long.
    fn let_go(&self, now: Instant) {
        self.lock().retain(|connection| {
            let is_idle = connection.sender.is_ready();
            let is_recent = now.duration_since(connection.used_at) < IDLE_TIMEOUT;
            !connection.sender.is_closed() && (is_recent || !is_idle)
        });
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

    async fn listening() -> (TcpListener, Plain) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}/mcp", listener.local_addr().unwrap());
        let plain = Plain::to(&origin.parse().unwrap(), HttpConnector::new()).unwrap();
        (listener, plain)
    }

    fn post(plain: &Plain) -> Request<Full<Bytes>> {
        let body = Full::new(Bytes::from_static(b"{}"));
        Request::post(plain.origin.clone()).body(body).unwrap()
    }

    async fn ask(plain: &Plain) -> Result<Bytes, Failure> {
        let response = plain.ask(post(plain)).await?;
        Ok(response.into_body().collect().await?.to_bytes())
    }

    /// Reads one request, whose body is two bytes.
    async fn request(stream: &mut TcpStream) -> String {
        let mut heard = Vec::new();
        while !heard.ends_with(b"{}") {
            assert_ne!(stream.read_buf(&mut heard).await.unwrap(), 0, "closed");
        }
        String::from_utf8(heard).unwrap()
    }

    #[tokio::test]
    async fn one_connection_serves_one_request_after_the_other() {
        let (listener, plain) = listening().await;
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = Vec::new();
            for _ in 0..3 {
                heard.push(request(&mut stream).await);
                stream.write_all(ANSWER.as_bytes()).await.unwrap();
            }
            heard
        });
        for _ in 0..3 {
            assert_eq!(ask(&plain).await.unwrap(), "ok");
        }
        let host = format!("host: {}", plain.origin.authority().unwrap());
        for heard in server.await.unwrap() {
            assert!(heard.starts_with("POST /mcp HTTP/1.1\r\n"), "{heard}");
            assert!(heard.contains(&host), "{heard}");
        }
    }

    #[tokio::test]
    async fn a_connection_that_the_server_closed_is_not_used_again() {
        let (listener, plain) = listening().await;
        let server = tokio::spawn(async move {
            for _ in 0..3 {
                let (mut stream, _) = listener.accept().await.unwrap();
                request(&mut stream).await;
                stream.write_all(ANSWER.as_bytes()).await.unwrap();
            }
        });
        for _ in 0..3 {
            assert_eq!(ask(&plain).await.unwrap(), "ok");
            // The end of the connection arrives when it is looked at.
            while plain.kept.lock().iter().any(|it| !it.sender.is_closed()) {
                tokio::task::yield_now().await;
            }
        }
        server.await.unwrap();
    }

    #[tokio::test]
    async fn what_a_server_may_have_heard_is_not_sent_again() {
        let (listener, plain) = listening().await;
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            request(&mut stream).await;
            stream.write_all(ANSWER.as_bytes()).await.unwrap();
            request(&mut stream).await;
            drop(stream);
            listener
        });
        assert_eq!(ask(&plain).await.unwrap(), "ok");
        assert!(ask(&plain).await.is_err());
        let listener = server.await.unwrap();
        // Whoever comes next is not the gate.
        let next = TcpStream::connect(listener.local_addr().unwrap()).await;
        let next = next.unwrap().local_addr().unwrap();
        assert_eq!(listener.accept().await.unwrap().1, next);
    }

    #[tokio::test]
    async fn an_answer_that_is_still_read_keeps_its_connection() {
        let (listener, plain) = listening().await;
        let server = tokio::spawn(async move {
            let mut streams = Vec::new();
            for _ in 0..2 {
                let (mut stream, _) = listener.accept().await.unwrap();
                request(&mut stream).await;
                let half = &ANSWER[..ANSWER.len() - 1];
                stream.write_all(half.as_bytes()).await.unwrap();
                streams.push(stream);
            }
            for stream in &mut streams {
                stream.write_all(b"k").await.unwrap();
            }
            for stream in &mut streams {
                request(stream).await;
                stream.write_all(ANSWER.as_bytes()).await.unwrap();
            }
        });
        let first = plain.ask(post(&plain)).await.unwrap();
        let second = plain.ask(post(&plain)).await.unwrap();
        for response in [first, second] {
            let body = response.into_body().collect().await.unwrap();
            assert_eq!(body.to_bytes(), "ok");
        }
        let (one, other) = tokio::join!(ask(&plain), ask(&plain));
        assert_eq!(one.unwrap(), "ok");
        assert_eq!(other.unwrap(), "ok");
        server.await.unwrap();
    }

    #[tokio::test]
    async fn no_more_are_kept_than_may_be_and_none_for_long() {
        let (listener, plain) = listening().await;
        let server = tokio::spawn(async move {
            let mut streams = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                request(&mut stream).await;
                stream.write_all(ANSWER.as_bytes()).await.unwrap();
                streams.push(stream);
            }
        });
        let asked = (0..IDLE_CONNECTIONS_MAX + 3).map(|_| ask(&plain));
        for answered in futures_util::future::join_all(asked).await {
            assert_eq!(answered.unwrap(), "ok");
        }
        let kept = || plain.kept.lock().len();
        assert_eq!(kept(), IDLE_CONNECTIONS_MAX);
        while plain.kept.lock().iter().any(|it| !it.sender.is_ready()) {
            tokio::task::yield_now().await;
        }
        plain.kept.let_go(Instant::now());
        assert_eq!(kept(), IDLE_CONNECTIONS_MAX);
        plain.kept.let_go(Instant::now() + IDLE_TIMEOUT);
        assert_eq!(kept(), 0);
        server.abort();
    }
}
