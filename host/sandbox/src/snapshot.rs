//! Runs `configure` once and keeps what it built, as a component that starts
//! where the configured one stood.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use wasmtime::component::{Instance, Lift, WasmList};
use wasmtime::{Store, error::Context as _};
use wasmtime_wizer::{ComponentInstanceState, Wizer};

use crate::asked::Asked;
use crate::call::Call;
use crate::inspection::{self, Inspection};
use crate::limits::Limits;
use crate::load_error::LoadError;
use crate::machine::Machine;
use crate::program::{Prepared, Program};
use crate::state::CallState;

/// Why there is no snapshot.
pub(crate) enum SnapshotError {
    /// Snapshots of this component cannot be taken, or not be run.
    Refused,
    /// The guest would fail without a snapshot too.
    Guest(LoadError),
}

/// Configures a component on one machine, and compiles what came of it for the other.
pub(crate) async fn take(
    (configuring, running): (&Machine, &Machine),
    inspection: &Inspection,
    asked: Asked<'_>,
) -> Result<Prepared, SnapshotError> {
    let mut wizer = Wizer::new();
    wizer.keep_init_func(true);
    // Guests are hostile, and the instrumentation may panic on what it did not
    // expect: then there is no snapshot.
    let instrumented = catch_unwind(AssertUnwindSafe(|| {
        wizer.instrument_component(asked.component)
    }));
    let Ok(Ok((context, instrumented))) = instrumented else {
        return Err(SnapshotError::Refused);
    };
    let Ok(program) = Program::new(configuring, &instrumented, inspection) else {
        return Err(SnapshotError::Refused);
    };
    let mut call = Call::new(configuring, asked.limits.for_configure());
    let instance = program.configure(&mut call, asked.settings).await;
    let instance = instance.map_err(SnapshotError::Guest)?;
    let log = call.take_log().lines;

    call.unlimit_reading();
    let mut state = InstanceState {
        store: &mut call.store,
        instance,
        is_complete: true,
    };
    let snapshot = caught(wizer.snapshot_component(&context, &mut state)).await;
    let (Some(Ok(snapshot)), true) = (snapshot, state.is_complete) else {
        return Err(SnapshotError::Refused);
    };
    drop(call);
    let program = check(running, &snapshot, inspection, asked.limits).await;
    Ok(Prepared {
        program: program.ok_or(SnapshotError::Refused)?,
        snapshot: Some(snapshot),
        log,
    })
}

/// Compiles a snapshot, if it still is what the component was and starts.
async fn check(
    machine: &Machine,
    snapshot: &[u8],
    inspection: &Inspection,
    limits: Limits,
) -> Option<Program> {
    let snapshotted = inspection::inspect(snapshot).ok()?;
    let is_same = snapshotted.world == inspection.world
        && snapshotted.contract == inspection.contract
        && snapshotted.imports == inspection.imports
        && snapshotted.exports == inspection.exports;
    if !is_same {
        return None;
    }
    let program = Program::new(machine, snapshot, inspection).ok()?;
    let started = program.start(&mut Call::new(machine, limits)).await;
    started.is_ok().then_some(program)
}

/// The result of a future, or nothing when it panics.
async fn caught<F: Future>(future: F) -> Option<F::Output> {
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

/// How the snapshot is read: through functions that the instrumentation added.
struct InstanceState<'a> {
    store: &'a mut Store<CallState>,
    instance: Instance,
    /// Whether everything could be read.
    is_complete: bool,
}

impl InstanceState<'_> {
    async fn read<T: Lift + Send + Sync + 'static>(
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

impl ComponentInstanceState for InstanceState<'_> {
    async fn call_func_ret_list_u8(
        &mut self,
        instance: &str,
        func: &str,
        contents: impl FnOnce(&[u8]) + Send,
    ) {
        match self.read::<WasmList<u8>>(instance, func).await {
            Some(list) => contents(list.as_le_slice(&*self.store)),
            None => contents(&[]),
        }
    }

    async fn call_func_ret_s32(&mut self, instance: &str, func: &str) -> i32 {
        self.read(instance, func).await.unwrap_or_default()
    }

    async fn call_func_ret_s64(&mut self, instance: &str, func: &str) -> i64 {
        self.read(instance, func).await.unwrap_or_default()
    }

    async fn call_func_ret_f32(&mut self, instance: &str, func: &str) -> u32 {
        let value: Option<f32> = self.read(instance, func).await;
        value.unwrap_or_default().to_bits()
    }

    async fn call_func_ret_f64(&mut self, instance: &str, func: &str) -> u64 {
        let value: Option<f64> = self.read(instance, func).await;
        value.unwrap_or_default().to_bits()
    }
}
