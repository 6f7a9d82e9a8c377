//! How the state of a guest is read once it is configured: through functions that the
//! instrumentation added to it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use wasmtime::component::{Instance, Lift};
use wasmtime::{Store, error::Context as _};

use crate::state::CallState;

/// An instance that was instrumented, and the functions that were added to it.
pub(crate) struct Accessors<'a> {
    pub(crate) store: &'a mut Store<CallState>,
    pub(crate) instance: Instance,
    /// Whether everything could be read.
    pub(crate) is_complete: bool,
}

impl Accessors<'_> {
    pub(crate) async fn read<T: Lift + Send + Sync + 'static>(
        &mut self,
        interface: &str,
        function: &str,
    ) -> Option<T> {
        let value = self.try_read(interface, function).await.ok();
        self.is_complete &= value.is_some();
        value
    }

    async fn try_read<T: Lift + Send + Sync + 'static>(
        &mut self,
        interface: &str,
        function: &str,
    ) -> wasmtime::Result<T> {
        let (_, interface) = self
            .instance
            .get_export(&mut *self.store, None, interface)
            .context("no such interface")?;
        let (_, function) = self
            .instance
            .get_export(&mut *self.store, Some(&interface), function)
            .context("no such function")?;
        let function = self
            .instance
            .get_typed_func::<(), (T,)>(&mut *self.store, &function)?;
        let (value,) = function.call_async(&mut *self.store, ()).await?;
        Ok(value)
    }
}

/// The result of a future, or nothing when it panics.
pub(crate) async fn caught<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Ready(output)) => Poll::Ready(Some(output)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_panic) => Poll::Ready(None),
        }
    })
    .await
}
