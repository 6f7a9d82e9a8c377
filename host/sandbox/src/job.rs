//! What the process that compiles is asked, and what it answers: files in a folder of
//! their own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::answer::LogLine;
use crate::compiler::CompilerLimits;
use crate::limits::Limits;
use crate::load_error::LoadError;

/// Where wasmtime keeps compiled code. The folder is its own: it removes from there what
/// it does not know.
pub(crate) const CODE_FOLDER: &str = "code";

/// Where wasmtime puts the code of components inside that.
pub(crate) const MODULES_FOLDER: &str = "code/modules";

const FUNCTIONS_FILE: &str = "functions";
const COMPONENT_FILE: &str = "component.wasm";
const JOB_FILE: &str = "job.json";
const ANSWER_FILE: &str = "answer.json";
const SNAPSHOT_FILE: &str = "snapshot.wasm";

/// Everything but the component.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Job {
    /// To configure it with; nothing where it is compiled as it is.
    pub(crate) settings: Option<String>,
    pub(crate) limits: Limits,
    /// Of the sandbox that will run it.
    pub(crate) memory_bytes_max: usize,
    pub(crate) compiler: CompilerLimits,
}

/// What was built: a component to compile, which is in the cache then.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Built {
    /// The configured component; nothing where no snapshot could be taken, and the
    /// component itself is compiled.
    pub(crate) snapshot: Option<Vec<u8>>,
    /// What the guest logged in `configure`.
    pub(crate) log: Vec<LogLine>,
}

/// Machine code of the functions of the component, from an earlier job or for a later one.
pub(crate) fn functions(folder: &Path) -> PathBuf {
    folder.join(FUNCTIONS_FILE)
}

#[derive(Serialize, Deserialize)]
struct Answer {
    is_snapshotted: bool,
    log: Vec<LogLine>,
}

// === impl Job ===

impl Job {
    pub(crate) fn write(&self, folder: &Path, component: &[u8]) -> io::Result<()> {
        fs::write(folder.join(COMPONENT_FILE), component)?;
        fs::write(folder.join(JOB_FILE), serde_json::to_vec(self)?)
    }

    pub(crate) fn read(folder: &Path) -> io::Result<(Self, Vec<u8>)> {
        let job = serde_json::from_slice(&fs::read(folder.join(JOB_FILE))?)?;
        Ok((job, fs::read(folder.join(COMPONENT_FILE))?))
    }
}

// === impl Built ===

impl Built {
    pub(crate) fn write(result: Result<Self, LoadError>, folder: &Path) -> io::Result<()> {
        let answer = match result {
            Ok(built) => {
                if let Some(snapshot) = &built.snapshot {
                    fs::write(folder.join(SNAPSHOT_FILE), snapshot)?;
                }
                Ok(Answer {
                    is_snapshotted: built.snapshot.is_some(),
                    log: built.log,
                })
            }
            Err(error) => Err(error),
        };
        fs::write(folder.join(ANSWER_FILE), serde_json::to_vec(&answer)?)
    }

    pub(crate) fn read(folder: &Path) -> io::Result<Result<Self, LoadError>> {
        let answer = serde_json::from_slice(&fs::read(folder.join(ANSWER_FILE))?)?;
        Ok(match answer {
            Ok(Answer {
                is_snapshotted,
                log,
            }) => Ok(Self {
                snapshot: match is_snapshotted {
                    true => Some(fs::read(folder.join(SNAPSHOT_FILE))?),
                    false => None,
                },
                log,
            }),
            Err(error) => Err(error),
        })
    }
}

/// The code that was compiled last, as a path from the folder: a snapshot that does not
/// start is compiled, too, before the component itself.
pub(crate) fn code(folder: &Path) -> io::Result<PathBuf> {
    let mut last = None;
    for version in fs::read_dir(folder.join(MODULES_FOLDER))? {
        for file in fs::read_dir(version?.path())? {
            let (path, written) = file.and_then(|file| Ok((file.path(), file.metadata()?)))?;
            // What has an extension is wasmtime's own notes.
            if path.extension().is_none() {
                last = last.max(Some((written.modified()?, path)));
            }
        }
    }
    let (_, path) = last.ok_or_else(|| io::Error::other("the compiler left no code"))?;
    let path = path.strip_prefix(folder).map_err(io::Error::other)?;
    Ok(path.to_owned())
}
