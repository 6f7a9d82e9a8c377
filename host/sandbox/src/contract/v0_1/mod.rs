//! Version 0.1.0 of the contract.

mod imports;
mod values;

use gatewright_policy::{Fault, Opinion, Report, Request, Revision};
use wasmtime::component::{Component, ComponentExportIndex, Instance, TypedFunc};
use wasmtime::{Store, error::Context as _};

use self::bindings::gatewright::policy::types;
use super::{Contract, SettingsError, World};
use crate::fault::detail;
use crate::state::CallState;

pub(crate) use self::imports::linker;

mod bindings {
    wasmtime::component::bindgen!({
        inline: "
            package gatewright:host;

            world host {
                import gatewright:policy/arguments@0.1.0;
                import gatewright:policy/response@0.1.0;
                import gatewright:policy/history@0.1.0;
                import gatewright:policy/log@0.1.0;
                export gatewright:policy/judging@0.1.0;
                export gatewright:policy/revising@0.1.0;
                export gatewright:policy/reviewing@0.1.0;
            }
        ",
        path: "../../wit",
        exports: { default: async },
        ownership: Borrowing { duplicate_if_necessary: true },
    });
}

/// Where the exported functions of a component stand.
pub(crate) struct Entry {
    world: World,
    configure: ComponentExportIndex,
    answer: ComponentExportIndex,
}

type Configure<'a> = TypedFunc<(&'a str,), (Result<(), String>,)>;
type Judge<'a> = TypedFunc<(types::Request<'a>,), (types::Verdict,)>;
type Revise<'a> = TypedFunc<(types::Request<'a>,), (Result<Vec<types::Edit>, String>,)>;
type ReviewCall<'a> = TypedFunc<(types::Request<'a>,), (types::Finding,)>;

// === impl Entry ===

impl Entry {
    pub(crate) fn new(world: World, component: &Component) -> wasmtime::Result<Self> {
        let interface = Contract::V0_1.interface(world.exported());
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
        let _: Configure<'_> = instance.get_typed_func(&mut *store, self.configure)?;
        match self.world {
            World::Policy => {
                let _: Judge<'_> = instance.get_typed_func(store, self.answer)?;
            }
            World::Editor => {
                let _: Revise<'_> = instance.get_typed_func(store, self.answer)?;
            }
            World::Reviewer => {
                let _: ReviewCall<'_> = instance.get_typed_func(store, self.answer)?;
            }
        }
        Ok(())
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
        Ok(answer.map_err(|message| SettingsError {
            pointer: String::new(),
            message,
        }))
    }

    pub(crate) async fn judge(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        request: &Request,
    ) -> wasmtime::Result<Opinion> {
        self.expect(World::Policy)?;
        let lists = values::Lists::of(request);
        let request = values::request(request, &lists);
        let function: Judge<'_> = instance.get_typed_func(&mut *store, self.answer)?;
        let (verdict,) = function.call_async(store, (request,)).await?;
        Ok(values::opinion(verdict))
    }

    pub(crate) async fn revise(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        request: &Request,
    ) -> wasmtime::Result<Revision> {
        self.expect(World::Editor)?;
        let lists = values::Lists::of(request);
        let request = values::request(request, &lists);
        let function: Revise<'_> = instance.get_typed_func(&mut *store, self.answer)?;
        let (edits,) = function.call_async(store, (request,)).await?;
        let edits = edits.map_err(|message| Fault::GaveUp(detail(message)))?;
        Ok(Revision {
            edits: edits.into_iter().map(values::edit).collect(),
            notes: Vec::new(),
        })
    }

    pub(crate) async fn review(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        request: &Request,
    ) -> wasmtime::Result<Report> {
        self.expect(World::Reviewer)?;
        let lists = values::Lists::of(request);
        let request = values::request(request, &lists);
        let function: ReviewCall<'_> = instance.get_typed_func(&mut *store, self.answer)?;
        let (finding,) = function.call_async(store, (request,)).await?;
        Ok(values::report(finding))
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
