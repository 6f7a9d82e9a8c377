//! What the process that compiles is asked, and what it answers: files in a folder of
//! their own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::answer::LogLine;
use crate::asked::Standing;
use crate::built::{Built, ImageModule, Snapshot};
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
const SETTINGS_FILE: &str = "settings.json";
const JOB_FILE: &str = "job.json";
const ANSWER_FILE: &str = "answer.json";
const SNAPSHOT_FILE: &str = "snapshot.wasm";

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
}

/// Machine code of the functions of the component, from an earlier job or for a later one.
pub(crate) fn functions(folder: &Path) -> PathBuf {
    folder.join(FUNCTIONS_FILE)
}

#[derive(Serialize, Deserialize)]
struct Answer {
    is_snapshotted: bool,
    /// What stands apart from the snapshot, by name; each in a file.
    images: Vec<String>,
    log: Vec<LogLine>,
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

// === impl Built ===

impl Built {
    pub(crate) fn write(result: Result<Self, LoadError>, folder: &Path) -> io::Result<()> {
        let answer = match result {
            Ok(built) => {
                let mut images = Vec::new();
                if let Some(snapshot) = &built.snapshot {
                    fs::write(folder.join(SNAPSHOT_FILE), &snapshot.component)?;
                    for image in &snapshot.images {
                        fs::write(image_file(folder, images.len()), &image.module)?;
                        images.push(image.name.clone());
                    }
                }
                Ok(Answer {
                    is_snapshotted: built.snapshot.is_some(),
                    images,
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
                images,
                log,
            }) => Ok(Self {
                snapshot: match is_snapshotted {
                    true => Some(read_snapshot(folder, images)?),
                    false => None,
                },
                log,
            }),
            Err(error) => Err(error),
        })
    }
}

fn image_file(folder: &Path, index: usize) -> PathBuf {
    folder.join(format!("image{index}.wasm"))
}

fn read_snapshot(folder: &Path, images: Vec<String>) -> io::Result<Snapshot> {
    let images = images.into_iter().enumerate().map(|(index, name)| {
        let module = fs::read(image_file(folder, index))?;
        Ok(ImageModule { name, module })
    });
    Ok(Snapshot {
        images: images.collect::<io::Result<_>>()?,
        component: fs::read(folder.join(SNAPSHOT_FILE))?,
    })
}

/// All code in the folder, as paths from it, what was compiled last at the end: a snapshot
/// that does not start is compiled, too, before the component itself, and what stands apart
/// from a component after it.
pub(crate) fn code(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for version in fs::read_dir(folder.join(MODULES_FOLDER))? {
        for file in fs::read_dir(version?.path())? {
            let (path, written) = file.and_then(|file| Ok((file.path(), file.metadata()?)))?;
            // What has an extension is wasmtime's own notes.
            if path.extension().is_none() {
                all.push((written.modified()?, path));
            }
        }
    }
    all.sort();
    let inside = all.into_iter().map(|(_, path)| {
        let path = path.strip_prefix(folder).map_err(io::Error::other)?;
        Ok(path.to_owned())
    });
    inside.collect()
}
