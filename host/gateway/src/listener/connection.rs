//! One connection: HTTP/1 or HTTP/2, under time limits from its first byte to its
//! last.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulConnection;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::visit::{Before, Errand, Order, Visit, Why};
use super::watched::{LINGER, Watched};
use crate::body::Body;
use crate::upstream::UpstreamError;

/// Most headers of a request.
const HEADERS_MAX: usize = 100;

/// Longest headers of a request, in bytes: a credential fits twice.
const HEADER_BYTES_MAX: usize = 64 << 10;

/// Most requests at once on one HTTP/2 connection: an agent has a few calls under
/// way, and whoever has more opens another connection, which is counted.
const STREAMS_MAX: u32 = 32;

/// A connection on which nothing happens is asked whether it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// An answer on its way to the client.
struct Answer {
    body: Body,
    errand: Errand,
}

/// What happens to a connection that is served.
enum Event {
    Ended(Result<(), Box<dyn std::error::Error + Send + Sync>>),
    Told(Order),
    Looks,
}

/// Serves a connection on the runtime that polls this, until its end. Why the
/// gate ended it; none where the client did.
///
/// `period`: a client that asks nothing for so long is gone, and so is one that
/// reads nothing of what it asked for.
pub(super) async fn serve<S, F>(
    stream: TcpStream,
    visit: Arc<Visit>,
    period: Duration,
    service: S,
) -> Option<Why>
where
    S: Fn(Request<Incoming>, Arc<Visit>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "answers may be slower");
    }
    let mut connection = pin!(connection(stream, &visit, period, service));
    let mut timer = pin!(sleep(period));
    let mut before = Before::default();
    let mut ending = None;
    loop {
        let event = poll_fn(|context| {
            if let Poll::Ready(ended) = connection.as_mut().poll(context) {
                return Poll::Ready(Event::Ended(ended));
            }
            if let Poll::Ready(order) = visit.poll_order(context) {
                return Poll::Ready(Event::Told(order));
            }
            timer.as_mut().poll(context).map(|()| Event::Looks)
        });
        let next = match event.await {
            Event::Ended(ended) => {
                let slow = ended.err().is_some_and(is_timeout);
                return ending.or(slow.then_some(Why::Silent));
            }
            Event::Told(Order::Leave) if visit.is_quiet() => return Some(Why::MadeRoom),
            Event::Told(Order::Leave) => {
                visit.stays();
                continue;
            }
            Event::Told(Order::Stop) => {
                connection.as_mut().graceful_shutdown();
                continue;
            }
            Event::Looks => match visit.look(&mut before) {
                None => period,
                Some(Why::Stuck) => return Some(Why::Stuck),
                Some(why) if ending.is_some() => return Some(why),
                // A client that asks at this very moment is told to ask elsewhere.
                Some(why) => {
                    ending = Some(why);
                    connection.as_mut().graceful_shutdown();
                    LINGER
                }
            },
        };
        timer.as_mut().reset(Instant::now() + next);
    }
}

fn connection<S, F>(
    stream: TcpStream,
    visit: &Arc<Visit>,
    period: Duration,
    service: S,
) -> impl GracefulConnection<Error = Box<dyn std::error::Error + Send + Sync>> + use<S, F>
where
    S: Fn(Request<Incoming>, Arc<Visit>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(period)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEADER_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(u32::try_from(HEADER_BYTES_MAX).unwrap_or(u32::MAX))
        .keep_alive_interval(KEEP_ALIVE);
    let watched = Watched::new(stream, Arc::clone(visit));
    let visit = Arc::clone(visit);
    let service = service_fn(move |request| {
        let mut errand = Errand::begin(&visit);
        let answer = service(request, Arc::clone(&visit));
        async move {
            let response = answer.await;
            errand.waits_for_the_client();
            Ok::<_, Infallible>(response.map(|body| Answer { body, errand }))
        }
    });
    builder
        .serve_connection(TokioIo::new(watched), service)
        .into_owned()
}

/// Whether a connection ended for want of headers.
fn is_timeout(error: Box<dyn std::error::Error + Send + Sync>) -> bool {
    tracing::debug!(%error, "connection ended");
    let error = error.downcast_ref::<hyper::Error>();
    error.is_some_and(hyper::Error::is_timeout)
}

// === impl Answer ===

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = UpstreamError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UpstreamError>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        match &frame {
            Poll::Pending => self.errand.waits_for_us(),
            Poll::Ready(frame) => {
                self.errand.waits_for_the_client();
                let data = frame.as_ref().and_then(|frame| frame.as_ref().ok());
                if let Some(data) = data.and_then(Frame::data_ref) {
                    self.errand.gave(data.len());
                }
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
