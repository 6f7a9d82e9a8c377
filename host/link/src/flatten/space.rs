//! The items that a component counts, and how they are named.

use wasmparser::{ComponentExternalKind, ComponentOuterAliasKind, ExternalKind};

/// What is not in an index space. No component has that many items, so that the
/// validator refuses a result in which one is left.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// The index spaces of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Space {
    Type,
    Func,
    Instance,
    Component,
    Value,
    CoreType,
    CoreModule,
    CoreInstance,
    CoreFunc,
    CoreTable,
    CoreMemory,
    CoreGlobal,
    CoreTag,
}

/// An item of the result.
#[derive(Clone, Copy)]
pub(super) struct Item {
    pub(super) space: Space,
    pub(super) index: u32,
}

// === impl Space ===

impl From<ComponentExternalKind> for Space {
    fn from(kind: ComponentExternalKind) -> Self {
        match kind {
            ComponentExternalKind::Module => Self::CoreModule,
            ComponentExternalKind::Func => Self::Func,
            ComponentExternalKind::Value => Self::Value,
            ComponentExternalKind::Type => Self::Type,
            ComponentExternalKind::Instance => Self::Instance,
            ComponentExternalKind::Component => Self::Component,
        }
    }
}

impl From<ExternalKind> for Space {
    fn from(kind: ExternalKind) -> Self {
        match kind {
            ExternalKind::Func | ExternalKind::FuncExact => Self::CoreFunc,
            ExternalKind::Table => Self::CoreTable,
            ExternalKind::Memory => Self::CoreMemory,
            ExternalKind::Global => Self::CoreGlobal,
            ExternalKind::Tag => Self::CoreTag,
        }
    }
}

impl From<ComponentOuterAliasKind> for Space {
    fn from(kind: ComponentOuterAliasKind) -> Self {
        match kind {
            ComponentOuterAliasKind::CoreModule => Self::CoreModule,
            ComponentOuterAliasKind::CoreType => Self::CoreType,
            ComponentOuterAliasKind::Type => Self::Type,
            ComponentOuterAliasKind::Component => Self::Component,
        }
    }
}
