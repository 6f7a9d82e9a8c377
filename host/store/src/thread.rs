//! The thread on which everything about a database happens.

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// One thread with a runtime. Dropped, it waits for nothing.
pub(crate) struct Thread(Option<Runtime>);

impl Thread {
    pub(crate) fn start() -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("memory")
            .enable_all()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    /// Runs on it to its end, whether or not anybody waits; none where it has ended.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> Option<JoinHandle<T>> {
        self.0.as_ref().map(|runtime| runtime.spawn(task))
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // In a task, to wait for it would be a panic.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
