//! Where components are loaded.

use std::sync::Arc;

use crate::builder::Builder;
use crate::compiler::Compiler;
use crate::guest::Guest;
use crate::inspection::{self, Inspection};
use crate::limits::Limits;
use crate::load;
use crate::load_error::LoadError;
use crate::machine::Machine;
use crate::rehearsal::Rehearsal;
use crate::size::{SandboxConfig, SandboxError};

/// Loads and inspects components. Make one for a process and share it.
pub struct Sandbox(Arc<Machine>);

// === impl Sandbox ===

impl Sandbox {
    /// Reserves the pool and starts the clock thread, which ends when the
    /// sandbox and all its guests are gone.
    pub fn new(config: &SandboxConfig) -> Result<Self, SandboxError> {
        let mut machine = Machine::new(config, &Arc::default())?;
        if let Compiler::Process(process) = &config.compiler {
            machine.builder = Some(Builder::open(process)?);
        }
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
        self.load_for(component, settings, limits, 1).await
    }

    /// The same for one of so many bindings that have the component. Where they are many,
    /// they hold its code once; it decides and takes what it does otherwise.
    pub async fn load_for(
        &self,
        component: &[u8],
        settings: &str,
        limits: Limits,
        bindings: usize,
    ) -> Result<Guest, LoadError> {
        load::load(&self.0, component, settings, limits, bindings).await
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
