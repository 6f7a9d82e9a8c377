//! What the gate asks of a call besides its name, before any policy: that the arguments
//! are within the credential, and that its holder proved as much as is asked.

use std::sync::Arc;

use gatewright_policy::definition::unnamed;
use gatewright_policy::scope::Beyond;
use gatewright_policy::{Definition, Denied, Grant, Mode, Reason, Request};
use gatewright_sandbox::World;

use crate::beside;
use crate::call::{Judgement, Kind};
use crate::config::UnknownArguments;
use crate::snapshot::Server;

/// Longest pointer that a refusal quotes, in characters.
const POINTER_CHARS_MAX: usize = 200;

/// Whether a scope that covers the name covers the arguments too.
pub(crate) fn arguments(judgement: &Judgement) -> Result<(), Denied> {
    let (grant, request) = (&judgement.grant, &judgement.request);
    let action = &request.action;
    let mut first = None;
    let mut scopes = grant.scopes.iter();
    while let Some(scope) = scopes.find(|scope| scope.covers(&action.server, &action.name)) {
        let admitted = match (scope.arguments(), action.method.as_str()) {
            (None, _) => return Ok(()),
            (Some(_), "tools/call" | "prompts/get") if beside::has_answers(judgement) => {
                Err(Beyond {
                    pointer: String::new(),
                    problem: "stands in `inputResponses`, which no constraint sees",
                })
            }
            (Some(_), "tools/call" | "prompts/get") => scope.admit(&request.arguments),
            // They ask about a call that went ahead, and hand on nothing.
            (Some(_), "tasks/get" | "tasks/result" | "tasks/cancel") => Ok(()),
            (Some(_), _other) => Err(Beyond {
                pointer: String::new(),
                problem: "are those of a method that the credential does not bound",
            }),
        };
        match admitted {
            Ok(()) => return Ok(()),
            Err(beyond) => {
                first.get_or_insert(beyond);
            }
        }
    }
    first.map_or(Ok(()), |beyond| Err(denied(&beyond)))
}

fn denied(beyond: &Beyond) -> Denied {
    let pointer: String = beyond.pointer.chars().take(POINTER_CHARS_MAX).collect();
    let what = match pointer.as_str() {
        "" => "the arguments as a whole: something".to_owned(),
        pointer => format!("argument `{pointer}`"),
    };
    Denied::by_gate(
        Reason::ArgumentsBeyondScope,
        format!(
            "the credential does not cover these arguments: {what} {}",
            beyond.problem
        ),
    )
}

/// Whether the pinned schema of the tool names every argument, where a binding refuses others.
/// Without a pinned schema nothing is named.
pub(crate) fn named(server: &Server, judgement: &Judgement) -> Result<(), Denied> {
    let request = &judgement.request;
    let action = &request.action;
    if action.method != "tools/call" {
        return Ok(());
    }
    let account = request.subject.account();
    let mut bindings = server.bound(World::Policy, &action.name);
    let refusing = bindings.find(|binding| {
        binding.unknown_arguments == UnknownArguments::Refuse
            && binding.mode(account) == Mode::Enforce
    });
    let Some(binding) = refusing else {
        return Ok(());
    };
    let schema = action
        .defined
        .pinned
        .as_deref()
        .and_then(Definition::schema);
    let Some(found) = unnamed(schema, request.arguments.root()) else {
        return Ok(());
    };
    let pointer: String = found.chars().take(POINTER_CHARS_MAX).collect();
    let message = match schema {
        Some(_) => format!("the schema of the tool does not name the argument `{pointer}`"),
        None => "no schema of the tool is pinned, so it may have no arguments".to_owned(),
    };
    Err(Denied {
        // It quotes what the agent sent: the record gets a digest.
        binding: Some(Arc::clone(&binding.name)),
        ..Denied::by_gate(Reason::UnknownArguments, message)
    })
}

/// Whether the caller proved what this server, and this tool of it, ask for.
pub(crate) fn proof(
    server: &Server,
    grant: &Grant,
    request: &Request,
    kind: Kind,
) -> Result<(), Denied> {
    let name = &request.action.name;
    let names = match kind {
        Kind::Judged => !name.is_empty(),
        Kind::Listing | Kind::Protocol => false,
    };
    let least = server.least_proof(name);
    if least.is_met(grant.subject.proof, names) && grant.is_proved() {
        return Ok(());
    }
    Err(Denied::by_gate(
        Reason::ProofMissing,
        match grant.is_proved() {
            true => format!(
                "a proof is required here, of the level `{}`",
                least.as_str()
            ),
            false => "the credential is bound to a key, and nothing proves the key".to_owned(),
        },
    ))
}
