//! A call as Cedar's question: principal, action, resource, context.

use std::collections::BTreeMap;
use std::sync::Arc;

use cedar_policy_core::ast::{Context, Eid, EntityType, EntityUID, Value, ValueKind};
use gatewright_sdk::{Approval, Hints, Label, Link, Proof, Purpose, Request};
use smol_str::SmolStr;

use crate::directory::Described;
use crate::number::Decimals;
use crate::past;
use crate::reads::{Members, Reads};
use crate::value;
use crate::words::{About, Words};

/// The entity types of a question, and what else is called in it.
#[derive(Debug)]
pub(crate) struct Types {
    words: Words,
    /// Ids are those of a call, as most policies have them.
    has_usual_ids: bool,
    /// The member of the context with the arguments.
    arguments: SmolStr,
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
    pub(crate) fn new(words: Words) -> Result<Self, String> {
        let named = |name: &str| {
            name.parse::<EntityType>()
                .map_err(|error| error.to_string())
        };
        Ok(Self {
            agent: named(&words.agent)?,
            user: named(&words.user)?,
            action: named(&words.action)?,
            server: named(&words.server)?,
            tool: named(&words.tool)?,
            prompt: named(&words.prompt)?,
            resource: named(&words.resource)?,
            has_usual_ids: words.has_usual_ids(),
            arguments: SmolStr::new(&words.arguments),
            words,
        })
    }

    /// The question of a call; the error is for the agent, whose arguments
    /// cannot be read.
    pub(crate) fn question(
        &self,
        request: &Request,
        reads: &Reads,
        decimals: &Decimals,
    ) -> Result<Question, String> {
        let method = request.method();
        let action = match self.has_usual_ids {
            true => uid(&self.action, &method),
            false => {
                let id = self
                    .words
                    .action_of(&method, &request.server(), &request.name());
                uid(&self.action, &id)
            }
        };
        Ok(Question {
            principal: self.principal(request, reads.of_entity(&self.agent)),
            resource: self.resource(request, &method, reads),
            context: self.context(request, &action, reads, decimals)?,
            action,
        })
    }

    fn context(
        &self,
        request: &Request,
        action: &EntityUID,
        reads: &Reads,
        decimals: &Decimals,
    ) -> Result<Context, String> {
        let read = reads.of_context(action);
        let mut members: BTreeMap<SmolStr, Value> = BTreeMap::new();
        for (name, member) in CONTEXT.iter().filter(|(name, _)| read.has(name)) {
            if let Some(value) = member(request) {
                members.insert(SmolStr::new_static(name), read.fitted(name, value));
            }
        }
        let prefix = self.words.argument_prefix.as_deref();
        let is_read = read.has(&self.arguments) || prefix.is_some();
        if is_read
            && !request.is_listing()
            && let Some(json) = request.json("")
        {
            let arguments = value::read(&json, decimals)?;
            if let (Some(prefix), ValueKind::Record(record)) = (prefix, arguments.value_kind()) {
                let wanted = self.words.argument_values;
                let given = record.iter().filter(|(_, value)| wanted.has(value));
                for (name, value) in given {
                    let name = SmolStr::new(format!("{prefix}{name}"));
                    if read.has(&name) {
                        let value = reads.argument(read, &name, value.clone())?;
                        // A fact of the call is nobody's to say otherwise.
                        members.entry(name).or_insert(value);
                    }
                }
            }
            if read.has(&self.arguments) {
                let value = reads.argument(read, &self.arguments, arguments)?;
                members.insert(self.arguments.clone(), value);
            }
        }
        Ok(Context::Value(Arc::new(members)))
    }

    fn principal(&self, request: &Request, members: Members<'_>) -> Described {
        let user = |name: Option<String>| Some(Value::from(uid(&self.user, &name?)));
        let principal = request.principal();
        let attributes: [(&'static str, &dyn Fn() -> Option<Value>); 10] = [
            ("issuer", &|| Some(Value::from(request.issuer()))),
            ("scopes", &|| Some(value::texts(&request.scopes()))),
            ("chain", &|| Some(each(request.chain(), link))),
            ("delegation", &|| {
                Some(each(request.chain(), |link| Value::from(link.id)))
            }),
            ("proof", &|| Some(Value::from(proof(request.proof())))),
            ("expires_at", &|| {
                Some(Value::from(milliseconds(request.expires_at())))
            }),
            ("claims", &|| Some(claims(request))),
            ("text_claims", &|| Some(text_claims(request))),
            ("user", &|| user(principal.clone())),
            ("owner", &|| user(request.owner())),
        ];
        let read = attributes.into_iter().filter(|(name, _)| members.has(name));
        let read = read.filter_map(|(name, value)| Some((name, members.fitted(name, value()?))));
        Described {
            uid: uid(&self.agent, &request.agent()),
            attributes: read.collect(),
            parents: principal.iter().map(|name| uid(&self.user, name)).collect(),
        }
    }

    /// What the method is about; a method of no tool, prompt or resource is
    /// about the server.
    fn resource(&self, request: &Request, method: &str, reads: &Reads) -> Described {
        let server = request.server();
        let above = uid(&self.server, &server);
        let kind = match (self.words.about, method.split('/').next()) {
            (About::Tool, Some("tools")) => &self.tool,
            (About::Tool, Some("prompts")) => &self.prompt,
            (About::Tool, Some("resources")) => &self.resource,
            (About::Tool | About::Server, Some(_) | None) => {
                return Described {
                    uid: above,
                    attributes: Vec::new(),
                    parents: Vec::new(),
                };
            }
        };
        let name = request.name();
        let members = reads.of_entity(kind);
        let id = match self.has_usual_ids {
            true => format!("{server}/{name}"),
            false => self.words.resource_of(&server, &name),
        };
        let attributes = [
            ("name", Value::from(name)),
            ("server", Value::from(above.clone())),
        ];
        let read = attributes.into_iter().filter(|(name, _)| members.has(name));
        Described {
            uid: uid(kind, &id),
            attributes: read.collect(),
            parents: vec![above],
        }
    }
}

/// A member of the context: its name, and how it is asked for.
type Member = (&'static str, fn(&Request) -> Option<Value>);

/// Members of the context but the arguments.
const CONTEXT: [Member; 14] = [
    ("at", |request| {
        Some(Value::from(milliseconds(request.at())))
    }),
    ("decision", |request| Some(Value::from(request.decision()))),
    ("session", |request| Some(Value::from(request.session()))),
    ("purpose", |request| {
        Some(Value::from(purpose(request.purpose())))
    }),
    ("hints", |request| Some(hints(request.hints()))),
    ("targets", |request| Some(value::texts(&request.targets()))),
    ("contents", |request| {
        Some(value::texts(&request.contents()))
    }),
    ("definition", |request| {
        request.definition().map(Value::from)
    }),
    ("labels", |request| {
        Some(each(request.labels(), |label| Value::from(label.name)))
    }),
    ("label_details", |request| {
        Some(label_details(request.labels()))
    }),
    ("approvers", |request| {
        Some(each(request.approvals(), |it| Value::from(it.by)))
    }),
    ("approver_roles", |request| {
        let approvals = request.approvals().into_iter();
        let roles: Vec<_> = approvals.flat_map(|approval| approval.roles).collect();
        Some(value::texts(&roles))
    }),
    ("approvals", |request| {
        Some(each(request.approvals(), approval))
    }),
    ("history", |request| Some(past::of(request))),
];

/// Every member that a context can have, but the arguments.
pub(crate) fn context_members() -> impl Iterator<Item = &'static str> {
    CONTEXT.iter().map(|(name, _)| *name)
}

/// A set for each claim, whether it has one value or several.
fn claims(request: &Request) -> Value {
    let claims = request.claims().into_iter();
    let claims = claims.map(|claim| (SmolStr::new(claim.name), value::texts(&claim.values)));
    Value::record(claims, None)
}

/// The claims that have one value, as texts: Cedar takes no element out of a set.
fn text_claims(request: &Request) -> Value {
    let texts = request.claims().into_iter().filter_map(|claim| {
        let [text] = <[String; 1]>::try_from(claim.values).ok()?;
        Some((SmolStr::new(claim.name), Value::from(text)))
    });
    Value::record(texts, None)
}

fn link(link: Link) -> Value {
    let issuer = link.issuer.map(|issuer| ("issuer", Value::from(issuer)));
    let members = std::iter::once(("id", Value::from(link.id))).chain(issuer);
    Value::record(members, None)
}

/// By name: Cedar has no way through a list to the age of a label.
fn label_details(labels: Vec<Label>) -> Value {
    let details = labels.into_iter().map(|label| {
        let source = label.source.map(|source| ("source", Value::from(source)));
        let at = label.at.map(|at| ("at", Value::from(milliseconds(at))));
        let details = Value::record(source.into_iter().chain(at), None);
        (SmolStr::new(label.name), details)
    });
    Value::record(details, None)
}

fn approval(approval: Approval) -> Value {
    Value::record(
        [
            ("by", Value::from(approval.by)),
            ("roles", value::texts(&approval.roles)),
            ("at", Value::from(milliseconds(approval.at))),
            ("method", Value::from(approval.method)),
        ],
        None,
    )
}

fn each<T>(items: Vec<T>, value: impl Fn(T) -> Value) -> Value {
    Value::set(items.into_iter().map(value), None)
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
        (Hints::UNTRUSTED, "untrusted"),
        (Hints::SENSITIVE, "sensitive"),
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

const fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Call => "call",
        Purpose::Listing => "listing",
    }
}

/// Unix time; the year 292,277,026 is late enough.
fn milliseconds(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}
