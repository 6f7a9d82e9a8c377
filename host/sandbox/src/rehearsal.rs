//! A component that is asked a few things with many settings: it is compiled once, and
//! every call configures a fresh instance.

use std::sync::Arc;

use crate::bounds;
use crate::built::{Built, Listed};
use crate::call::Call;
use crate::contract::Description;
use crate::guest::{Configured, Guest, Loaded};
use crate::inspection::{self, Inspection};
use crate::limits::Limits;
use crate::load::{self, check_bounds};
use crate::load_error::LoadError;
use crate::machine::Machine;
use crate::program::Program;

/// A component that was checked and compiled. Cheap to clone.
#[derive(Clone)]
pub struct Rehearsal {
    machine: Arc<Machine>,
    inspection: Arc<Inspection>,
    program: Arc<Program>,
    description: Option<Description>,
}

// === impl Rehearsal ===

impl Rehearsal {
    pub(crate) async fn of(machine: &Arc<Machine>, component: &[u8]) -> Result<Self, LoadError> {
        let inspection = inspection::inspect(component)?;
        let (program, description) = match &machine.builder {
            None => {
                bounds::check(component)?;
                let compiled = load::compile(machine, &inspection, component).await?;
                (compiled.prepared.program, compiled.description)
            }
            Some(builder) => {
                let load = |listed: &Listed, built: &Built| {
                    let program = Program::of_built(machine, built, &inspection)?;
                    Ok((program, listed.description.clone()))
                };
                let running = machine.running();
                let built = builder.compile(running, &inspection, component, load);
                built.await?
            }
        };
        Ok(Self {
            description,
            machine: Arc::clone(machine),
            inspection: Arc::new(inspection),
            program: Arc::new(program),
        })
    }

    /// The component with these settings. What is refused here is refused by
    /// [`Sandbox::load`](crate::Sandbox::load) too; what one call may use is the same,
    /// and does not count what `configure` needs. A call takes longer, by that.
    pub async fn configure(&self, settings: &str, limits: Limits) -> Result<Guest, LoadError> {
        check_bounds(&self.machine, settings, &limits)?;
        let mut call = Call::new(&self.machine, limits.for_configure(settings.len()));
        self.program.configure(&mut call, settings).await?;
        let configure_log = call.take_log().lines;
        drop(call);
        Ok(Guest::new(Loaded {
            machine: Arc::clone(&self.machine),
            digest: self.inspection.digest,
            world: self.inspection.world,
            contract: self.inspection.contract,
            description: self.description.clone(),
            limits,
            program: Arc::clone(&self.program),
            configured: Configured::BeforeCalls(settings.to_owned()),
            configure_log,
        }))
    }
}
