//! How large a sandbox is.

use gatewright_policy::Share;

use crate::compiler::Compiler;

/// Instances that can run at the same time. A call holds one for as long as the
/// guest runs, so only guests that wait or loop add up.
const INSTANCES: u32 = 256;

/// The most memory that a binding may be given: twice what the largest known
/// language runtime needs.
const MEMORY_BYTES: usize = 256 << 20;

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
