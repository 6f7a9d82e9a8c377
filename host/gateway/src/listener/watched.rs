//! A socket that tells how its client reads, and that ends so that the client
//! still gets the last answer.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::visit::Visit;

/// A client's socket.
pub(super) struct Watched {
    stream: TcpStream,
    visit: Arc<Visit>,
    /// What is left of the end, once it has begun.
    lingers: Option<(Pin<Box<Sleep>>, usize)>,
}

/// Closing a socket on which bytes wait to be read resets the connection, and the
/// client may lose the answer that it was just sent. So after the last answer what
/// still comes is read and dropped, until the client has closed its side too, for
/// so long at the most.
pub(super) const LINGER: Duration = Duration::from_secs(1);

/// And so many bytes at the most: the longest message, by default.
const LINGER_BYTES_MAX: usize = 4 << 20;

/// Dropped in pieces of so many bytes.
const PIECE_BYTES: usize = 8 << 10;

impl Watched {
    pub(super) fn new(stream: TcpStream, visit: Arc<Visit>) -> Self {
        Self {
            stream,
            visit,
            lingers: None,
        }
    }

    fn wrote(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(bytes)) => self.visit.wrote(Some(*bytes)),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.visit.wrote(None),
        }
        written
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.wrote(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.lingers.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
        }
        let (end, left) = this
            .lingers
            .get_or_insert_with(|| (Box::pin(sleep(LINGER)), LINGER_BYTES_MAX));
        let mut piece = [0; PIECE_BYTES];
        loop {
            let mut into = ReadBuf::new(&mut piece);
            match Pin::new(&mut this.stream).poll_read(context, &mut into) {
                // An error: the client is gone, which is all that was waited for.
                Poll::Ready(Err(_)) => return Poll::Ready(Ok(())),
                Poll::Ready(Ok(())) => {
                    let bytes = into.filled().len();
                    *left = left.saturating_sub(bytes);
                    if bytes == 0 || *left == 0 {
                        return Poll::Ready(Ok(()));
                    }
                }
                Poll::Pending => return end.as_mut().poll(context).map(Ok),
            }
        }
    }
}
