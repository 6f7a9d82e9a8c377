//! Version 0.2 of the contract. A guest asks for the facts that it wants, one by one.

mod document;
mod facts;
mod found;
mod interface;
mod places;
mod values;

use gatewright_policy::{Fault, Opinion, Report, Revision};
use wasmtime::component::{Component, ComponentExportIndex, Instance, Linker, TypedFunc};
use wasmtime::{Engine, Store, error::Context as _};

use self::bindings::gatewright::policy::types;
use self::interface::interface;
use super::{Description, SettingsError, World};
use crate::fault::detail;
use crate::state::CallState;

mod bindings {
    wasmtime::component::bindgen!({
        inline: "
            package gatewright:host;

            world host {
                import gatewright:policy/json@0.2.0;
                import gatewright:policy/caller@0.2.0;
                import gatewright:policy/action@0.2.0;
                import gatewright:policy/context@0.2.0;
                import gatewright:policy/arguments@0.2.0;
                import gatewright:policy/response@0.2.0;
                import gatewright:policy/history@0.2.0;
                import gatewright:policy/budget@0.2.0;
                import gatewright:policy/log@0.2.0;
                export gatewright:policy/judging@0.2.0;
                export gatewright:policy/revising@0.2.0;
                export gatewright:policy/reviewing@0.2.0;
            }
        ",
        path: "../../wit/0.2",
        exports: { default: async },
    });
}

/// Where the exported functions of a component stand.
pub(crate) struct Entry {
    world: World,
    describe: ComponentExportIndex,
    configure: ComponentExportIndex,
    answer: ComponentExportIndex,
}

type Describe = TypedFunc<(), (types::Description,)>;
type Configure<'a> = TypedFunc<(&'a str,), (Result<(), types::SettingsError>,)>;
type Judge = TypedFunc<(), (types::Opinion,)>;
type Revise = TypedFunc<(), (Result<types::Revision, String>,)>;
type ReviewCall = TypedFunc<(), (types::Report,)>;

/// Links every interface of the version.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<CallState>> {
    let mut linker = Linker::new(engine);
    document::link(&mut linker)?;
    facts::link(&mut linker)?;
    Ok(linker)
}

// === impl Entry ===

impl Entry {
    pub(crate) fn new(world: World, component: &Component) -> wasmtime::Result<Self> {
        let interface = interface(world.exported());
        let interface = component
            .get_export_index(None, &interface)
            .with_context(|| format!("`{interface}` is not an interface"))?;
        let function = |name: &str| {
            component
                .get_export_index(Some(&interface), name)
                .with_context(|| format!("there is no function `{name}`"))
        };
        Ok(Self {
            world,
            describe: function("describe")?,
            configure: function("configure")?,
            answer: function(match world {
                World::Policy => "judge",
                World::Editor => "revise",
                World::Reviewer => "review",
            })?,
        })
    }

    /// Fails where the functions are not those of the contract.
    pub(crate) fn check(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
    ) -> wasmtime::Result<()> {
        let _: Describe = instance.get_typed_func(&mut *store, self.describe)?;
        let _: Configure<'_> = instance.get_typed_func(&mut *store, self.configure)?;
        match self.world {
            World::Policy => {
                let _: Judge = instance.get_typed_func(store, self.answer)?;
            }
            World::Editor => {
                let _: Revise = instance.get_typed_func(store, self.answer)?;
            }
            World::Reviewer => {
                let _: ReviewCall = instance.get_typed_func(store, self.answer)?;
            }
        }
        Ok(())
    }

    pub(crate) async fn describe(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
    ) -> wasmtime::Result<Description> {
        let function: Describe = instance.get_typed_func(&mut *store, self.describe)?;
        let (description,) = function.call_async(store, ()).await?;
        Ok(values::description(description)?)
    }

    /// The inner error is the guest's.
    pub(crate) async fn configure(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        settings: &str,
    ) -> wasmtime::Result<Result<(), SettingsError>> {
        let function: Configure<'_> = instance.get_typed_func(&mut *store, self.configure)?;
        let (answer,) = function.call_async(store, (settings,)).await?;
        Ok(answer.map_err(|error| SettingsError {
            pointer: error.pointer,
            message: error.message,
        }))
    }

    pub(crate) async fn judge(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
    ) -> wasmtime::Result<Opinion> {
        self.expect(World::Policy)?;
        let function: Judge = instance.get_typed_func(&mut *store, self.answer)?;
        let (opinion,) = function.call_async(store, ()).await?;
        Ok(values::opinion(opinion))
    }

    pub(crate) async fn revise(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
    ) -> wasmtime::Result<Revision> {
        self.expect(World::Editor)?;
        let function: Revise = instance.get_typed_func(&mut *store, self.answer)?;
        let (revision,) = function.call_async(store, ()).await?;
        let revision = revision.map_err(|message| Fault::GaveUp(detail(message)))?;
        Ok(values::revision(revision))
    }

    pub(crate) async fn review(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
    ) -> wasmtime::Result<Report> {
        self.expect(World::Reviewer)?;
        let function: ReviewCall = instance.get_typed_func(&mut *store, self.answer)?;
        let (report,) = function.call_async(store, ()).await?;
        Ok(values::report(report))
    }

    fn expect(&self, world: World) -> Result<(), Fault> {
        if self.world == world {
            return Ok(());
        }
        let text = format!(
            "a component of the world `{}` was asked as a `{world}`",
            self.world
        );
        Err(Fault::BadOutput(text))
    }
}
