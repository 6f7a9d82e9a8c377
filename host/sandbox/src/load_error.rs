//! Why a component cannot be loaded.

use gatewright_policy::Fault;
use serde::{Deserialize, Serialize};

use crate::answer::LogLine;
use crate::compiler::CompilerLimits;
use crate::contract::{Contract, SettingsError, World};
use crate::excess::Excess;
use crate::limits::Limits;
use crate::listed::Listed;

/// Largest component, in bytes: several times the largest language runtime.
pub const COMPONENT_BYTES_MAX: usize = 64 << 20;

/// Longest settings text, in bytes, with what stands in files of their own: the data of an
/// organisation with a million people.
pub const SETTINGS_BYTES_MAX: usize = 64 << 20;

/// Longest settings text for a component whose code and state cannot stand apart.
pub(crate) const SETTINGS_TOGETHER_BYTES_MAX: usize = 1 << 20;

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
    #[error(
        "the settings have {bytes} bytes, with what stands in files of their own; at most \
         {SETTINGS_BYTES_MAX} are passed on; hint: leave out of the data what no rule reads, or \
         give two bindings a part each"
    )]
    SettingsTooLong {
        /// Their length.
        bytes: usize,
    },
    /// The settings are long, and the state of the component does not come off its code.
    #[error(
        "the settings have {bytes} bytes, and a component takes more than \
         {SETTINGS_TOGETHER_BYTES_MAX} if its code and its data can stand apart: {why}; hint: \
         leave out of the data what no rule reads"
    )]
    NotApart {
        /// Their length.
        bytes: usize,
        /// What holds them together.
        why: String,
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
    /// The bytes are not WebAssembly. What its reader says, on one line.
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
    #[error(
        "the policy could not be configured: it {fault}{}",
        allowed(fault, *settings_bytes, limits)
    )]
    Configure {
        /// What happened instead.
        fault: Fault,
        /// The length of its settings.
        settings_bytes: usize,
        /// What it might use for that.
        limits: Box<Limits>,
        /// What it logged until then.
        log: Vec<LogLine>,
    },
    /// The policy does not accept its settings. The text is the policy's.
    #[error("the policy refuses its settings: {0}")]
    Settings(SettingsError),
    /// `describe` gave no answer that can be used.
    #[error("the policy does not describe itself: it {0}")]
    Describe(Fault),
}

// === impl LoadError ===

impl From<wasmparser::BinaryReaderError> for LoadError {
    /// The bytes are not WebAssembly; where, and what is wrong.
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        let told = error.message();
        if told.contains("bad magic number") {
            return Self::Malformed("its first bytes are of another kind of file".to_owned());
        }
        let line = told.lines().next().unwrap_or_default();
        Self::Malformed(format!("{line} (at byte {})", error.offset()))
    }
}

impl LoadError {
    /// What of its text the policy wrote, and not the host.
    pub fn said(&self) -> Option<&str> {
        match self {
            Self::Settings(error) => Some(&error.message),
            Self::Describe(fault) | Self::Start(fault) | Self::Configure { fault, .. } => {
                fault.said()
            }
            Self::TooLarge { .. }
            | Self::SettingsTooLong { .. }
            | Self::NotApart { .. }
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

// By hand, since its words are part of ours: as a source they would be said twice.
impl From<Excess> for LoadError {
    fn from(excess: Excess) -> Self {
        Self::Excess(excess)
    }
}

/// What `configure` might use, where that was not enough.
fn allowed(fault: &Fault, settings_bytes: usize, limits: &Limits) -> String {
    let (what, hint) = match fault {
        Fault::OutOfFuel => (
            format!("{} units of fuel", limits.fuel),
            "smaller data, or less work at the load, takes less",
        ),
        Fault::OutOfMemory => (
            format!("{} MiB of memory", limits.memory_bytes >> 20),
            "smaller data takes less; `limits.memory` of the binding adds to it",
        ),
        Fault::TimedOut => (
            format!("{} s", limits.deadline.as_secs()),
            "smaller data, or less work at the load, takes less",
        ),
        Fault::Trapped(_)
        | Fault::NoInstance
        | Fault::BadOutput(_)
        | Fault::BadPointer(_)
        | Fault::GaveUp(_)
        | Fault::NotGranted(_) => return String::new(),
    };
    format!("; for settings of {settings_bytes} bytes it has {what}; hint: {hint}")
}

fn served() -> String {
    let versions = Contract::SERVED.iter().map(Contract::to_string);
    versions.collect::<Vec<_>>().join(" or ")
}
