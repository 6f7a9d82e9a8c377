//! Runs `configure` once and keeps what it built, as a component that starts
//! where the configured one stood.

use std::panic::{AssertUnwindSafe, catch_unwind};

use gatewright_link::export_globals;
use wasmtime::component::WasmList;
use wasmtime_wizer::{ComponentInstanceState, Wizer};

use crate::accessors::{Accessors, caught};
use crate::asked::Asked;
use crate::built::Snapshot;
use crate::call::Call;
use crate::inspection::{self, Inspection};
use crate::limits::Limits;
use crate::machine::Machine;
use crate::program::{Prepared, Program};
use crate::snapshot_error::SnapshotError;

/// Configures a component, and compiles what came of it.
pub(crate) async fn take(
    machine: &Machine,
    inspection: &Inspection,
    asked: Asked<'_>,
) -> Result<Prepared, SnapshotError> {
    let mut wizer = Wizer::new();
    wizer.keep_init_func(true);
    // What reads the state is not in the snapshot. With exports that are in both, both have
    // the same code, which is compiled once.
    let exported = catch_unwind(|| export_globals(asked.component));
    let exported = exported.ok().and_then(Result::ok);
    let component = exported.as_deref().unwrap_or(asked.component);
    // Guests are hostile, and the instrumentation may panic on what it did not
    // expect: then there is no snapshot.
    let instrumented = catch_unwind(AssertUnwindSafe(|| wizer.instrument_component(component)));
    let Ok(Ok((context, instrumented))) = instrumented else {
        return Err(SnapshotError::refused("it cannot be instrumented"));
    };
    let Ok(program) = Program::new(machine, &instrumented, inspection) else {
        return Err(SnapshotError::refused("it does not compile so"));
    };
    let limits = Limits {
        // It starts in every call, and must fit there.
        memory_bytes: asked.limits.memory_bytes,
        ..asked.limits.for_configure(asked.settings.len())
    };
    let mut call = Call::new(machine, limits);
    let instance = program.configure(&mut call, asked.settings).await;
    let instance = instance.map_err(SnapshotError::Guest)?;
    let log = call.take_log().lines;

    call.unlimit_reading();
    let mut state = Accessors {
        store: &mut call.store,
        instance,
        is_complete: true,
    };
    let snapshot = caught(wizer.snapshot_component(&context, &mut state)).await;
    let (Some(Ok(snapshot)), true) = (snapshot, state.is_complete) else {
        return Err(SnapshotError::refused("its state cannot be read"));
    };
    drop(call);
    let program = check(machine, &snapshot, inspection, asked.limits).await;
    Ok(Prepared {
        program: program.ok_or_else(|| SnapshotError::refused("what came of it does not start"))?,
        snapshot: Some(Snapshot::whole(snapshot)),
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
    if !snapshotted.is_seen_as(inspection) {
        return None;
    }
    let program = Program::new(machine, snapshot, inspection).ok()?;
    let started = program.start(&mut Call::new(machine, limits)).await;
    started.is_ok().then_some(program)
}

// === impl Accessors ===

impl ComponentInstanceState for Accessors<'_> {
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
