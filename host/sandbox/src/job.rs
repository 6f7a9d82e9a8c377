//! What the process that compiles is asked, and what it answers: files in a folder of
//! their own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gatewright_artifact::{Artifacts, read_regular};
use serde::{Deserialize, Serialize};

use crate::asked::Standing;
use crate::built::{CodeOfAll, Listed};
use crate::compiler::CompilerLimits;
use crate::limits::Limits;
use crate::load_error::LoadError;

/// Where machine code lies: what was lent, and what was compiled.
const CODE_FOLDER: &str = "code";

const FUNCTIONS_FILE: &str = "functions";
const COMPONENT_FILE: &str = "component.wasm";
const SETTINGS_FILE: &str = "settings.json";
const JOB_FILE: &str = "job.json";
const ANSWER_FILE: &str = "answer.json";

/// Longest answer: what a policy says about itself, and its log, both bounded, and escaped.
const ANSWER_BYTES_MAX: u64 = 32 << 20;

/// Everything but the component and its settings, which stand in files of their own.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Job {
    /// Whether it is configured; it is compiled as it is where not.
    pub(crate) is_configured: bool,
    pub(crate) limits: Limits,
    pub(crate) state: Standing,
    /// Of the sandbox that will run it.
    pub(crate) memory_bytes_max: usize,
    pub(crate) compiler: CompilerLimits,
    /// Code that need not be compiled.
    pub(crate) lent: Option<CodeOfAll>,
}

/// What was built.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) listed: Listed,
    /// Where its code stands apart, for other settings.
    pub(crate) of_all: Option<CodeOfAll>,
}

/// Machine code of the functions of the component, from an earlier job or for a later one.
pub(crate) fn functions(folder: &Path) -> PathBuf {
    folder.join(FUNCTIONS_FILE)
}

/// Where its machine code lies, which must be there before the process is started.
pub(crate) fn code(folder: &Path) -> io::Result<Artifacts> {
    Artifacts::open(&folder.join(CODE_FOLDER))
}

// === impl Job ===

impl Job {
    pub(crate) fn write(
        &self,
        folder: &Path,
        component: &[u8],
        settings: Option<&str>,
    ) -> io::Result<()> {
        fs::write(folder.join(COMPONENT_FILE), component)?;
        fs::write(folder.join(SETTINGS_FILE), settings.unwrap_or_default())?;
        fs::write(folder.join(JOB_FILE), serde_json::to_vec(self)?)
    }

    /// With the component, and its settings if it is configured.
    pub(crate) fn read(folder: &Path) -> io::Result<(Self, Vec<u8>, Option<String>)> {
        let job: Self = serde_json::from_slice(&fs::read(folder.join(JOB_FILE))?)?;
        let settings = match job.is_configured {
            true => Some(fs::read_to_string(folder.join(SETTINGS_FILE))?),
            false => None,
        };
        Ok((job, fs::read(folder.join(COMPONENT_FILE))?, settings))
    }
}

// === impl Answer ===

impl Answer {
    pub(crate) fn write(result: &Result<Self, LoadError>, folder: &Path) -> io::Result<()> {
        fs::write(folder.join(ANSWER_FILE), serde_json::to_vec(result)?)
    }

    pub(crate) fn read(folder: &Path) -> io::Result<Result<Self, LoadError>> {
        let answer = read_regular(&folder.join(ANSWER_FILE), ANSWER_BYTES_MAX)?;
        Ok(serde_json::from_slice(&answer)?)
    }
}
