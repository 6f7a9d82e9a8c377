//! The machine that guests run on: wasmtime's engine, its pool of instances,
//! and the host functions.

use std::sync::Arc;

use gatewright_artifact::Artifact;
use gatewright_policy::Digest;
use wasmtime::component::Component;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
    WasmFeatures,
};

use crate::builder::{Builder, Running};
use crate::caller::Room;
use crate::code::Codes;
use crate::contract::Linkers;
use crate::functions::Functions;
use crate::lane::Lane;
use crate::limits::{
    CORE_INSTANCES_MAX, DATA_BYTES_MAX, IMAGE_BYTES_MAX, MEMORIES_MAX, TABLE_ELEMENTS_MAX,
    TABLES_MAX,
};
use crate::priority::{self, COMPILER_NICENESS};
use crate::size::{SandboxConfig, SandboxError};
use crate::ticker::Ticker;

/// Memory that a slot of the pool keeps between calls, so that the next call
/// finds its pages mapped. What guests up to a JavaScript engine write; measured:
/// half the latency of small ones.
const MEMORY_KEEP_RESIDENT_BYTES: usize = 1 << 20;

/// The same for tables: more than the function tables of small guests.
const TABLE_KEEP_RESIDENT_BYTES: usize = 16 << 10;

/// Memories, and tables, of one guest that find the slot warm that they had before.
/// With fewer than a guest has, a call that many guests judge maps each of them anew,
/// which costs three times as much. With the line above this bounds what an idle pool
/// keeps resident: 2 MiB for each instance, if each guest wrote that much.
const WARM_SLOTS_PER_INSTANCE: u32 = 2;

/// Native stack of a guest: interpreters recurse deeply.
const STACK_BYTES: usize = 512 << 10;

/// Native stack of a call: the guest's, and room for the host functions.
const CALL_STACK_BYTES: usize = 1 << 20;

/// What a sandbox and its guests share.
pub(crate) struct Machine {
    pub(crate) engine: Engine,
    pub(crate) ticker: Ticker,
    pub(crate) lane: Lane,
    pub(crate) memory_bytes_max: usize,
    /// None: components are compiled here.
    pub(crate) builder: Option<Builder>,
    pub(crate) functions: Arc<Functions>,
    pub(crate) linkers: Linkers,
    codes: Codes,
}

/// Guests that run long may hold half of the instances: the others stay free for
/// those that answer at once.
fn lane_room(config: &SandboxConfig) -> Room {
    let all = usize::try_from(config.instances_max.div_ceil(2)).unwrap_or(usize::MAX);
    // The share of a small sandbox is one, not none.
    let each = config.caller_share.of(all).max(1);
    Room {
        all,
        each,
        data_bytes: DATA_BYTES_MAX,
        data_bytes_each: config.caller_share.of(DATA_BYTES_MAX),
    }
}

// === impl Machine ===

impl Machine {
    pub(crate) fn new(
        config: &SandboxConfig,
        functions: &Arc<Functions>,
    ) -> Result<Self, SandboxError> {
        let failed = |error: wasmtime::Error| SandboxError::Engine {
            instances_max: config.instances_max,
            cause: format!("{error:#}"),
        };
        let kept = Arc::clone(functions);
        let mut engine = engine_config(config);
        engine
            .enable_incremental_compilation(kept)
            .map_err(failed)?;
        let engine = Engine::new(&engine).map_err(failed)?;
        let linkers = Linkers::new(&engine).map_err(failed)?;
        Ok(Self {
            builder: None,
            functions: Arc::clone(functions),
            ticker: Ticker::start(&engine)?,
            lane: Lane::start(lane_room(config))?,
            memory_bytes_max: config.memory_bytes_max,
            engine,
            linkers,
            codes: Codes::default(),
        })
    }

    /// What its builder must know of it.
    pub(crate) const fn running(&self) -> Running<'_> {
        Running {
            engine: &self.engine,
            memory_bytes_max: self.memory_bytes_max,
        }
    }

    /// The code of a component: that which is in use, if it is.
    pub(crate) fn code(&self, component: &[u8]) -> wasmtime::Result<Arc<Component>> {
        let digest = Digest::of(component);
        self.codes.of(digest, || self.compile(component))
    }

    /// The same of an artefact.
    pub(crate) fn code_in(&self, artifact: &Artifact) -> wasmtime::Result<Arc<Component>> {
        let digest = artifact.digest();
        self.codes.of(digest, || artifact.component(&self.engine))
    }

    /// The code of this component, which need not be compiled as long as it is used.
    pub(crate) fn lend(
        &self,
        component: Digest,
        artifact: &Artifact,
    ) -> wasmtime::Result<Arc<Component>> {
        self.codes
            .of(component, || artifact.component(&self.engine))
    }

    /// Compiles a component beside the calls that run, not before them: on
    /// threads of low priority, one for each processor. They end with it, and
    /// give back the memory that compiling takes.
    fn compile(&self, component: &[u8]) -> wasmtime::Result<Component> {
        let compilers = rayon::ThreadPoolBuilder::new()
            .thread_name(|number| format!("policy-compiler-{number}"))
            .start_handler(|_| priority::lower(COMPILER_NICENESS))
            .build()
            .map_err(|error| wasmtime::Error::msg(error.to_string()))?;
        compilers.install(|| Component::new(&self.engine, component))
    }
}

fn engine_config(config: &SandboxConfig) -> Config {
    let mut engine = Config::new();
    engine
        .consume_fuel(true)
        .epoch_interruption(true)
        // The same call gives the same answer on every machine.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_features(WasmFeatures::THREADS, false)
        .shared_memory(false)
        .cranelift_opt_level(OptLevel::Speed)
        // Nobody reads a backtrace of a guest; the tables for it are large.
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .max_wasm_stack(STACK_BYTES)
        .async_stack_size(CALL_STACK_BYTES)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool(config)));
    engine
}

fn pool(config: &SandboxConfig) -> PoolingAllocationConfig {
    let instances = config.instances_max;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_stacks(instances)
        // Most guests have one memory, one or two tables and three or four core
        // instances; a few large ones together find room too.
        // So does one, however few instances there are.
        .total_memories(instances.saturating_mul(2).max(MEMORIES_MAX))
        .total_tables(instances.saturating_mul(4).max(TABLES_MAX))
        .total_core_instances(instances.saturating_mul(16).max(CORE_INSTANCES_MAX))
        .max_core_instances_per_component(CORE_INSTANCES_MAX)
        .max_memories_per_component(MEMORIES_MAX)
        .max_tables_per_component(TABLES_MAX)
        .max_tables_per_module(TABLES_MAX)
        .max_memories_per_module(MEMORIES_MAX)
        .table_elements(TABLE_ELEMENTS_MAX)
        // What is data comes on top of what a binding gives.
        .max_memory_size(config.memory_bytes_max.saturating_add(IMAGE_BYTES_MAX))
        .max_unused_warm_slots(instances.saturating_mul(WARM_SLOTS_PER_INSTANCE))
        .linear_memory_keep_resident(MEMORY_KEEP_RESIDENT_BYTES)
        .table_keep_resident(TABLE_KEEP_RESIDENT_BYTES)
        // Where the kernel has it (Linux 6.7), resets only the pages that a
        // call touched.
        .pagemap_scan(Enabled::Auto);
    pool
}
