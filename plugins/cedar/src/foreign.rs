//! Words in policies that no call can meet: actions, types and members of other
//! gates. Cedar takes them all, and a `forbid` with one would never forbid.

use std::collections::BTreeSet;

use cedar_policy::{Policy, PrincipalConstraint, ResourceConstraint, Schema};
use cedar_policy_core::ast::{BinaryOp, EntityUID, Expr, ExprKind, Literal, Var};
use serde_json::Value as Json;

use crate::actions::{is_action, no_action};
use crate::directory::{OF_AGENTS, OF_RESOURCES};
use crate::question::context_members;
use crate::words::{About, Words};

/// Types of other gates.
const OF_OTHERS: [&str; 2] = ["Client", "THVGroup"];

/// What the operator's own entities add to the words of a call.
#[derive(Debug, Default)]
pub(crate) struct Known {
    words: Words,
    types: BTreeSet<String>,
    /// Entities, and what they are below, as Cedar writes them.
    entities: BTreeSet<String>,
    attributes: BTreeSet<String>,
}

// === impl Known ===

impl Known {
    /// The words in entities of Cedar's JSON format, and in a schema.
    pub(crate) fn new(entities: &[Json], schema: Option<&Schema>, words: &Words) -> Self {
        let mut known = Self {
            words: words.clone(),
            ..Self::default()
        };
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
        // What a link puts into a template stands in no expression.
        if let PrincipalConstraint::Eq(principal) = policy.principal_constraint() {
            self.check_equal(Var::Principal, principal.as_ref())?;
        }
        if let ResourceConstraint::Eq(resource) = policy.resource_constraint() {
            self.check_equal(Var::Resource, resource.as_ref())?;
            self.check_entity(resource.as_ref())?;
        }
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
        if kind == self.words.action || kind == "Action" || kind.ends_with("::Action") {
            return match kind == self.words.action && is_action(&self.words, id) {
                true => Ok(()),
                false => Err(no_action(&self.words, uid, id)),
            };
        }
        let [named @ .., _] = self.words.resources();
        if self.words.has_server_first() && named.contains(&kind.as_str()) && !id.contains('/') {
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
            Var::Action if kind == self.words.action && is_action(&self.words, id) => Ok(()),
            Var::Action => Err(no_action(&self.words, uid, id)),
            Var::Context => Ok(()),
        }
    }

    fn check_principal(&self, kind: &str) -> Result<(), String> {
        let Words { agent, user, .. } = &self.words;
        match kind == agent {
            true => Ok(()),
            false => Err(format!(
                "the principal of a call is no `{kind}`\nhint: it is an `{agent}`; write `principal in {user}::\"..\"` for whom it acts; other words stand in `question`"
            )),
        }
    }

    fn check_resource(&self, kind: &str) -> Result<(), String> {
        let [tool, prompt, resource, server] = self.words.resources();
        let is_one = match self.words.about {
            About::Tool => [tool, prompt, resource, server].contains(&kind),
            About::Server => kind == server,
        };
        match (is_one, self.words.about) {
            (true, _) => Ok(()),
            (false, About::Tool) => Err(format!(
                "the resource of a call is no `{kind}`\nhint: it is a `{tool}`, a `{prompt}`, a `{resource}` or a `{server}`, like `{tool}::\"{}\"`; other words stand in `question`",
                self.words.resource_of("<server>", "<name>")
            )),
            (false, About::Server) => Err(format!(
                "the resource of a call is no `{kind}`\nhint: it is a `{server}`, by `about` of `question`"
            )),
        }
    }

    /// Groups may come and go with the operator's entities; those of other gates
    /// only come with them.
    fn check_type(&self, kind: &str) -> Result<(), String> {
        let is_foreign = OF_OTHERS.contains(&kind) || kind.starts_with("AgentCore::");
        let Words { agent, user, .. } = &self.words;
        let is_of_calls =
            [agent.as_str(), user].contains(&kind) || self.words.resources().contains(&kind);
        match is_foreign && !is_of_calls && !self.types.contains(kind) {
            false => Ok(()),
            true => Err(format!(
                "nothing in a call or in `entities` is a `{kind}`\nhint: a call has `{}`, `{}` and `{}`; groups stand in `entities`",
                self.words.agent,
                self.words.user,
                self.words.resources().join("`, `")
            )),
        }
    }

    fn check_member(&self, variable: Var, member: &str) -> Result<(), String> {
        let is_foreign = match variable {
            Var::Context => {
                let is_argument = |prefix: &String| member.starts_with(prefix.as_str());
                !context_members().any(|name| name == member)
                    && member != self.words.arguments
                    && !self.words.argument_prefix.as_ref().is_some_and(is_argument)
            }
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
            right_member(&self.words, variable, member)
        ))
    }
}

/// A tag that nobody looks for before it is read may not be there. The validator says so too,
/// but not of what stands in the condition of an `if`.
pub(crate) fn check_tags(policy: &Policy) -> Result<(), String> {
    let condition = policy.as_ref().condition();
    let tags = |wanted: BinaryOp| {
        condition
            .subexpressions()
            .filter_map(move |expression| match expression.expr_kind() {
                ExprKind::BinaryApp { op, arg1, arg2 } if *op == wanted => Some((arg1, arg2)),
                _ => None,
            })
    };
    let unchecked = tags(BinaryOp::GetTag).find(|(entity, tag)| {
        !tags(BinaryOp::HasTag).any(|(other, name)| other.eq_shape(entity) && name.eq_shape(tag))
    });
    match unchecked {
        None => Ok(()),
        Some((entity, tag)) => Err(format!(
            "`{}`: `{entity}.getTag({tag})` without `hasTag`\nhint: write `{entity}.hasTag({tag}) &&` before it",
            policy.id()
        )),
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
pub(crate) fn check_schema(schema: &Schema, words: &Words) -> Result<(), String> {
    let has_agents = schema
        .entity_types()
        .any(|kind| kind.to_string() == words.agent);
    let has_methods = schema.actions().any(|uid| {
        uid.type_name().to_string() == words.action && is_action(words, uid.id().unescaped())
    });
    match (has_agents, has_methods) {
        (true, true) => Ok(()),
        (false, _) => Err(format!(
            "schema: no call fits, since it has no entity type `{}`\nhint: say in `question` what it calls the agent; or begin with `gatewright.cedarschema`, and add types of your own",
            words.agent
        )),
        (true, false) => Err(format!(
            "schema: no call fits, since none of its actions is a method of `{}`\nhint: write `action \"tools/call\"`, or say in `question` what methods are called",
            words.action
        )),
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

fn right_member(words: &Words, variable: Var, member: &str) -> String {
    let arguments = &words.arguments;
    if let Some(argument) = member.strip_prefix("arg_") {
        return format!("write `context.{arguments}.{argument}`");
    }
    match variable {
        Var::Context if matches!(member, "input" | "args" | "params" | "parameters") => {
            format!("write `context.{arguments}`")
        }
        Var::Context => format!(
            "`context` has `{}`; the arguments are in `context.{arguments}`",
            context_members().collect::<Vec<_>>().join("`, `")
        ),
        Var::Principal => {
            let names = OF_AGENTS.map(|(name, _)| name);
            format!(
                "a principal has `{}`, and what `entities` give it; claims of a token that the operator lets policies see are in `principal.claims`",
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
