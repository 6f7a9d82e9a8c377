//! Runs `configure` once, and keeps what it built apart from the code: as modules that hold
//! memory and globals. The code is compiled once for all settings, and no data has any.

use std::panic::{AssertUnwindSafe, catch_unwind};

use gatewright_link::{Global, Image, set_apart, unite};
use wasmtime::component::{Lift, WasmList};
use wasmtime_wizer::{ComponentInstanceState, Wizer};

use crate::accessors::{Accessors, caught};
use crate::asked::Asked;
use crate::built::{ImageModule, Snapshot};
use crate::call::Call;
use crate::inspection::Inspection;
use crate::machine::Machine;
use crate::program::{Prepared, Program};
use crate::snapshot_error::SnapshotError;

/// Configures a component, and compiles what came of that.
pub(crate) async fn take(
    machine: &Machine,
    inspection: &Inspection,
    asked: Asked<'_>,
) -> Result<Prepared, SnapshotError> {
    let mut wizer = Wizer::new();
    wizer.keep_init_func(true);
    // Guests are hostile, and rewriting may panic on what it did not expect.
    let instrumented = catch_unwind(AssertUnwindSafe(|| {
        let instrumented = wizer.instrument_component(asked.component);
        let (context, instrumented) = instrumented.map_err(|error| format!("{error:#}"))?;
        let apart = set_apart(&instrumented).map_err(|error| error.to_string())?;
        // What reads the state is in every instance, unless it is united with the others.
        // The state of one module keeps its order then.
        let united = || unite(&instrumented).and_then(|united| set_apart(&united));
        let apart = match apart.images.len() {
            1 => united().unwrap_or(apart),
            _ => apart,
        };
        Ok((context, apart))
    }));
    let instrumented = instrumented.unwrap_or_else(|_| Err("it cannot be rewritten".to_owned()));
    let (context, apart) = instrumented.map_err(SnapshotError::Refused)?;
    let at_first = Snapshot {
        component: apart.component,
        images: apart.images.iter().map(at_first).collect(),
    };
    let program = Program::of_snapshot(machine, &at_first, inspection);
    let program = program.map_err(|error| SnapshotError::Refused(error.to_string()))?;

    let limits = asked.limits.for_configure(asked.settings.len());
    let mut call = Call::new(machine, limits);
    let instance = program.configure(&mut call, asked.settings).await;
    let instance = instance.map_err(SnapshotError::Guest)?;
    let log = call.take_log().lines;

    call.unlimit_reading();
    let mut taking = Taking {
        accessors: Accessors {
            store: &mut call.store,
            instance,
            is_complete: true,
        },
        images: &apart.images,
        globals: Vec::new(),
        taken: Vec::new(),
    };
    // What it would write is the component with nothing in its memory.
    let read = caught(wizer.snapshot_component(&context, &mut taking)).await;
    let is_complete = taking.accessors.is_complete && taking.taken.len() == apart.images.len();
    let images = taking.taken;
    if !(is_complete && matches!(read, Some(Ok(_)))) {
        return Err(SnapshotError::refused("its state cannot be read"));
    }
    drop(call);
    let snapshot = Snapshot {
        component: at_first.component,
        images,
    };
    // The code is in use, and is not compiled again.
    let configured = Program::of_snapshot(machine, &snapshot, inspection);
    let configured = configured.map_err(|error| SnapshotError::Refused(error.to_string()))?;
    drop(program);
    Ok(Prepared {
        program: configured,
        snapshot: Some(snapshot),
        log,
    })
}

fn at_first(image: &Image) -> ImageModule {
    ImageModule {
        name: image.name.clone(),
        module: image.initial().to_vec(),
    }
}

/// The state as it is read: of each module in turn its globals, then its memory.
struct Taking<'a> {
    accessors: Accessors<'a>,
    images: &'a [Image],
    /// Of the module whose turn it is.
    globals: Vec<Global>,
    taken: Vec<ImageModule>,
}

// === impl Taking ===

impl Taking<'_> {
    async fn global<T: Lift + Copy + Default + Send + Sync + 'static>(
        &mut self,
        (instance, function): (&str, &str),
        global: impl FnOnce(T) -> Global,
    ) -> T {
        let value: T = self
            .accessors
            .read(instance, function)
            .await
            .unwrap_or_default();
        self.globals.push(global(value));
        let is_all = self
            .turn()
            .is_some_and(|image| !image.has_memory() && image.globals() == self.globals.len());
        if is_all {
            self.take(None);
        }
        value
    }

    fn turn(&self) -> Option<&Image> {
        self.images.get(self.taken.len())
    }
}

/// The state of one module is complete; a state that fits no module is not.
fn taken(
    images: &[Image],
    taken: &mut Vec<ImageModule>,
    globals: &mut Vec<Global>,
    memory: Option<&[u8]>,
) -> bool {
    let globals = std::mem::take(globals);
    let image = images.get(taken.len());
    let held = image.and_then(|image| {
        Some(ImageModule {
            name: image.name.clone(),
            module: image.holding(&globals, memory).ok()?,
        })
    });
    let is_taken = held.is_some();
    taken.extend(held);
    is_taken
}

impl Taking<'_> {
    fn take(&mut self, memory: Option<&[u8]>) {
        let is_taken = taken(self.images, &mut self.taken, &mut self.globals, memory);
        self.accessors.is_complete &= is_taken;
    }
}

impl ComponentInstanceState for Taking<'_> {
    async fn call_func_ret_list_u8(
        &mut self,
        instance: &str,
        func: &str,
        contents: impl FnOnce(&[u8]) + Send,
    ) {
        let memory: Option<WasmList<u8>> = self.accessors.read(instance, func).await;
        if let Some(memory) = memory {
            let memory = memory.as_le_slice(&*self.accessors.store);
            let is_taken = taken(
                self.images,
                &mut self.taken,
                &mut self.globals,
                Some(memory),
            );
            self.accessors.is_complete &= is_taken;
        }
        contents(&[]);
    }

    async fn call_func_ret_s32(&mut self, instance: &str, func: &str) -> i32 {
        self.global((instance, func), Global::I32).await
    }

    async fn call_func_ret_s64(&mut self, instance: &str, func: &str) -> i64 {
        self.global((instance, func), Global::I64).await
    }

    async fn call_func_ret_f32(&mut self, instance: &str, func: &str) -> u32 {
        let global = |value: f32| Global::F32(value.to_bits());
        self.global((instance, func), global).await.to_bits()
    }

    async fn call_func_ret_f64(&mut self, instance: &str, func: &str) -> u64 {
        let global = |value: f64| Global::F64(value.to_bits());
        self.global((instance, func), global).await.to_bits()
    }
}
