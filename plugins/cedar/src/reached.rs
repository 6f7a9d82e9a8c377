//! The entities that a question can come to: what it names, what its policies name, and what
//! stands in the attributes and tags of these. Cedar has no way to any other one, so a call
//! costs what it looks at and not what there is.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use cedar_policy_core::ast::{
    Context, Entity, EntityUID, Expr, ExprKind, Literal, PartialValue, SlotEnv, Value, ValueKind,
};

/// Entities by what they are called.
pub(crate) type ById = HashMap<EntityUID, Arc<Entity>>;

/// What is reached so far.
pub(crate) struct Reached<'a> {
    all: &'a ById,
    seen: HashSet<&'a EntityUID>,
    open: Vec<&'a EntityUID>,
}

/// What a condition names, with what a link puts into it.
pub(crate) fn named(condition: &Expr, slots: &SlotEnv) -> Vec<EntityUID> {
    let literals = condition
        .subexpressions()
        .filter_map(|part| match part.expr_kind() {
            ExprKind::Lit(Literal::EntityUID(uid)) => Some(uid.as_ref().clone()),
            _ => None,
        });
    let mut named: Vec<_> = literals.chain(slots.values().cloned()).collect();
    named.sort();
    named.dedup();
    named
}

// === impl Reached ===

impl<'a> Reached<'a> {
    /// From the entities of the call, which stand in the place of those that are called the
    /// same.
    pub(crate) fn of(all: &'a ById, described: &'a [Arc<Entity>]) -> Self {
        let mut reached = Self {
            all,
            seen: described.iter().map(|entity| entity.uid()).collect(),
            open: Vec::new(),
        };
        for entity in described {
            reached.look_at(entity);
        }
        reached
    }

    pub(crate) fn add(&mut self, uid: &'a EntityUID) {
        self.open.push(uid);
    }

    pub(crate) fn add_context(&mut self, context: &'a Context) {
        match context {
            Context::Value(members) => members.values().for_each(|value| self.add_value(value)),
            // Nothing is unknown here.
            Context::RestrictedResidual(_) => {}
        }
    }

    /// All that is reached, beside the entities of the call.
    pub(crate) fn into_entities(mut self) -> Vec<Arc<Entity>> {
        let mut entities = Vec::new();
        while let Some(uid) = self.open.pop() {
            if let Some(entity) = self.all.get(uid)
                && self.seen.insert(entity.uid())
            {
                self.look_at(entity);
                entities.push(Arc::clone(entity));
            }
        }
        entities
    }

    fn look_at(&mut self, entity: &'a Entity) {
        for (_, value) in entity.attrs().chain(entity.tags()) {
            match value {
                PartialValue::Value(value) => self.add_value(value),
                // Nothing is unknown here.
                PartialValue::Residual(_) => {}
            }
        }
    }

    fn add_value(&mut self, value: &'a Value) {
        match value.value_kind() {
            ValueKind::Lit(Literal::EntityUID(uid)) => self.open.push(uid),
            ValueKind::Set(set) => set.iter().for_each(|value| self.add_value(value)),
            ValueKind::Record(members) => members.values().for_each(|value| self.add_value(value)),
            ValueKind::Lit(_) | ValueKind::ExtensionValue(_) => {}
        }
    }
}
