//! A component that is compiled and linked, and its first steps.

use gatewright_policy::Fault;
use wasmtime::component::{Instance, InstancePre};

use crate::answer::{LogLine, cut};
use crate::call::Call;
use crate::contract::{Description, Entry, SettingsError};
use crate::fault::detail;
use crate::inspection::Inspection;
use crate::limits::Limits;
use crate::load_error::LoadError;
use crate::machine::Machine;
use crate::running_time::within;
use crate::state::CallState;

/// Longest message of the compiler that an error repeats, in bytes.
const COMPILER_MESSAGE_BYTES_MAX: usize = 2048;

/// A component that was configured once, and is compiled.
pub(crate) struct Prepared {
    pub(crate) program: Program,
    /// What is compiled; nothing where it is the component itself, which every call
    /// configures.
    pub(crate) snapshot: Option<Vec<u8>>,
    /// What the guest logged in `configure`.
    pub(crate) log: Vec<LogLine>,
}

/// A component that is compiled and linked.
pub(crate) struct Program {
    pub(crate) instance_pre: InstancePre<CallState>,
    pub(crate) entry: Entry,
}

// === impl Program ===

impl Program {
    pub(crate) fn new(
        machine: &Machine,
        component: &[u8],
        inspection: &Inspection,
    ) -> Result<Self, LoadError> {
        let component = machine
            .compile(component)
            .map_err(|error| LoadError::Compile(shortened(&error)))?;
        let linker = machine.linkers.of(inspection.contract);
        let mismatch = |error: wasmtime::Error| LoadError::Interface(shortened(&error));
        let instance_pre = linker.instantiate_pre(&component).map_err(mismatch)?;
        let entry = Entry::new(inspection.contract, inspection.world, &component);
        let entry = entry.map_err(mismatch)?;
        Ok(Self {
            instance_pre,
            entry,
        })
    }

    /// Starts an instance.
    pub(crate) async fn start(&self, call: &mut Call<'_>) -> Result<Instance, LoadError> {
        let deadline = call.deadline();
        let instance = self.instance_pre.instantiate_async(&mut call.store);
        let instance = within(deadline, instance).await;
        let instance = instance.unwrap_or_else(|| Err(Fault::TimedOut.into()));
        instance.map_err(|error| LoadError::Start(call.fault(&error)))
    }

    /// What the component says about itself, in an instance of its own.
    pub(crate) async fn describe(
        &self,
        machine: &Machine,
        limits: Limits,
    ) -> Result<Option<Description>, LoadError> {
        match self.entry {
            Entry::V0_1(_) => return Ok(None),
            Entry::V0_2(_) => {}
        }
        let mut call = Call::new(machine, limits);
        let instance = self.start(&mut call).await?;
        let checked = self.entry.check(&mut call.store, &instance);
        checked.map_err(|error| LoadError::Interface(shortened(&error)))?;
        let deadline = call.deadline();
        let described = self.entry.describe(&mut call.store, &instance);
        let described = within(deadline, described).await;
        let described = described.unwrap_or_else(|| Err(Fault::TimedOut.into()));
        described.map_err(|error| LoadError::Describe(call.fault(&error)))
    }

    /// Starts an instance and runs `configure` in it.
    pub(crate) async fn configure(
        &self,
        call: &mut Call<'_>,
        settings: &str,
    ) -> Result<Instance, LoadError> {
        let instance = self.start(call).await?;
        let checked = self.entry.check(&mut call.store, &instance);
        checked.map_err(|error| LoadError::Interface(shortened(&error)))?;
        let deadline = call.deadline();
        let answer = self.entry.configure(&mut call.store, &instance, settings);
        let answer = within(deadline, answer).await;
        match answer.unwrap_or_else(|| Err(Fault::TimedOut.into())) {
            Ok(Ok(())) => Ok(instance),
            Ok(Err(SettingsError { pointer, message })) => {
                Err(LoadError::Settings(SettingsError {
                    pointer: detail(pointer),
                    message: detail(message),
                }))
            }
            Err(error) => Err(LoadError::Configure {
                fault: call.fault(&error),
                log: call.take_log().lines,
            }),
        }
    }
}

fn shortened(error: &wasmtime::Error) -> String {
    let mut text = format!("{error:#}");
    cut(&mut text, COMPILER_MESSAGE_BYTES_MAX);
    text
}
