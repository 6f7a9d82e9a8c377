//! From bytes to a guest: check, configure, snapshot, compile.

use std::sync::Arc;

use crate::apart;
use crate::asked::{Asked, Standing};
use crate::bounds;
use crate::call::Call;
use crate::guest::{Configured, Guest, Loaded};
use crate::inspection::{self, Inspection};
use crate::limits::{CONFIGURE_DEADLINE, CONFIGURE_FUEL, Limits};
use crate::load_error::{LoadError, SETTINGS_BYTES_MAX};
use crate::machine::Machine;
use crate::program::{Prepared, Program};
use crate::snapshot;
use crate::snapshot_error::SnapshotError;

pub(crate) async fn load(
    machine: &Arc<Machine>,
    component: &[u8],
    settings: &str,
    limits: Limits,
    bindings: usize,
) -> Result<Guest, LoadError> {
    let inspection = inspection::inspect(component)?;
    check_bounds(machine, settings, &limits)?;
    let asked = Asked {
        component,
        settings,
        limits,
        state: Standing::of(component, settings, bindings),
    };
    let prepared = match &machine.builder {
        None => {
            bounds::check(component)?;
            prepare((machine, machine), &inspection, asked).await?
        }
        Some(builder) => {
            let built = builder
                .configure(machine.running(), inspection.digest, asked)
                .await?;
            let program = match &built.snapshot {
                Some(snapshot) => Program::of_snapshot(machine, snapshot, &inspection)?,
                None => Program::new(machine, component, &inspection)?,
            };
            Prepared {
                program,
                snapshot: built.snapshot,
                log: built.log,
            }
        }
    };
    let configured = match prepared.snapshot {
        Some(_) => Configured::Before,
        None => Configured::InCalls(settings.to_owned()),
    };
    let program = match asked.is_data() {
        true => prepared.program.holding_data(),
        false => prepared.program,
    };
    let description = program.describe(machine, limits).await?;
    Ok(Guest::new(Loaded {
        machine: Arc::clone(machine),
        digest: inspection.digest,
        world: inspection.world,
        contract: inspection.contract,
        description,
        limits,
        program: Arc::new(program),
        configured,
        configure_log: prepared.log,
    }))
}

/// Compiles a component to configure it on one machine, and what came of that for the
/// other.
pub(crate) async fn prepare(
    (configuring, running): (&Machine, &Machine),
    inspection: &Inspection,
    asked: Asked<'_>,
) -> Result<Prepared, LoadError> {
    let _loading = configuring.functions.keep();
    if asked.state == Standing::Apart {
        match apart::take(running, inspection, asked).await {
            Ok(prepared) => return Ok(prepared),
            Err(SnapshotError::Guest(error)) => return Err(error),
            Err(SnapshotError::Refused(why)) => asked.check_together(why)?,
        }
    }
    match snapshot::take((configuring, running), inspection, asked).await {
        Ok(prepared) => return Ok(prepared),
        Err(SnapshotError::Guest(error)) => return Err(error),
        Err(SnapshotError::Refused(_)) => {}
    }
    let program = Program::new(running, asked.component, inspection)?;
    // Every call will configure within its own fuel: so it must fit.
    let mut call = Call::new(
        running,
        Limits {
            fuel: asked.limits.fuel.min(CONFIGURE_FUEL),
            deadline: CONFIGURE_DEADLINE,
            ..asked.limits
        },
    );
    program.configure(&mut call, asked.settings).await?;
    Ok(Prepared {
        program,
        snapshot: None,
        log: call.answer(Ok(())).log,
    })
}

pub(crate) fn check_bounds(
    machine: &Machine,
    settings: &str,
    limits: &Limits,
) -> Result<(), LoadError> {
    if settings.len() > SETTINGS_BYTES_MAX {
        return Err(LoadError::SettingsTooLong {
            bytes: settings.len(),
        });
    }
    if limits.memory_bytes > machine.memory_bytes_max {
        return Err(LoadError::MemoryLimit {
            bytes: limits.memory_bytes,
            bytes_max: machine.memory_bytes_max,
        });
    }
    Ok(())
}
