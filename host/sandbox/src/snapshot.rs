//! Runs `configure` once and keeps what it built, as a component that starts
//! where the configured one stood; in the cache, too, where there is one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use wasmtime::component::{Instance, Lift, WasmList};
use wasmtime::{Store, error::Context as _};
use wasmtime_wizer::{ComponentInstanceState, Wizer};

use crate::answer::LogLine;
use crate::cache::SnapshotKey;
use crate::call::{Call, CallState};
use crate::inspection::{self, Inspection};
use crate::limits::Limits;
use crate::load::{LoadError, Program};
use crate::sandbox::Machine;

/// A guest that is already configured.
pub(crate) struct Snapshot {
    pub(crate) program: Program,
    /// What the guest logged in `configure`.
    pub(crate) log: Vec<LogLine>,
}

/// Why there is no snapshot.
pub(crate) enum SnapshotError {
    /// Snapshots of this component cannot be taken, or not be run.
    Refused,
    /// The guest would fail without a snapshot too.
    Guest(LoadError),
}

pub(crate) async fn take(
    machine: &Machine,
    component: &[u8],
    inspection: &Inspection,
    settings: &str,
    limits: Limits,
) -> Result<Snapshot, SnapshotError> {
    let key = SnapshotKey::of(inspection.digest, settings, limits);
    let kept = machine.snapshots.as_ref();
    if let Some(snapshot) = kept.and_then(|snapshots| snapshots.find(key))
        && let Some(program) = check(machine, &snapshot, inspection, limits).await
    {
        return Ok(Snapshot {
            program,
            log: Vec::new(),
        });
    }
    let mut wizer = Wizer::new();
    wizer.keep_init_func(true);
    // Guests are hostile, and the instrumentation may panic on what it did not
    // expect: then there is no snapshot.
    let instrumented = catch_unwind(AssertUnwindSafe(|| wizer.instrument_component(component)));
    let Ok(Ok((context, instrumented))) = instrumented else {
        return Err(SnapshotError::Refused);
    };
    let Ok(program) = Program::new(machine, &instrumented, inspection) else {
        return Err(SnapshotError::Refused);
    };
    let mut call = Call::new(machine, limits.for_configure());
    let instance = program.configure(&mut call, settings).await;
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
    let program = check(machine, &snapshot, inspection, limits).await;
    let program = program.ok_or(SnapshotError::Refused)?;
    // Who has something to say in `configure` says it at every start.
    if log.is_empty()
        && let Some(snapshots) = kept
    {
        snapshots.keep(key, &snapshot);
    }
    Ok(Snapshot { program, log })
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
    let mut call = Call::new(machine, limits);
    let started = program
        .instance_pre
        .instantiate_async(&mut call.store)
        .await;
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
