//! Words in policies that no call can meet: actions, types and members of other
//! gates. Cedar takes them all, and a `forbid` with one would never forbid.

use std::collections::BTreeSet;

use cedar_policy::{Policy, Schema};
use cedar_policy_core::ast::{BinaryOp, EntityUID, Expr, ExprKind, Literal, Var};
use serde_json::Value as Json;

use crate::directory::{OF_AGENTS, OF_RESOURCES};
use crate::question::context_members;

/// Types of what a call makes.
const PRINCIPAL: &str = "Agent";
const RESOURCES: [&str; 4] = ["Tool", "Prompt", "Resource", "Server"];
/// Types whose entities are called `<server>/<name>`.
const OF_SERVERS: [&str; 3] = ["Tool", "Prompt", "Resource"];
/// Types of other gates.
const OF_OTHERS: [&str; 2] = ["Client", "THVGroup"];
const ACTION: &str = "Action";

/// Methods by their first part, and what may follow; none where all may.
const METHODS: [(&str, &[&str]); 12] = [
    ("tools", &["call", "list"]),
    ("prompts", &["get", "list"]),
    (
        "resources",
        &["read", "list", "templates/list", "subscribe", "unsubscribe"],
    ),
    ("completion", &[]),
    ("logging", &[]),
    ("tasks", &[]),
    ("roots", &[]),
    ("sampling", &[]),
    ("elicitation", &[]),
    ("notifications", &[]),
    ("subscriptions", &[]),
    ("server", &[]),
];

/// What other gates call actions.
const ACTIONS: [(&str, &str); 6] = [
    ("call_tool", "tools/call"),
    ("list_tools", "tools/list"),
    ("get_prompt", "prompts/get"),
    ("list_prompts", "prompts/list"),
    ("read_resource", "resources/read"),
    ("list_resources", "resources/list"),
];

/// What the operator's own entities add to the words of a call.
#[derive(Debug, Default)]
pub(crate) struct Known {
    types: BTreeSet<String>,
    /// Entities, and what they are below, as Cedar writes them.
    entities: BTreeSet<String>,
    attributes: BTreeSet<String>,
}

// === impl Known ===

impl Known {
    /// The words in entities of Cedar's JSON format, and in a schema.
    pub(crate) fn new(entities: &[Json], schema: Option<&Schema>) -> Self {
        let mut known = Self::default();
        for entity in entities {
            let parents = entity.get("parents").and_then(Json::as_array);
            for uid in entity
                .get("uid")
                .into_iter()
                .chain(parents.into_iter().flatten())
            {
                known.add(uid);
            }
            let attributes = entity.get("attrs").and_then(Json::as_object);
            let names = attributes
                .into_iter()
                .flat_map(|attributes| attributes.keys());
            known.attributes.extend(names.cloned());
        }
        if let Some(schema) = schema {
            known
                .types
                .extend(schema.entity_types().map(ToString::to_string));
            known
                .entities
                .extend(schema.actions().map(ToString::to_string));
        }
        known
    }

    fn add(&mut self, uid: &Json) {
        let uid = uid.get("__entity").unwrap_or(uid);
        let member = |name: &str| uid.get(name).and_then(Json::as_str);
        if let (Some(kind), Some(id)) = (member("type"), member("id")) {
            self.types.insert(kind.to_owned());
            self.entities.insert(format!("{kind}::{id:?}"));
        }
    }

    /// Refuses a policy with a word that no call can meet.
    pub(crate) fn check(&self, policy: &Policy) -> Result<(), String> {
        policy
            .as_ref()
            .condition()
            .subexpressions()
            .try_for_each(|expression| self.check_expression(expression))
    }

    fn check_expression(&self, expression: &Expr) -> Result<(), String> {
        match expression.expr_kind() {
            ExprKind::Lit(Literal::EntityUID(uid)) => self.check_entity(uid),
            ExprKind::Is { expr, entity_type } => {
                let kind = entity_type.to_string();
                match variable(expr) {
                    Some(Var::Principal) => self.check_principal(&kind),
                    Some(Var::Resource) => self.check_resource(&kind),
                    Some(Var::Action | Var::Context) | None => self.check_type(&kind),
                }
            }
            ExprKind::BinaryApp {
                op: BinaryOp::Eq,
                arg1,
                arg2,
            } => match (variable(arg1), entity(arg2), variable(arg2), entity(arg1)) {
                (Some(variable), Some(uid), ..) | (.., Some(variable), Some(uid)) => {
                    self.check_equal(variable, uid)
                }
                _ => check_word(arg1, arg2).and_then(|()| check_word(arg2, arg1)),
            },
            ExprKind::BinaryApp {
                op: BinaryOp::Contains | BinaryOp::ContainsAll | BinaryOp::ContainsAny,
                arg1,
                arg2,
            } => check_word(arg1, arg2),
            ExprKind::GetAttr { expr, attr } | ExprKind::HasAttr { expr, attr } => {
                match variable(expr) {
                    Some(variable) => self.check_member(variable, attr),
                    None => Ok(()),
                }
            }
            ExprKind::ExtHasAttr { expr, attrs } => match variable(expr) {
                Some(variable) => self.check_member(variable, attrs.first()),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn check_entity(&self, uid: &EntityUID) -> Result<(), String> {
        let kind = uid.entity_type().to_string();
        let id: &str = uid.eid().as_ref();
        if self.entities.contains(&uid.to_string()) {
            return Ok(());
        }
        if kind == ACTION || kind.ends_with("::Action") {
            return match kind == ACTION && is_method(id) {
                true => Ok(()),
                false => Err(no_action(uid, id)),
            };
        }
        if OF_SERVERS.contains(&kind.as_str()) && !id.contains('/') {
            return Err(format!(
                "`{uid}` is in no call\nhint: a name has its server before it: `{kind}::\"<server>/{id}\"`"
            ));
        }
        self.check_type(&kind)
    }

    /// What can be equal to what is asked about.
    fn check_equal(&self, variable: Var, uid: &EntityUID) -> Result<(), String> {
        let kind = uid.entity_type().to_string();
        let id: &str = uid.eid().as_ref();
        match variable {
            Var::Principal => self.check_principal(&kind),
            Var::Resource => self.check_resource(&kind),
            Var::Action if kind == ACTION && is_method(id) => Ok(()),
            Var::Action => Err(no_action(uid, id)),
            Var::Context => Ok(()),
        }
    }

    fn check_principal(&self, kind: &str) -> Result<(), String> {
        match kind == PRINCIPAL {
            true => Ok(()),
            false => Err(format!(
                "the principal of a call is no `{kind}`\nhint: it is an `Agent`; write `principal in User::\"..\"` for whom it acts"
            )),
        }
    }

    fn check_resource(&self, kind: &str) -> Result<(), String> {
        match RESOURCES.contains(&kind) {
            true => Ok(()),
            false => Err(format!(
                "the resource of a call is no `{kind}`\nhint: it is a `Tool`, a `Prompt`, a `Resource` or a `Server`, like `Tool::\"<server>/<name>\"`"
            )),
        }
    }

    /// Groups may come and go with the operator's entities; those of other gates
    /// only come with them.
    fn check_type(&self, kind: &str) -> Result<(), String> {
        let is_foreign = OF_OTHERS.contains(&kind) || kind.starts_with("AgentCore::");
        match is_foreign && !self.types.contains(kind) {
            false => Ok(()),
            true => Err(format!(
                "nothing in a call or in `entities` is a `{kind}`\nhint: a call has `Agent`, `User`, `Tool`, `Prompt`, `Resource` and `Server`; groups stand in `entities`"
            )),
        }
    }

    fn check_member(&self, variable: Var, member: &str) -> Result<(), String> {
        let is_foreign = match variable {
            Var::Context => !context_members().any(|name| name == member),
            // Others may come and go with the operator's entities.
            Var::Principal | Var::Resource => {
                (member.starts_with("claim_") || member.starts_with("arg_"))
                    && !self.attributes.contains(member)
            }
            Var::Action => false,
        };
        if !is_foreign {
            return Ok(());
        }
        Err(format!(
            "`{variable}.{member}` is in no call\nhint: {}",
            right_member(variable, member)
        ))
    }
}

/// Members that have few values.
const WORDS: [(Var, &str, &[&str]); 3] = [
    (
        Var::Context,
        "hints",
        &[
            "read-only",
            "destructive",
            "idempotent",
            "open-world",
            "untrusted",
            "sensitive",
        ],
    ),
    (Var::Context, "purpose", &["call", "listing"]),
    (
        Var::Principal,
        "proof",
        &["none", "bearer", "sender", "call"],
    ),
];

/// A value that a member never has is compared in vain.
fn check_word(member: &Expr, words: &Expr) -> Result<(), String> {
    let ExprKind::GetAttr { expr, attr } = member.expr_kind() else {
        return Ok(());
    };
    let variable = variable(expr);
    let known = WORDS
        .iter()
        .find(|(of, name, _)| variable == Some(*of) && attr == name);
    let Some((of, name, known)) = known else {
        return Ok(());
    };
    let unknown = words
        .subexpressions()
        .find_map(|word| match word.expr_kind() {
            ExprKind::Lit(Literal::String(word)) if !known.contains(&word.as_str()) => Some(word),
            _ => None,
        });
    match unknown {
        None => Ok(()),
        Some(word) => Err(format!(
            "`{of}.{name}` is never `{word}`\nhint: it is one of `{}`",
            known.join("`, `")
        )),
    }
}

/// Refuses a schema into which no call fits.
pub(crate) fn check_schema(schema: &Schema) -> Result<(), String> {
    let has_agents = schema
        .entity_types()
        .any(|kind| kind.to_string() == PRINCIPAL);
    let has_methods = schema
        .actions()
        .any(|uid| uid.type_name().to_string() == ACTION && is_method(uid.id().unescaped()));
    match (has_agents, has_methods) {
        (true, true) => Ok(()),
        (false, _) => Err(
            "schema: no call fits, since it has no entity type `Agent`\nhint: begin with `gatewright.cedarschema`, and add types of your own"
                .to_owned(),
        ),
        (true, false) => Err(
            "schema: no call fits, since none of its actions is a method\nhint: write `action \"tools/call\"`"
                .to_owned(),
        ),
    }
}

fn variable(expression: &Expr) -> Option<Var> {
    match expression.expr_kind() {
        ExprKind::Var(variable) => Some(*variable),
        _ => None,
    }
}

fn entity(expression: &Expr) -> Option<&EntityUID> {
    match expression.expr_kind() {
        ExprKind::Lit(Literal::EntityUID(uid)) => Some(uid),
        _ => None,
    }
}

fn is_method(id: &str) -> bool {
    let Some((first, rest)) = id.split_once('/') else {
        return matches!(id, "initialize" | "ping");
    };
    METHODS
        .iter()
        .any(|(name, rests)| *name == first && (rests.is_empty() || rests.contains(&rest)))
}

fn no_action(uid: &EntityUID, id: &str) -> String {
    let right = ACTIONS.iter().find(|(name, _)| *name == id);
    let hint = match right {
        Some((_, method)) => format!("write `Action::\"{method}\"`"),
        None => "an action is a method, like `Action::\"tools/call\"`; the tool is the resource, `Tool::\"<server>/<name>\"`; groups of actions stand in `entities`".to_owned(),
    };
    format!("`{uid}` is in no call\nhint: {hint}")
}

fn right_member(variable: Var, member: &str) -> String {
    if let Some(argument) = member.strip_prefix("arg_") {
        return format!("write `context.arguments.{argument}`");
    }
    match variable {
        Var::Context if matches!(member, "input" | "args" | "params" | "parameters") => {
            "write `context.arguments`".to_owned()
        }
        Var::Context => format!(
            "`context` has `{}`; the arguments are in `context.arguments`",
            context_members().collect::<Vec<_>>().join("`, `")
        ),
        Var::Principal => {
            let names = OF_AGENTS.map(|(name, _)| name);
            format!(
                "a principal has `{}`, and what `entities` give it; claims of a token are not in the call",
                names.join("`, `")
            )
        }
        Var::Resource => format!(
            "a resource has `{}`, and what `entities` give it",
            OF_RESOURCES.map(|(name, _)| name).join("`, `")
        ),
        Var::Action => "compare the action itself".to_owned(),
    }
}
