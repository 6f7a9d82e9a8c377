//! What policies can read of a call: no other fact is asked for. With a schema it is what
//! that declares, since a call with anything further would not fit it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cedar_policy::{PolicySet, Schema};
use cedar_policy_core::ast::{
    EntityType, EntityUID, Expr, ExprKind, Literal, Value, ValueKind, Var,
};
use cedar_policy_core::validator::ValidatorEntityTypeKind;
use cedar_policy_core::validator::types::{Attributes, EntityKind, Type};
use smol_str::SmolStr;

use crate::number;

/// What policies can read.
#[derive(Debug)]
pub(crate) enum Reads {
    /// Attributes of these names: Cedar has no other way to one.
    Named(BTreeSet<SmolStr>),
    /// Everything, since a policy takes the context as a whole.
    All,
    /// What a schema declares.
    Declared(Box<Schema>),
}

/// What can be read of one entity, or of the context.
#[derive(Clone, Copy)]
pub(crate) enum Members<'a> {
    Named(&'a BTreeSet<SmolStr>),
    All,
    /// Nothing, where the schema does not know the whole.
    Declared(Option<&'a Attributes>),
}

// === impl Reads ===

impl Reads {
    pub(crate) fn new(policies: &PolicySet, schema: Option<&Schema>) -> Self {
        if let Some(schema) = schema {
            return Self::Declared(Box::new(schema.clone()));
        }
        let mut names = BTreeSet::new();
        // Each mention of the context, and each of them with a member behind it.
        let (mut mentions, mut with_member) = (0, 0);
        for policy in policies.policies() {
            for expression in policy.as_ref().condition().subexpressions() {
                match expression.expr_kind() {
                    ExprKind::Var(Var::Context) => mentions += 1,
                    ExprKind::GetAttr { expr, attr } | ExprKind::HasAttr { expr, attr } => {
                        with_member += usize::from(is_context(expr));
                        names.insert(attr.clone());
                    }
                    ExprKind::ExtHasAttr { expr, attrs } => {
                        with_member += usize::from(is_context(expr));
                        names.extend(attrs.iter().cloned());
                    }
                    _ => {}
                }
            }
        }
        match mentions == with_member {
            true => Self::Named(names),
            false => Self::All,
        }
    }

    pub(crate) fn of_entity(&self, kind: &EntityType) -> Members<'_> {
        match self {
            Self::Named(names) => Members::Named(names),
            Self::All => Members::All,
            Self::Declared(schema) => Members::Declared(attributes(schema, kind)),
        }
    }

    pub(crate) fn of_context(&self, action: &EntityUID) -> Members<'_> {
        match self {
            Self::Named(names) => Members::Named(names),
            Self::All => Members::All,
            Self::Declared(schema) => {
                let action = schema.as_ref().as_ref().get_action_id(action);
                Members::Declared(match action.and_then(|action| action.context_type()) {
                    Some(Type::Record { attrs, .. }) => Some(attrs),
                    Some(_) | None => None,
                })
            }
        }
    }
}

impl Reads {
    /// An argument, or all of them, as a schema declares the member: texts and numbers may
    /// stand for values that JSON has not. The error is for the agent.
    pub(crate) fn argument(
        &self,
        members: Members<'_>,
        name: &str,
        value: Value,
    ) -> Result<Value, String> {
        let (Self::Declared(schema), Members::Declared(Some(attributes))) = (self, members) else {
            return Ok(value);
        };
        match attributes.get_attr(name) {
            Some(attribute) => typed(value, &attribute.attr_type, schema),
            None => Ok(value),
        }
    }
}

// === impl Members ===

impl Members<'_> {
    pub(crate) fn has(self, name: &str) -> bool {
        match self {
            Self::Named(names) => names.contains(name),
            Self::All => true,
            Self::Declared(attributes) => {
                attributes.is_some_and(|attributes| attributes.get_attr(name).is_some())
            }
        }
    }

    /// Without the members of records that a schema does not declare.
    pub(crate) fn fitted(self, name: &str, value: Value) -> Value {
        let Self::Declared(Some(attributes)) = self else {
            return value;
        };
        match attributes.get_attr(name) {
            Some(attribute) => fitted(value, &attribute.attr_type),
            None => value,
        }
    }
}

/// The attributes that a schema declares for an entity type.
pub(crate) fn attributes<'a>(schema: &'a Schema, kind: &EntityType) -> Option<&'a Attributes> {
    let kind = schema.as_ref().get_entity_type(kind)?;
    Some(kind.attributes())
}

fn fitted(value: Value, wanted: &Type) -> Value {
    match (value.value_kind(), wanted) {
        (ValueKind::Record(record), Type::Record { attrs, .. }) => {
            let members = record.iter().filter_map(|(name, value)| {
                let attribute = attrs.get_attr(name)?;
                Some((name.clone(), fitted(value.clone(), &attribute.attr_type)))
            });
            Value::record_arc(Arc::new(members.collect::<BTreeMap<_, _>>()), None)
        }
        (
            ValueKind::Set(set),
            Type::Set {
                element_type: Some(wanted),
            },
        ) => {
            let elements = set.iter().map(|element| fitted(element.clone(), wanted));
            Value::set(elements, None)
        }
        _ => value,
    }
}

/// A value as the type that is wanted, where its text or number stands for one. Entities are
/// made of what a schema lists, and of nothing else.
fn typed(value: Value, wanted: &Type, schema: &Schema) -> Result<Value, String> {
    match (value.value_kind(), wanted) {
        (ValueKind::Lit(Literal::String(text)), Type::ExtensionType { name }) => {
            number::of_type(&name.to_string(), text)
        }
        (ValueKind::Lit(Literal::Long(number)), Type::ExtensionType { name }) => {
            match name.to_string().as_str() {
                "decimal" => number::decimal(&number.to_string()),
                _ => Ok(value),
            }
        }
        (ValueKind::Record(_), Type::ExtensionType { name }) if name.to_string() == "decimal" => {
            match number::text_of(&value) {
                Some(text) => number::decimal(&text),
                None => Ok(value),
            }
        }
        (ValueKind::Lit(Literal::String(text)), Type::Entity(EntityKind::Entity(kinds))) => {
            let Some(kind) = kinds.get_single_entity() else {
                return Ok(value);
            };
            match schema.as_ref().get_entity_type(kind).map(|it| &it.kind) {
                Some(ValidatorEntityTypeKind::Enum(choices)) => {
                    let choice = choices
                        .iter()
                        .find(|choice| choice.as_ref() as &str == text.as_str());
                    let choice = choice.ok_or_else(|| format!("`{kind}` has no such choice"))?;
                    let uid = EntityUID::from_components(kind.clone(), choice.clone(), None);
                    Ok(Value::from(uid))
                }
                Some(_) | None => Ok(value),
            }
        }
        (ValueKind::Record(record), Type::Record { attrs, .. }) => {
            let members = record.iter().map(|(name, value)| {
                let value = match attrs.get_attr(name) {
                    Some(attribute) => typed(value.clone(), &attribute.attr_type, schema)
                        .map_err(|error| format!("`{name}`: {error}"))?,
                    None => value.clone(),
                };
                Ok((name.clone(), value))
            });
            let members = members.collect::<Result<BTreeMap<_, _>, String>>()?;
            Ok(Value::record_arc(Arc::new(members), None))
        }
        (
            ValueKind::Set(set),
            Type::Set {
                element_type: Some(wanted),
            },
        ) => {
            let elements = set
                .iter()
                .map(|element| typed(element.clone(), wanted, schema));
            let elements = elements.collect::<Result<Vec<_>, String>>()?;
            Ok(Value::set(elements, None))
        }
        _ => Ok(value),
    }
}

fn is_context(expression: &Expr) -> bool {
    matches!(expression.expr_kind(), ExprKind::Var(Var::Context))
}
