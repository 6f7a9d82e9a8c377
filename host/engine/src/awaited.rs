//! An answer that may be there already.

use std::pin::Pin;
use std::task::{Context, Poll};

/// An answer that is there, or that comes. One that is there costs no allocation.
///
/// As a future it answers once; polled again after that, it never answers.
#[must_use]
pub enum Awaited<'a, T> {
    /// It is there, until it was taken.
    There(Option<T>),
    /// It comes.
    Coming(Pin<Box<dyn Future<Output = T> + Send + 'a>>),
}

impl<'a, T> Awaited<'a, T> {
    /// An answer that is there.
    pub const fn there(answer: T) -> Self {
        Self::There(Some(answer))
    }

    /// An answer that comes.
    pub fn coming(answer: impl Future<Output = T> + Send + 'a) -> Self {
        Self::Coming(Box::pin(answer))
    }
}

impl<T: Unpin> Future for Awaited<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match &mut *self {
            Self::There(answer) => answer.take().map_or(Poll::Pending, Poll::Ready),
            Self::Coming(answer) => answer.as_mut().poll(context),
        }
    }
}
