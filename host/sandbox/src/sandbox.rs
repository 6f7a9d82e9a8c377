//! The machine that guests run on: wasmtime's engine, its pool of instances,
//! and the host functions.

use std::path::Path;
use std::sync::Arc;

use gatewright_policy::Share;
use wasmtime::component::{Component, Linker};
use wasmtime::{
    Cache, CacheConfig, Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel,
    PoolingAllocationConfig, WasmFeatures,
};

use crate::builder::Builder;
use crate::call::CallState;
use crate::caller::Room;
use crate::compiler::Compiler;
use crate::contract::v0_1;
use crate::functions::Functions;
use crate::guest::Guest;
use crate::inspection::{self, Inspection};
use crate::lane::Lane;
use crate::limits::{CORE_INSTANCES_MAX, Limits, MEMORIES_MAX, TABLE_ELEMENTS_MAX, TABLES_MAX};
use crate::load::{self, LoadError};
use crate::priority::{self, COMPILER_NICENESS};
use crate::rehearsal::Rehearsal;
use crate::ticker::Ticker;

/// Instances that can run at the same time. A call holds one for as long as the
/// guest runs, so only guests that wait or loop add up.
const INSTANCES: u32 = 256;

/// The most memory that a binding may be given: twice what the largest known
/// language runtime needs.
const MEMORY_BYTES: usize = 256 << 20;

/// Memory that a slot of the pool keeps between calls, so that the next call
/// finds its pages mapped. What guests up to a JavaScript engine write; measured:
/// half the latency of small ones.
const MEMORY_KEEP_RESIDENT_BYTES: usize = 1 << 20;

/// The same for tables: more than the function tables of small guests.
const TABLE_KEEP_RESIDENT_BYTES: usize = 16 << 10;

/// Slots that stay reserved for the guest that used them last. With the line
/// above this bounds what an idle pool keeps resident (64 MiB, if each guest wrote
/// that much).
const WARM_SLOTS_MAX: u32 = 64;

/// Native stack of a guest: interpreters recurse deeply.
const STACK_BYTES: usize = 512 << 10;

/// Native stack of a call: the guest's, and room for the host functions.
const CALL_STACK_BYTES: usize = 1 << 20;

/// Loads and inspects components. Make one for a process and share it.
pub struct Sandbox(Arc<Machine>);

/// How large a sandbox is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SandboxConfig {
    /// Instances that can run at the same time; a call that finds none free is
    /// a fault. Reserves 8 GiB of address space each, and no memory.
    pub instances_max: u32,
    /// The highest `Limits::memory_bytes` that a guest can be loaded with.
    pub memory_bytes_max: usize,
    /// The most of the instances for guests that run long that one caller may hold.
    pub caller_share: Share,
    /// Who compiles, and where the result is kept.
    pub compiler: Compiler,
}

/// Why a sandbox cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The folder for compiled code is not usable.
    #[error("cannot keep compiled policies in `{directory}`: {cause}")]
    Cache {
        /// The folder.
        directory: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The operating system does not give what is needed.
    #[error(
        "cannot set up room for {instances_max} policies: {cause}; \
         hint: the limit on address space (`ulimit -v`) may be too low"
    )]
    Engine {
        /// How many instances were asked for.
        instances_max: u32,
        /// What the engine says.
        cause: String,
    },
    /// The threads that stop guests and let them go on did not start.
    #[error("cannot start the threads that policies need: {0}")]
    Threads(#[from] std::io::Error),
}

/// What a sandbox and its guests share.
pub(crate) struct Machine {
    pub(crate) engine: Engine,
    pub(crate) ticker: Ticker,
    pub(crate) lane: Lane,
    pub(crate) memory_bytes_max: usize,
    /// None: components are compiled here.
    pub(crate) builder: Option<Builder>,
    pub(crate) functions: Arc<Functions>,
    pub(crate) v0_1: Linker<CallState>,
}

// === impl Sandbox ===

impl Sandbox {
    /// Reserves the pool and starts the clock thread, which ends when the
    /// sandbox and all its guests are gone.
    pub fn new(config: &SandboxConfig) -> Result<Self, SandboxError> {
        let functions = Arc::default();
        let machine = match &config.compiler {
            Compiler::InProcess => Machine::new(config, None, &functions)?,
            Compiler::Process(process) => {
                let builder = Builder::open(process)?;
                let mut machine = Machine::new(config, Some(&builder.code_folder()), &functions)?;
                machine.builder = Some(builder);
                machine
            }
        };
        Ok(Self(Arc::new(machine)))
    }

    /// What a component is, and whether it keeps to the contract. Compiles and
    /// runs nothing.
    pub fn inspect(&self, component: &[u8]) -> Result<Inspection, LoadError> {
        inspection::inspect(component)
    }

    /// Checks, configures, snapshots and compiles a component. Takes from
    /// milliseconds to seconds of work without a pause: call it where that
    /// blocks nobody.
    pub async fn load(
        &self,
        component: &[u8],
        settings: &str,
        limits: Limits,
    ) -> Result<Guest, LoadError> {
        load::load(&self.0, component, settings, limits).await
    }

    /// Checks and compiles a component that is then asked a few things with each of many
    /// settings, as its cases do. Works as long as [`load`](Self::load).
    pub async fn rehearse(&self, component: &[u8]) -> Result<Rehearsal, LoadError> {
        Rehearsal::of(&self.0, component).await
    }

    /// How many instances guests that run long hold now.
    pub fn instances_slow(&self) -> usize {
        self.0.lane.held()
    }

    /// How many calls of guests are under way now, each in an instance.
    pub fn instances(&self) -> usize {
        self.0.ticker.count()
    }
}

/// Guests that run long may hold half of the instances: the others stay free for
/// those that answer at once.
fn lane_room(config: &SandboxConfig) -> Room {
    let all = usize::try_from(config.instances_max.div_ceil(2)).unwrap_or(usize::MAX);
    // The share of a small sandbox is one, not none.
    let each = config.caller_share.of(all).max(1);
    Room { all, each }
}

// === impl Machine ===

impl Machine {
    /// A machine that finds compiled code in a folder, and leaves it there.
    pub(crate) fn new(
        config: &SandboxConfig,
        cache: Option<&Path>,
        functions: &Arc<Functions>,
    ) -> Result<Self, SandboxError> {
        let failed = |error: wasmtime::Error| SandboxError::Engine {
            instances_max: config.instances_max,
            cause: format!("{error:#}"),
        };
        let kept = Arc::clone(functions);
        let mut engine = engine_config(config, cache)?;
        engine
            .enable_incremental_compilation(kept)
            .map_err(failed)?;
        let engine = Engine::new(&engine).map_err(failed)?;
        let v0_1 = v0_1::linker(&engine).map_err(failed)?;
        Ok(Self {
            builder: None,
            functions: Arc::clone(functions),
            ticker: Ticker::start(&engine)?,
            lane: Lane::start(lane_room(config))?,
            memory_bytes_max: config.memory_bytes_max,
            engine,
            v0_1,
        })
    }

    /// Compiles a component beside the calls that run, not before them: on
    /// threads of low priority, one for each processor. They end with it, and
    /// give back the memory that compiling takes.
    pub(crate) fn compile(&self, component: &[u8]) -> wasmtime::Result<Component> {
        if self.builder.is_some() {
            // It was compiled elsewhere, and is in the cache.
            return Component::new(&self.engine, component);
        }
        let compilers = rayon::ThreadPoolBuilder::new()
            .thread_name(|number| format!("policy-compiler-{number}"))
            .start_handler(|_| priority::lower(COMPILER_NICENESS))
            .build()
            .map_err(|error| wasmtime::Error::msg(error.to_string()))?;
        compilers.install(|| Component::new(&self.engine, component))
    }
}

// === impl SandboxConfig ===

impl Default for SandboxConfig {
    /// 256 instances of up to 256 MiB, half of them for one caller; compiled in this process.
    fn default() -> Self {
        Self {
            instances_max: INSTANCES,
            memory_bytes_max: MEMORY_BYTES,
            caller_share: Share::HALF,
            compiler: Compiler::InProcess,
        }
    }
}

fn engine_config(config: &SandboxConfig, cache: Option<&Path>) -> Result<Config, SandboxError> {
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
    if let Some(folder) = cache {
        engine.cache(Some(code_cache(folder)?));
    }
    Ok(engine)
}

fn pool(config: &SandboxConfig) -> PoolingAllocationConfig {
    let instances = config.instances_max;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_stacks(instances)
        // Most guests have one memory, one or two tables and three or four core
        // instances; a few large ones together find room too.
        .total_memories(instances.saturating_mul(2))
        .total_tables(instances.saturating_mul(4))
        .total_core_instances(instances.saturating_mul(16))
        .max_core_instances_per_component(CORE_INSTANCES_MAX)
        .max_memories_per_component(MEMORIES_MAX)
        .max_tables_per_component(TABLES_MAX)
        .max_tables_per_module(TABLES_MAX)
        .max_memories_per_module(MEMORIES_MAX)
        .table_elements(TABLE_ELEMENTS_MAX)
        .max_memory_size(config.memory_bytes_max)
        .max_unused_warm_slots(WARM_SLOTS_MAX)
        .linear_memory_keep_resident(MEMORY_KEEP_RESIDENT_BYTES)
        .table_keep_resident(TABLE_KEEP_RESIDENT_BYTES)
        // Where the kernel has it (Linux 6.7), resets only the pages that a
        // call touched.
        .pagemap_scan(Enabled::Auto);
    pool
}

fn code_cache(folder: &Path) -> Result<Cache, SandboxError> {
    let mut config = CacheConfig::new();
    config.with_directory(folder);
    // What is used often would be compressed again, better: that takes 200 MB of
    // memory for a while, and saves only disk.
    let level = config.baseline_compression_level();
    config.with_optimized_compression_level(level);
    Cache::new(config).map_err(|error| SandboxError::Cache {
        directory: folder.display().to_string(),
        cause: format!("{error:#}"),
    })
}
