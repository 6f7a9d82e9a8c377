//! Has components built by a process of their own, and keeps what it built.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gatewright_artifact::private_folder;
use tempfile::TempDir;
use wasmtime::Engine;

use crate::asked::{Asked, Standing};
use crate::bounds;
use crate::built::{Built, Listed};
use crate::cache::{Cache, Key};
use crate::compiler::CompilerProcess;
use crate::contract::Contract;
use crate::inspection::Inspection;
use crate::job::{self, Job};
use crate::limits::Limits;
use crate::load_error::LoadError;
use crate::process;
use crate::size::SandboxError;

/// What starts the names of the folders in which processes work.
const WORK_PREFIX: &str = "building-";

/// The machine that will run what is built.
#[derive(Clone, Copy)]
pub(crate) struct Running<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) memory_bytes_max: usize,
}

/// Builds components for one sandbox.
pub(crate) struct Builder {
    process: CompilerProcess,
    cache: Cache,
    folder: PathBuf,
    /// The folder of a sandbox that keeps nothing for the next one.
    _own: Option<TempDir>,
}

/// A folder that is nobody else's from the first, whatever the umask is.
fn private_temporary(prefix: &str, place: &Path) -> io::Result<TempDir> {
    tempfile::Builder::new()
        .prefix(prefix)
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(place)
}

// === impl Builder ===

impl Builder {
    pub(crate) fn open(process: &CompilerProcess) -> Result<Self, SandboxError> {
        let failed = |folder: &Path, error: io::Error| SandboxError::Cache {
            directory: folder.display().to_string(),
            cause: error.to_string(),
        };
        let (folder, own) = match &process.cache {
            Some(folder) => (folder.clone(), None),
            None => {
                let place = std::env::temp_dir();
                let own = private_temporary("gatewright-", &place);
                let own = own.map_err(|error| failed(&place, error))?;
                (own.path().to_owned(), Some(own))
            }
        };
        let absolute = private_folder(&folder).and_then(|()| std::path::absolute(&folder));
        let absolute = absolute.map_err(|error| failed(&folder, error))?;
        Ok(Self {
            process: process.clone(),
            cache: Cache::open(&absolute, WORK_PREFIX).map_err(|error| failed(&folder, error))?,
            folder: absolute,
            _own: own,
        })
    }

    /// What is made of a component with settings, of what is in the cache or is built now.
    pub(crate) async fn configure<T>(
        &self,
        machine: Running<'_>,
        inspection: &Inspection,
        asked: Asked<'_>,
        load: impl Fn(&Listed, &Built) -> Result<T, LoadError>,
    ) -> Result<T, LoadError> {
        let key = Key::of(
            machine.engine,
            inspection.digest,
            Some(asked.settings),
            (asked.limits, asked.state),
        );
        let what = (key, inspection.contract);
        self.build(machine, what, (asked, true), load).await
    }

    /// The same of a component without settings.
    pub(crate) async fn compile<T>(
        &self,
        machine: Running<'_>,
        inspection: &Inspection,
        bytes: &[u8],
        load: impl Fn(&Listed, &Built) -> Result<T, LoadError>,
    ) -> Result<T, LoadError> {
        let asked = Asked {
            component: bytes,
            settings: "",
            limits: Limits::default(),
            state: Standing::Together,
        };
        let of = (asked.limits, asked.state);
        let key = Key::of(machine.engine, inspection.digest, None, of);
        let what = (key, inspection.contract);
        self.build(machine, what, (asked, false), load).await
    }

    async fn build<T>(
        &self,
        machine: Running<'_>,
        (key, contract): (Key, Contract),
        (asked, is_configured): (Asked<'_>, bool),
        load: impl Fn(&Listed, &Built) -> Result<T, LoadError>,
    ) -> Result<T, LoadError> {
        if let Some(found) = self.cache.find((key, contract), &load) {
            return Ok(found);
        }
        bounds::check(asked.component)?;
        let failed = |error: io::Error| LoadError::Compiler(error.to_string());
        let work = private_temporary(WORK_PREFIX, &self.folder).map_err(failed)?;
        let work = Arc::new(work);
        let code = job::code(work.path()).map_err(failed)?;
        let lent = match asked.state {
            Standing::Apart => self.cache.lend_code(key, &code),
            Standing::Together => None,
        };
        // Whoever has the code compiles no function of it.
        let are_lent = lent.is_some()
            || self
                .cache
                .lend_functions(key, work.path())
                .map_err(failed)?;
        let job = Job {
            is_configured,
            limits: asked.limits,
            state: asked.state,
            memory_bytes_max: machine.memory_bytes_max,
            compiler: self.process.limits.for_settings(asked.settings.len()),
            lent,
        };
        let settings = is_configured.then_some(asked.settings);
        let answer = process::build(&self.process, &work, &job, (asked.component, settings));
        let answer = answer.await?;
        answer.listed.check(contract)?;
        if !are_lent {
            let kept = self.cache.keep_functions(key, work.path());
            kept.map_err(failed)?;
        }
        self.cache.keep(key, &answer, (&code, lent), load)
    }
}
