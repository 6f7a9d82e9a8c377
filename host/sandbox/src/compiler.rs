//! Where components are compiled: in this process, or in one of its own with limits on
//! time and memory.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Processor time for one component, all threads together: several times what the
/// largest language runtime takes on a slow machine.
const CPU: Duration = Duration::from_secs(120);

/// Time on the wall for the same. A machine that is busy with calls compiles with what
/// is left of it.
const WALL: Duration = Duration::from_secs(600);

/// Memory for compiling one component, in bytes: several times what the largest
/// language runtime takes.
const MEMORY_BYTES: u64 = 3 << 30;

/// More of both for each byte of settings, twice what `configure` may take of them.
const TIME_PER_SETTINGS_BYTE: Duration = Duration::from_micros(4);

/// More memory for each byte of settings: what they become, as the guest holds it, and as it is
/// written.
const MEMORY_PER_SETTINGS_BYTE: u64 = 96;

/// Who compiles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Compiler {
    /// This process, for as long and with as much memory as that takes. What is far too
    /// large is refused before; nothing is kept on disk.
    #[default]
    InProcess,
    /// A process for each component, which is ended when it takes too much, and gives
    /// all of its memory back.
    Process(CompilerProcess),
}

/// How a process that compiles is started, and where it leaves what it compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompilerProcess {
    /// The program. It gets an empty environment and must hand its last argument, a
    /// folder, to [`compile`](crate::compile()).
    pub program: PathBuf,
    /// Arguments before the folder.
    pub arguments: Vec<OsString>,
    /// Where what was compiled is kept between runs: a folder that only this user may
    /// write to, since what lies there is executed. Nothing: it is kept while the
    /// sandbox lives.
    pub cache: Option<PathBuf>,
    /// What it may use for one component.
    pub limits: CompilerLimits,
}

/// What compiling one component may use. More ends the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompilerLimits {
    /// Processor time, all threads together, in whole seconds.
    pub cpu: Duration,
    /// Time from start to end.
    pub wall: Duration,
    /// Memory that it writes to, in bytes.
    pub memory_bytes: u64,
}

// === impl CompilerProcess ===

impl CompilerProcess {
    /// The program that runs now, even if its file was replaced meanwhile.
    pub fn this_program(arguments: Vec<OsString>, cache: Option<PathBuf>) -> Self {
        let program = if cfg!(target_os = "linux") {
            PathBuf::from("/proc/self/exe")
        } else {
            // Where it cannot be told, starting it is the error.
            std::env::current_exe().unwrap_or_default()
        };
        Self {
            program,
            arguments,
            cache,
            limits: CompilerLimits::default(),
        }
    }
}

// === impl CompilerLimits ===

impl CompilerLimits {
    /// What building one with settings so long may use: they are configured, and what came
    /// of them is written.
    pub(crate) fn for_settings(self, bytes: usize) -> Self {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let time = TIME_PER_SETTINGS_BYTE.saturating_mul(bytes);
        let memory = MEMORY_PER_SETTINGS_BYTE.saturating_mul(u64::from(bytes));
        Self {
            cpu: self.cpu.saturating_add(time),
            wall: self.wall.saturating_add(time),
            memory_bytes: self.memory_bytes.saturating_add(memory),
        }
    }
}

impl Default for CompilerLimits {
    /// Two minutes of processor time, within ten minutes, and 3 GiB.
    fn default() -> Self {
        Self {
            cpu: CPU,
            wall: WALL,
            memory_bytes: MEMORY_BYTES,
        }
    }
}
