//! A call as Cedar's question: principal, action, resource, context.

use std::collections::BTreeMap;
use std::sync::Arc;

use cedar_policy_core::ast::{Context, Eid, EntityType, EntityUID, Name, Value};
use gatewright_sdk::{Hints, Proof, Request};
use smol_str::SmolStr;

use crate::directory::Described;
use crate::number::Decimals;
use crate::value;

/// The entity types of a question.
#[derive(Debug)]
pub(crate) struct Types {
    agent: EntityType,
    user: EntityType,
    action: EntityType,
    server: EntityType,
    tool: EntityType,
    prompt: EntityType,
    resource: EntityType,
}

/// What Cedar is asked.
pub(crate) struct Question {
    pub(crate) principal: Described,
    pub(crate) action: EntityUID,
    pub(crate) resource: Described,
    pub(crate) context: Context,
}

// === impl Types ===

impl Types {
    pub(crate) fn new() -> Result<Self, String> {
        let named = |name: &str| {
            let name = Name::parse_unqualified_name(name).map_err(|error| error.to_string())?;
            Ok::<_, String>(EntityType::from(name))
        };
        Ok(Self {
            agent: named("Agent")?,
            user: named("User")?,
            action: named("Action")?,
            server: named("Server")?,
            tool: named("Tool")?,
            prompt: named("Prompt")?,
            resource: named("Resource")?,
        })
    }

    /// The question of a call; the error is for the agent, whose arguments
    /// cannot be read.
    pub(crate) fn question(
        &self,
        request: &Request,
        decimals: &Decimals,
    ) -> Result<Question, String> {
        Ok(Question {
            principal: self.principal(request),
            action: uid(&self.action, &request.action.method),
            resource: self.resource(request),
            context: context(request, decimals)?,
        })
    }

    fn principal(&self, request: &Request) -> Described {
        let subject = &request.subject;
        let user = |name: &Option<String>| name.as_deref().map(|name| uid(&self.user, name));
        let principal = user(&subject.principal);
        let mut attributes = vec![
            ("issuer", Value::from(subject.issuer.as_str())),
            ("scopes", value::texts(&subject.scopes)),
            ("delegation", value::texts(&subject.delegation)),
            ("proof", Value::from(proof(subject.proof))),
            ("expires_at", Value::from(milliseconds(subject.expires_at))),
        ];
        let named = [("user", principal.clone()), ("owner", user(&subject.owner))];
        attributes.extend(
            named
                .into_iter()
                .filter_map(|(name, uid)| Some((name, Value::from(uid?)))),
        );
        Described {
            uid: uid(&self.agent, &subject.id),
            attributes,
            parents: principal.into_iter().collect(),
        }
    }

    /// What the method is about; a method of no tool, prompt or resource is
    /// about the server.
    fn resource(&self, request: &Request) -> Described {
        let action = &request.action;
        let server = uid(&self.server, &action.server);
        let kind = match action.method.split('/').next() {
            Some("tools") => &self.tool,
            Some("prompts") => &self.prompt,
            Some("resources") => &self.resource,
            Some(_) | None => {
                return Described {
                    uid: server,
                    attributes: Vec::new(),
                    parents: Vec::new(),
                };
            }
        };
        Described {
            uid: uid(kind, &format!("{}/{}", action.server, action.name)),
            attributes: vec![
                ("name", Value::from(action.name.as_str())),
                ("server", Value::from(server.clone())),
            ],
            parents: vec![server],
        }
    }
}

fn context(request: &Request, decimals: &Decimals) -> Result<Context, String> {
    let context = &request.context;
    let mut members: BTreeMap<SmolStr, Value> = [
        ("at", Value::from(milliseconds(context.at))),
        ("session", Value::from(context.session.as_str())),
        ("labels", value::texts(&context.labels)),
        ("approvers", value::texts(&context.approvers)),
        ("hints", hints(request.action.hints)),
    ]
    .into_iter()
    .map(|(name, value)| (SmolStr::new_static(name), value))
    .collect();
    let arguments = match request.is_listing() {
        true => None,
        false => request.json(""),
    };
    if let Some(json) = arguments {
        let arguments = value::read(&json, decimals)?;
        members.insert(SmolStr::new_static("arguments"), arguments);
    }
    Ok(Context::Value(Arc::new(members)))
}

fn uid(kind: &EntityType, id: &str) -> EntityUID {
    EntityUID::from_components(kind.clone(), Eid::new(id), None)
}

fn hints(hints: Hints) -> Value {
    let named = [
        (Hints::READ_ONLY, "read-only"),
        (Hints::DESTRUCTIVE, "destructive"),
        (Hints::IDEMPOTENT, "idempotent"),
        (Hints::OPEN_WORLD, "open-world"),
    ];
    let given = named.into_iter().filter(|(hint, _)| hints.contains(*hint));
    Value::set_of_lits(given.map(|(_, name)| name.into()), None)
}

const fn proof(proof: Proof) -> &'static str {
    match proof {
        Proof::None => "none",
        Proof::Bearer => "bearer",
        Proof::Sender => "sender",
        Proof::Call => "call",
    }
}

/// Unix time; the year 292,277,026 is late enough.
fn milliseconds(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}
