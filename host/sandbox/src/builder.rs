//! Has components built by a process of their own, and keeps what it built.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gatewright_artifact::private_folder;
use gatewright_policy::Digest;
use tempfile::TempDir;
use wasmtime::Engine;

use crate::asked::{Asked, Standing};
use crate::bounds;
use crate::built::Built;
use crate::cache::{Cache, Key};
use crate::compiler::CompilerProcess;
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
                let own = TempDir::with_prefix("gatewright-");
                let own = own.map_err(|error| failed(&std::env::temp_dir(), error))?;
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

    /// What a component becomes with settings, from the cache or built now.
    pub(crate) async fn configure(
        &self,
        machine: Running<'_>,
        component: Digest,
        asked: Asked<'_>,
    ) -> Result<Built, LoadError> {
        let key = Key::of(
            machine.engine,
            component,
            Some(asked.settings),
            (asked.limits, asked.state),
        );
        self.build(machine, key, asked, true).await
    }

    /// The code of a component without settings, from the cache or built now.
    pub(crate) async fn compile(
        &self,
        machine: Running<'_>,
        component: Digest,
        bytes: &[u8],
    ) -> Result<Built, LoadError> {
        let asked = Asked {
            component: bytes,
            settings: "",
            limits: Limits::default(),
            state: Standing::Together,
        };
        let key = Key::of(machine.engine, component, None, (asked.limits, asked.state));
        self.build(machine, key, asked, false).await
    }

    async fn build(
        &self,
        machine: Running<'_>,
        key: Key,
        asked: Asked<'_>,
        is_configured: bool,
    ) -> Result<Built, LoadError> {
        if let Some(built) = self.cache.find(key) {
            return Ok(built);
        }
        bounds::check(asked.component)?;
        let failed = |error: io::Error| LoadError::Compiler(error.to_string());
        let work = TempDir::with_prefix_in(WORK_PREFIX, &self.folder).map_err(failed)?;
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
        if !are_lent {
            let kept = self.cache.keep_functions(key, work.path());
            kept.map_err(failed)?;
        }
        let kept = self.cache.keep(key, answer, (&code, lent));
        kept.map_err(failed)
    }
}
