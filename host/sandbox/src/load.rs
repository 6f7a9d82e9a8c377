//! From bytes to a guest: check, configure, snapshot, compile.

use std::sync::Arc;

use gatewright_policy::Fault;
use serde::{Deserialize, Serialize};
use wasmtime::component::{Instance, InstancePre};

use crate::answer::{LogLine, cut};
use crate::bounds::{self, Excess};
use crate::call::{Call, CallState};
use crate::compiler::CompilerLimits;
use crate::contract::{Contract, World, v0_1};
use crate::fault::detail;
use crate::guest::{Configured, Entry, Guest, Loaded};
use crate::inspection::{self, Inspection, Listed};
use crate::limits::{CONFIGURE_DEADLINE, CONFIGURE_FUEL, Limits};
use crate::running_time::within;
use crate::sandbox::Machine;
use crate::snapshot::{self, SnapshotError};

/// Largest component, in bytes: several times the largest language runtime.
pub const COMPONENT_BYTES_MAX: usize = 64 << 20;

/// Longest settings text, in bytes.
pub const SETTINGS_BYTES_MAX: usize = 1 << 20;

/// Longest message of the compiler that an error repeats, in bytes.
const COMPILER_MESSAGE_BYTES_MAX: usize = 2048;

/// Why a component cannot be loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum LoadError {
    /// The component is larger than any policy should be.
    #[error("the component has {bytes} bytes; at most {COMPONENT_BYTES_MAX} are loaded")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The settings are longer than any policy should need.
    #[error("the settings have {bytes} bytes; at most {SETTINGS_BYTES_MAX} are passed on")]
    SettingsTooLong {
        /// Their length.
        bytes: usize,
    },
    /// The binding asks for more memory than the sandbox gives to one guest.
    #[error(
        "a memory limit of {bytes} bytes is more than the {bytes_max} that one policy can have"
    )]
    MemoryLimit {
        /// What was asked for.
        bytes: usize,
        /// What there is.
        bytes_max: usize,
    },
    /// The bytes are a core module.
    #[error(
        "this is a core WebAssembly module, not a component; hint: `gatewright build` makes a component of it"
    )]
    CoreModule,
    /// The bytes are not WebAssembly.
    #[error("this is not a WebAssembly component: {0}")]
    Malformed(String),
    /// The component implements nothing of the contract.
    #[error(
        "the component exports {}, and nothing of `gatewright:policy`; \
         hint: build it for the world `policy`, `editor` or `reviewer`",
        Listed(exports)
    )]
    NoWorld {
        /// What it exports.
        exports: Vec<String>,
    },
    /// The component was built against a version of the contract that the host
    /// does not know.
    #[error(
        "the component exports {}, which is not served; hint: build it against version {}",
        Listed(exports),
        served()
    )]
    UnsupportedVersion {
        /// What it exports of the contract.
        exports: Vec<String>,
    },
    /// The component wants to be two things at once.
    #[error(
        "the component implements two worlds, `{first}` and `{second}`; hint: make it two components"
    )]
    SeveralWorlds {
        /// One of them.
        first: World,
        /// Another.
        second: World,
    },
    /// The component imports what no policy may have.
    #[error(
        "a component of the world `{world}` cannot import {}; hint: {hint}",
        Listed(imports)
    )]
    Imports {
        /// What the component is for.
        world: World,
        /// Each import that is refused.
        imports: Vec<String>,
        /// What to do.
        hint: String,
    },
    /// The component is made of what takes a compiler too long.
    #[error("the component is not compiled: {0}")]
    Excess(Excess),
    /// Compiling took too long.
    #[error(
        "compiling the component took more than {} s of processor time, or {} s in all; \
         hint: make it smaller, its largest functions first",
        .0.cpu.as_secs(),
        .0.wall.as_secs()
    )]
    CompileTime(CompilerLimits),
    /// The process that compiles ended early. Most likely it needed more memory than it
    /// may have.
    #[error(
        "compiling the component broke off ({how}): it may have needed more than {} MiB of \
         memory; hint: make it smaller, its largest functions first",
        limits.memory_bytes >> 20
    )]
    CompileBroke {
        /// How the process ended.
        how: String,
        /// What it was allowed.
        limits: CompilerLimits,
    },
    /// No process that compiles could be started or asked.
    #[error(
        "the component cannot be compiled in a process of its own: {0}; \
         hint: the folder of compiled policies must have room and be writable"
    )]
    Compiler(String),
    /// The component is not valid, or larger inside than guests may be.
    #[error("the component does not compile: {0}")]
    Compile(String),
    /// The component names the contract's interfaces and disagrees about what
    /// is in them.
    #[error(
        "the component does not fit the contract: {0}; \
         hint: build it against the published `policy.wit`"
    )]
    Interface(String),
    /// No instance could be started.
    #[error("the component does not start: it {0}")]
    Start(Fault),
    /// `configure` gave no answer.
    #[error("the policy could not be configured: it {fault}")]
    Configure {
        /// What happened instead.
        fault: Fault,
        /// What it logged until then.
        log: Vec<LogLine>,
    },
    /// The policy does not accept its settings. The text is the policy's.
    #[error("the policy refuses its settings: {0}")]
    Settings(String),
}

/// What is loaded.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) component: &'a [u8],
    pub(crate) settings: &'a str,
    pub(crate) limits: Limits,
}

/// A component that was configured once, and is compiled.
pub(crate) struct Prepared {
    pub(crate) program: Program,
    /// What is compiled; nothing where it is the component itself, which every call
    /// configures.
    pub(crate) snapshot: Option<Vec<u8>>,
    /// What the guest logged in `configure`.
    pub(crate) log: Vec<LogLine>,
}

/// A component that is compiled and linked.
pub(crate) struct Program {
    pub(crate) instance_pre: InstancePre<CallState>,
    pub(crate) entry: Entry,
}

pub(crate) async fn load(
    machine: &Arc<Machine>,
    component: &[u8],
    settings: &str,
    limits: Limits,
) -> Result<Guest, LoadError> {
    let inspection = inspection::inspect(component)?;
    check_bounds(machine, settings, &limits)?;
    let asked = Asked {
        component,
        settings,
        limits,
    };
    let prepared = match &machine.builder {
        None => {
            bounds::check(component)?;
            prepare((machine, machine), &inspection, asked).await?
        }
        Some(builder) => {
            let built = builder.configure(machine, inspection.digest, asked).await?;
            let compiled = built.snapshot.as_deref().unwrap_or(component);
            Prepared {
                program: Program::new(machine, compiled, &inspection)?,
                snapshot: built.snapshot,
                log: built.log,
            }
        }
    };
    let configured = match prepared.snapshot {
        Some(_) => Configured::Before,
        None => Configured::InCalls(settings.to_owned()),
    };
    Ok(Guest::new(Loaded {
        machine: Arc::clone(machine),
        digest: inspection.digest,
        world: inspection.world,
        contract: inspection.contract,
        limits,
        program: Arc::new(prepared.program),
        configured,
        configure_log: prepared.log,
    }))
}

/// Compiles a component to configure it on one machine, and what came of that for the
/// other.
pub(crate) async fn prepare(
    (configuring, running): (&Machine, &Machine),
    inspection: &Inspection,
    asked: Asked<'_>,
) -> Result<Prepared, LoadError> {
    let _loading = configuring.functions.keep();
    match snapshot::take((configuring, running), inspection, asked).await {
        Ok(prepared) => return Ok(prepared),
        Err(SnapshotError::Guest(error)) => return Err(error),
        Err(SnapshotError::Refused) => {}
    }
    let program = Program::new(running, asked.component, inspection)?;
    // Every call will configure within its own fuel: so it must fit.
    let mut call = Call::new(
        running,
        Limits {
            fuel: asked.limits.fuel.min(CONFIGURE_FUEL),
            deadline: CONFIGURE_DEADLINE,
            ..asked.limits
        },
    );
    program.configure(&mut call, asked.settings).await?;
    Ok(Prepared {
        program,
        snapshot: None,
        log: call.answer(Ok(())).log,
    })
}

pub(crate) fn check_bounds(
    machine: &Machine,
    settings: &str,
    limits: &Limits,
) -> Result<(), LoadError> {
    if settings.len() > SETTINGS_BYTES_MAX {
        return Err(LoadError::SettingsTooLong {
            bytes: settings.len(),
        });
    }
    if limits.memory_bytes > machine.memory_bytes_max {
        return Err(LoadError::MemoryLimit {
            bytes: limits.memory_bytes,
            bytes_max: machine.memory_bytes_max,
        });
    }
    Ok(())
}

// By hand, since its words are part of ours: as a source they would be said twice.
impl From<Excess> for LoadError {
    fn from(excess: Excess) -> Self {
        Self::Excess(excess)
    }
}

fn served() -> String {
    let versions = Contract::SERVED.iter().map(Contract::to_string);
    versions.collect::<Vec<_>>().join(" or ")
}

// === impl Program ===

impl Program {
    pub(crate) fn new(
        machine: &Machine,
        component: &[u8],
        inspection: &Inspection,
    ) -> Result<Self, LoadError> {
        let component = machine
            .compile(component)
            .map_err(|error| LoadError::Compile(shortened(&error)))?;
        let linker = match inspection.contract {
            Contract::V0_1 => &machine.v0_1,
        };
        let mismatch = |error: wasmtime::Error| LoadError::Interface(shortened(&error));
        let instance_pre = linker.instantiate_pre(&component).map_err(mismatch)?;
        let entry = match inspection.contract {
            Contract::V0_1 => {
                Entry::V0_1(v0_1::Entry::new(inspection.world, &component).map_err(mismatch)?)
            }
        };
        Ok(Self {
            instance_pre,
            entry,
        })
    }

    /// Starts an instance.
    pub(crate) async fn start(&self, call: &mut Call<'_>) -> Result<Instance, LoadError> {
        let deadline = call.deadline();
        let instance = self.instance_pre.instantiate_async(&mut call.store);
        let instance = within(deadline, instance).await;
        let instance = instance.unwrap_or_else(|| Err(Fault::TimedOut.into()));
        instance.map_err(|error| LoadError::Start(call.fault(&error)))
    }

    /// Starts an instance and runs `configure` in it.
    pub(crate) async fn configure(
        &self,
        call: &mut Call<'_>,
        settings: &str,
    ) -> Result<Instance, LoadError> {
        let instance = self.start(call).await?;
        let checked = match &self.entry {
            Entry::V0_1(entry) => entry.check(&mut call.store, &instance),
        };
        checked.map_err(|error| LoadError::Interface(shortened(&error)))?;
        let deadline = call.deadline();
        let answer = match &self.entry {
            Entry::V0_1(entry) => {
                let answer = entry.configure(&mut call.store, &instance, settings);
                within(deadline, answer).await
            }
        };
        match answer.unwrap_or_else(|| Err(Fault::TimedOut.into())) {
            Ok(Ok(())) => Ok(instance),
            Ok(Err(message)) => Err(LoadError::Settings(detail(message))),
            Err(error) => Err(LoadError::Configure {
                fault: call.fault(&error),
                log: call.take_log().lines,
            }),
        }
    }
}

fn shortened(error: &wasmtime::Error) -> String {
    let mut text = format!("{error:#}");
    cut(&mut text, COMPILER_MESSAGE_BYTES_MAX);
    text
}

// === impl LoadError ===

impl LoadError {
    /// What of its text the policy wrote, and not the host.
    pub fn said(&self) -> Option<&str> {
        match self {
            Self::Settings(text) => Some(text),
            Self::Start(fault) | Self::Configure { fault, .. } => fault.said(),
            Self::TooLarge { .. }
            | Self::SettingsTooLong { .. }
            | Self::MemoryLimit { .. }
            | Self::CoreModule
            | Self::Malformed(_)
            | Self::NoWorld { .. }
            | Self::UnsupportedVersion { .. }
            | Self::SeveralWorlds { .. }
            | Self::Imports { .. }
            | Self::Excess(_)
            | Self::CompileTime(_)
            | Self::CompileBroke { .. }
            | Self::Compiler(_)
            | Self::Compile(_)
            | Self::Interface(_) => None,
        }
    }
}
