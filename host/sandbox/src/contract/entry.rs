//! How to call a component, by the version of its contract.

use gatewright_policy::{Opinion, Report, Request, Revision};
use wasmtime::component::{Component, Instance, Linker};
use wasmtime::{Engine, Store};

use super::described::{Description, SettingsError};
use super::{Contract, World, v0_1, v0_2};
use crate::state::CallState;

/// The host functions of each version.
pub(crate) struct Linkers {
    v0_1: Linker<CallState>,
    v0_2: Linker<CallState>,
}

/// Where the exported functions of a component stand.
pub(crate) enum Entry {
    V0_1(v0_1::Entry),
    V0_2(v0_2::Entry),
}

// === impl Linkers ===

impl Linkers {
    pub(crate) fn new(engine: &Engine) -> wasmtime::Result<Self> {
        Ok(Self {
            v0_1: v0_1::linker(engine)?,
            v0_2: v0_2::linker(engine)?,
        })
    }

    pub(crate) const fn of(&self, contract: Contract) -> &Linker<CallState> {
        match contract {
            Contract::V0_1 => &self.v0_1,
            Contract::V0_2 => &self.v0_2,
        }
    }
}

// === impl Entry ===

impl Entry {
    pub(crate) fn new(
        contract: Contract,
        world: World,
        component: &Component,
    ) -> wasmtime::Result<Self> {
        Ok(match contract {
            Contract::V0_1 => Self::V0_1(v0_1::Entry::new(world, component)?),
            Contract::V0_2 => Self::V0_2(v0_2::Entry::new(world, component)?),
        })
    }

    /// Fails where the functions are not those of the contract.
    pub(crate) fn check(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
    ) -> wasmtime::Result<()> {
        match self {
            Self::V0_1(entry) => entry.check(store, instance),
            Self::V0_2(entry) => entry.check(store, instance),
        }
    }

    /// None where the contract does not let a component say.
    pub(crate) async fn describe(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
    ) -> wasmtime::Result<Option<Description>> {
        match self {
            Self::V0_1(_) => Ok(None),
            Self::V0_2(entry) => entry.describe(store, instance).await.map(Some),
        }
    }

    /// The inner error is the guest's.
    pub(crate) async fn configure(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        settings: &str,
    ) -> wasmtime::Result<Result<(), SettingsError>> {
        match self {
            Self::V0_1(entry) => entry.configure(store, instance, settings).await,
            Self::V0_2(entry) => entry.configure(store, instance, settings).await,
        }
    }

    pub(crate) async fn judge(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        request: &Request,
    ) -> wasmtime::Result<Opinion> {
        match self {
            Self::V0_1(entry) => entry.judge(store, instance, request).await,
            Self::V0_2(entry) => entry.judge(store, instance).await,
        }
    }

    pub(crate) async fn revise(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        request: &Request,
    ) -> wasmtime::Result<Revision> {
        match self {
            Self::V0_1(entry) => entry.revise(store, instance, request).await,
            Self::V0_2(entry) => entry.revise(store, instance).await,
        }
    }

    pub(crate) async fn review(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        request: &Request,
    ) -> wasmtime::Result<Report> {
        match self {
            Self::V0_1(entry) => entry.review(store, instance, request).await,
            Self::V0_2(entry) => entry.review(store, instance).await,
        }
    }
}
