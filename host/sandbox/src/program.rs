//! A component that is compiled and linked, and its first steps.

use std::borrow::Cow;
use std::sync::Arc;

use gatewright_policy::Fault;
use wasmtime::component::{Component, Instance, InstancePre};
use wasmtime::{ExternType, Module};

use crate::answer::{LogLine, cut};
use crate::asked::Asked;
use crate::built::{Built, Snapshot};
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
    pub(crate) snapshot: Option<Snapshot>,
    /// What the guest logged in `configure`.
    pub(crate) log: Vec<LogLine>,
}

/// The same, and it was asked what it is.
pub(crate) struct Described {
    pub(crate) prepared: Prepared,
    pub(crate) description: Option<Description>,
}

/// A component that is compiled and linked.
pub(crate) struct Program {
    pub(crate) instance_pre: InstancePre<CallState>,
    pub(crate) entry: Entry,
    /// Shared with all that run it.
    pub(crate) code: Arc<Component>,
    /// What stands apart from it, by what the component calls it.
    pub(crate) images: Vec<(String, Module)>,
    /// Memory that its instances begin with, in bytes, and that is shared as long as they
    /// do not write to it: what stands apart from its code.
    image_bytes: usize,
    /// Whether that is data, which calls have beside what the binding gives them.
    is_data: bool,
}

// === impl Program ===

impl Program {
    /// Compiles a component.
    pub(crate) fn new(
        machine: &Machine,
        component: &[u8],
        inspection: &Inspection,
    ) -> Result<Self, LoadError> {
        let code = machine.code(component).map_err(does_not_compile)?;
        Self::of(machine, code, Vec::new(), inspection)
    }

    /// Compiles a component that was configured.
    pub(crate) fn of_snapshot(
        machine: &Machine,
        snapshot: &Snapshot,
        inspection: &Inspection,
    ) -> Result<Self, LoadError> {
        let code = machine
            .code(&snapshot.component)
            .map_err(does_not_compile)?;
        let images = snapshot.images.iter().map(|image| {
            let module = Module::new(&machine.engine, &image.module).map_err(does_not_compile)?;
            Ok((image.name.clone(), module))
        });
        Self::of(
            machine,
            code,
            images.collect::<Result<_, LoadError>>()?,
            inspection,
        )
    }

    /// What was built elsewhere.
    pub(crate) fn of_built(
        machine: &Machine,
        built: &Built,
        inspection: &Inspection,
    ) -> Result<Self, LoadError> {
        let code = machine.code_in(&built.code).map_err(does_not_compile)?;
        let images = built.images.iter().map(|(name, image)| {
            let module = image.module(&machine.engine).map_err(does_not_compile)?;
            Ok((name.clone(), module))
        });
        Self::of(
            machine,
            code,
            images.collect::<Result<_, LoadError>>()?,
            inspection,
        )
    }

    fn of(
        machine: &Machine,
        code: Arc<Component>,
        images: Vec<(String, Module)>,
        inspection: &Inspection,
    ) -> Result<Self, LoadError> {
        let mismatch = |error: wasmtime::Error| LoadError::Interface(shortened(&error));
        let mut linker = Cow::Borrowed(machine.linkers.of(inspection.contract));
        let mut image_bytes = 0_usize;
        for (name, module) in &images {
            image_bytes = image_bytes.saturating_add(memory_bytes(module));
            let mut root = linker.to_mut().root();
            root.module(name, module).map_err(mismatch)?;
        }
        let instance_pre = linker.instantiate_pre(&code).map_err(mismatch)?;
        let entry = Entry::new(inspection.contract, inspection.world, &code);
        let entry = entry.map_err(mismatch)?;
        Ok(Self {
            instance_pre,
            entry,
            code,
            images,
            image_bytes,
            is_data: false,
        })
    }

    /// The same, with what was asked: it may be data.
    pub(crate) fn holding(self, asked: Asked<'_>) -> Self {
        Self {
            is_data: asked.is_data(),
            ..self
        }
    }

    /// Data that a call shares as long as it does not write to it, in bytes.
    pub(crate) const fn data_bytes(&self) -> usize {
        match self.is_data {
            true => self.image_bytes,
            false => 0,
        }
    }

    /// What a call may use under the limits of its binding: data comes on top.
    pub(crate) const fn limits(&self, limits: Limits) -> Limits {
        Limits {
            memory_bytes: limits.memory_bytes.saturating_add(self.data_bytes()),
            ..limits
        }
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
        let mut call = Call::new(machine, self.limits(limits));
        let instance = self.start(&mut call).await?;
        match self.entry {
            Entry::V0_1(_) => return Ok(None),
            Entry::V0_2(_) => {}
        }
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
                settings_bytes: settings.len(),
                limits: Box::new(call.limits()),
                log: call.take_log().lines,
            }),
        }
    }
}

/// The memory that an instance of a module begins with.
fn memory_bytes(module: &Module) -> usize {
    let memories = module.exports().filter_map(|export| match export.ty() {
        ExternType::Memory(memory) => Some(memory.minimum().saturating_mul(memory.page_size())),
        _ => None,
    });
    let bytes = memories.fold(0, u64::saturating_add);
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

fn does_not_compile(error: wasmtime::Error) -> LoadError {
    LoadError::Compile(shortened(&error))
}

fn shortened(error: &wasmtime::Error) -> String {
    let mut text = format!("{error:#}");
    cut(&mut text, COMPILER_MESSAGE_BYTES_MAX);
    text
}
