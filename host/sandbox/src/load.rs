//! From bytes to a guest: check, configure, snapshot, compile.

use std::sync::Arc;

use crate::apart;
use crate::asked::{Asked, Standing};
use crate::bounds;
use crate::built::{Built, Listed};
use crate::call::Call;
use crate::guest::{Configured, Guest, Loaded};
use crate::inspection::{self, Inspection};
use crate::limits::{CONFIGURE_DEADLINE, CONFIGURE_FUEL, Limits};
use crate::load_error::{LoadError, SETTINGS_BYTES_MAX};
use crate::machine::Machine;
use crate::program::{Described, Prepared, Program};
use crate::snapshot;
use crate::snapshot_error::SnapshotError;
use crate::united::united;

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
    let (program, is_snapshotted, description, configure_log) = match &machine.builder {
        None => {
            bounds::check(component)?;
            let Described {
                prepared,
                description,
            } = prepare(machine, &inspection, asked).await?;
            let is_snapshotted = prepared.snapshot.is_some();
            (prepared.program, is_snapshotted, description, prepared.log)
        }
        Some(builder) => {
            let load = |listed: &Listed, built: &Built| {
                let program = Program::of_built(machine, built, &inspection)?;
                Ok((program.holding(asked), listed.clone()))
            };
            let running = machine.running();
            let built = builder.configure(running, &inspection, asked, load);
            let (program, listed) = built.await?;
            let (is_snapshotted, log) = (listed.is_snapshotted, listed.log);
            (program, is_snapshotted, listed.description, log)
        }
    };
    let configured = match is_snapshotted {
        true => Configured::Before,
        false => Configured::InCalls(settings.to_owned()),
    };
    Ok(Guest::new(Loaded {
        machine: Arc::clone(machine),
        digest: inspection.digest,
        world: inspection.world,
        contract: inspection.contract,
        description,
        limits,
        program: Arc::new(program),
        configured,
        configure_log,
    }))
}

/// Compiles a component, configures it, compiles what came of that, and asks it what it is.
pub(crate) async fn prepare(
    machine: &Machine,
    inspection: &Inspection,
    asked: Asked<'_>,
) -> Result<Described, LoadError> {
    let prepared = configure(machine, inspection, asked).await?;
    let program = prepared.program.holding(asked);
    let description = program.describe(machine, asked.limits).await?;
    Ok(Described {
        prepared: Prepared {
            program,
            ..prepared
        },
        description,
    })
}

async fn configure(
    machine: &Machine,
    inspection: &Inspection,
    asked: Asked<'_>,
) -> Result<Prepared, LoadError> {
    let _loading = machine.functions.keep();
    let united = united(asked.component, inspection);
    let united = united
        .as_deref()
        .map(|component| Asked { component, ..asked });
    // What was given stands behind, for what cannot be done with the other.
    let forms: Vec<_> = united.into_iter().chain([asked]).collect();
    if asked.state == Standing::Apart {
        let mut refused = String::new();
        for form in &forms {
            match apart::take(machine, inspection, *form).await {
                Ok(prepared) => return Ok(prepared),
                Err(SnapshotError::Guest(error)) => return Err(error),
                Err(SnapshotError::Refused(why)) => refused = why,
            }
        }
        asked.check_together(refused)?;
    }
    for form in &forms {
        match snapshot::take(machine, inspection, *form).await {
            Ok(prepared) => return Ok(prepared),
            Err(SnapshotError::Guest(error)) => return Err(error),
            Err(SnapshotError::Refused(_)) => {}
        }
    }
    let program = Program::new(machine, asked.component, inspection)?;
    // Every call will configure within its own fuel: so it must fit.
    let mut call = Call::new(
        machine,
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

/// Compiles a component that every call configures, and asks it what it is.
pub(crate) async fn compile(
    machine: &Machine,
    inspection: &Inspection,
    component: &[u8],
) -> Result<Described, LoadError> {
    let united = united(component, inspection);
    let united = united.and_then(|united| Program::new(machine, &united, inspection).ok());
    let program = match united {
        Some(program) => program,
        None => Program::new(machine, component, inspection)?,
    };
    let description = program.describe(machine, Limits::default()).await?;
    Ok(Described {
        prepared: Prepared {
            program,
            snapshot: None,
            log: Vec::new(),
        },
        description,
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

#[cfg(test)]
mod tests {
    use wasmparser::{Parser, Payload};

    use super::*;
    use crate::functions::Functions;
    use crate::size::SandboxConfig;

    /// A main module, a shim before it and what fills the table of the shim.
    const COMPONENT: &[u8] = include_bytes!("../../../tests/contracts/0.2.0/reviewer.wasm");

    fn core_modules(component: &[u8]) -> usize {
        let payloads = Parser::new(0).parse_all(component);
        payloads
            .filter(|payload| matches!(payload, Ok(Payload::ModuleSection { .. })))
            .count()
    }

    fn prepared(machine: &Machine, state: Standing) -> Described {
        let inspection = inspection::inspect(COMPONENT).unwrap();
        let asked = Asked {
            component: COMPONENT,
            settings: "{}",
            limits: Limits::default(),
            state,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let prepared = runtime.block_on(prepare(machine, &inspection, asked));
        prepared.unwrap_or_else(|error| panic!("{state:?}: {error}"))
    }

    /// To be configured, and as the snapshot.
    #[test]
    fn a_function_is_compiled_once_for_both_forms_of_a_component() {
        let functions = Arc::new(Functions::default());
        let machine = Machine::new(&SandboxConfig::default(), &functions).unwrap();
        let _kept = functions.keep();
        let prepared = prepared(&machine, Standing::Together);
        let snapshot = prepared.prepared.snapshot.unwrap();
        let of_snapshot = Arc::new(Functions::default());
        let other = Machine::new(&SandboxConfig::default(), &of_snapshot).unwrap();
        let _kept = of_snapshot.keep();
        other.code(&snapshot.component).unwrap();
        // What reads the state comes on top; it was more than a third of all once.
        let (both, one) = (functions.count(), of_snapshot.count());
        assert!(both >= one && both - one < one / 4, "{both}, and {one}");
    }

    #[test]
    fn the_core_instances_of_a_guest_are_as_few_as_they_can_be() {
        assert_eq!(core_modules(COMPONENT), 3);
        let functions = Arc::new(Functions::default());
        let machine = Machine::new(&SandboxConfig::default(), &functions).unwrap();
        // With what reads the state, where that stands apart: the image comes on top.
        for (state, images) in [(Standing::Together, 0), (Standing::Apart, 1)] {
            let prepared = prepared(&machine, state);
            let snapshot = prepared.prepared.snapshot.unwrap();
            assert_eq!(snapshot.images.len(), images, "{state:?}");
            assert_eq!(core_modules(&snapshot.component), 2, "{state:?}");
        }
    }
}
