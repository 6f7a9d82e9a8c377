//! What a call is, fact by fact, and the log.

use gatewright_policy::{BUDGET_KEY_BYTES_MAX, BUDGETS_READ_MAX, Fault, Request};
use wasmtime::component::{ComponentNamedList, ComponentType, Linker, LinkerInstance, Lower};

use super::super::fuel::{Host, charge, note, subject};
use super::bindings::gatewright::policy::{caller, context, log};
use super::document;
use super::interface::interface;
use super::values;
use crate::answer::{LogLevel, Unread};
use crate::fault::detail;
use crate::state::CallState;

/// Calls that `recent` gives at the most, whatever the guest asks for.
const RECENT_MAX: usize = 64;

/// An interface of facts, and what it is called.
struct Facts<'a> {
    instance: LinkerInstance<'a, CallState>,
    name: &'static str,
}

/// Links every interface that is not about JSON.
pub(super) fn link(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    link_caller(&mut Facts::of(linker, "caller")?)?;
    link_action(&mut Facts::of(linker, "action")?)?;
    link_context(&mut Facts::of(linker, "context")?)?;
    link_history(&mut linker.instance(&interface("history"))?)?;
    link_budget(&mut linker.instance(&interface("budget"))?)?;
    link_log(&mut linker.instance(&interface("log"))?)
}

fn link_caller(caller: &mut Facts<'_>) -> wasmtime::Result<()> {
    fact(caller, "id", |it| text(&it.subject.id))?;
    fact(caller, "issuer", |it| text(&it.subject.issuer))?;
    fact(caller, "principal", |it| {
        optional(it.subject.principal.as_deref())
    })?;
    fact(caller, "owner", |it| optional(it.subject.owner.as_deref()))?;
    fact(caller, "chain", |it| {
        let links = it.subject.chain().map(|(id, issuer)| caller::Link {
            id: id.to_owned(),
            issuer: issuer.map(str::to_owned),
        });
        let bytes = |(id, issuer): (&str, Option<&str>)| id.len() + issuer.map_or(0, str::len);
        let copied = it.subject.chain().map(bytes).sum();
        (links.collect::<Vec<_>>(), copied)
    })?;
    fact(caller, "scopes", |it| list(&it.subject.scopes))?;
    fact(caller, "proof", |it| (values::proof(it.subject.proof), 0))?;
    fact(caller, "expires-at", |it| (it.subject.expires_at.0, 0))?;
    fact(caller, "claims", |it| {
        let claims = it.subject.claims.iter().map(values::claim);
        let copied = it.subject.claims.iter().map(values::claim_bytes).sum();
        (claims.collect::<Vec<_>>(), copied)
    })?;
    caller
        .instance
        .func_wrap("claim", |mut host: Host<'_>, (name,): (String,)| {
            let claims = &subject(&host)?.request.subject.claims;
            let (looked_at, found) = (claims.len(), claims.iter().find(|it| it.name == name));
            let values = found.map(|claim| claim.values.clone()).unwrap_or_default();
            let copied: usize = values.iter().map(String::len).sum();
            charge(&mut host, name.len() + looked_at + copied)?;
            note(&mut host, |_| Some((format!("caller.claims {name}"), None)));
            Ok((values,))
        })
}

fn link_action(action: &mut Facts<'_>) -> wasmtime::Result<()> {
    fact(action, "purpose", |it| {
        (values::purpose(it.action.purpose), 0)
    })?;
    fact(action, "method", |it| text(&it.action.method))?;
    fact(action, "server", |it| text(&it.action.server))?;
    fact(action, "name", |it| text(&it.action.name))?;
    fact(action, "hints", |it| (values::hints(it.action.hints), 0))?;
    fact(action, "targets", |it| list(&it.action.roles.targets))?;
    fact(action, "contents", |it| list(&it.action.roles.contents))?;
    fact(action, "definition", |it| {
        let pinned = it.action.defined.pinned.as_ref();
        let digest = pinned.map(|pinned| pinned.digest.to_string());
        let copied = digest.as_ref().map_or(0, String::len);
        (digest, copied)
    })?;
    document::link_definitions(&mut action.instance)
}

fn link_context(context: &mut Facts<'_>) -> wasmtime::Result<()> {
    fact(context, "at", |it| (it.context.at.0, 0))?;
    fact(context, "decision", |it| text(&it.context.decision))?;
    fact(context, "session", |it| text(&it.context.session))?;
    fact(context, "labels", |it| {
        let labels = it.context.labels.iter().map(values::label);
        let copied = it.context.labels.iter().map(values::label_bytes).sum();
        (labels.collect::<Vec<_>>(), copied)
    })?;
    context
        .instance
        .func_wrap("has-label", |mut host: Host<'_>, (name,): (String,)| {
            let labels = &subject(&host)?.request.context.labels;
            let has = labels.iter().any(|label| label.name == name);
            let count = labels.len();
            charge(&mut host, name.len() + count)?;
            note(&mut host, |_| {
                Some((format!("context.labels {name}"), None))
            });
            Ok((has,))
        })?;
    fact(context, "approvals", |it| {
        let approvals = it.context.approvals.iter().map(values::approval);
        let approvals: Vec<_> = approvals.collect();
        let copied = |it: &context::Approval| {
            it.by.len() + it.method.len() + it.roles.iter().map(String::len).sum::<usize>()
        };
        let copied = approvals.iter().map(copied).sum();
        (approvals, copied)
    })
}

fn link_history(history: &mut LinkerInstance<'_, CallState>) -> wasmtime::Result<()> {
    history.func_wrap("recent", |mut host: Host<'_>, (limit,): (u32,)| {
        let count = RECENT_MAX.min(usize::try_from(limit).unwrap_or(RECENT_MAX));
        let calls = subject(&host)?.request.context.history.iter().take(count);
        let calls: Vec<_> = calls.map(|call| values::past_call(call)).collect();
        let copied = calls
            .iter()
            .map(|call| call.id.len() + call.method.len() + call.server.len() + call.name.len());
        charge(&mut host, copied.sum())?;
        note(&mut host, |_| Some(("history".to_owned(), None)));
        Ok((calls,))
    })
}

fn link_budget(budget: &mut LinkerInstance<'_, CallState>) -> wasmtime::Result<()> {
    budget.func_wrap(
        "read",
        |mut host: Host<'_>, (name, key): (String, String)| {
            charge(&mut host, name.len() + key.len())?;
            note(&mut host, |_| Some((format!("budget.read {name}"), None)));
            let budgets = &subject(&host)?.request.context.budgets;
            let found = budgets.iter().find(|read| read.is_of(&name, &key));
            if let Some(read) = found.map(values::reading) {
                return Ok((read,));
            }
            if key.len() > BUDGET_KEY_BYTES_MAX {
                let text = format!("a key of a budget is longer than {BUDGET_KEY_BYTES_MAX} bytes");
                return Err(Fault::BadOutput(text).into());
            }
            if budgets.len() >= BUDGETS_READ_MAX {
                let text = format!("more than {BUDGETS_READ_MAX} budgets are read");
                return Err(Fault::BadOutput(text).into());
            }
            // Ends this run: the next one is told.
            let text = format!("nobody says what is spent of its budget `{name}`");
            let fault = Fault::GaveUp(detail(text));
            host.data_mut().unread = Some(Unread { budget: name, key });
            Err(fault.into())
        },
    )
}

fn link_log(log: &mut LinkerInstance<'_, CallState>) -> wasmtime::Result<()> {
    log.func_wrap(
        "write",
        |mut host: Host<'_>, (level, message): (log::Level, String)| {
            charge(&mut host, message.len())?;
            let level = match level {
                log::Level::Debug => LogLevel::Debug,
                log::Level::Info => LogLevel::Info,
                log::Level::Warn => LogLevel::Warn,
            };
            host.data_mut().log.push(level, message);
            Ok(())
        },
    )
}

/// A function without parameters that tells one thing about the call, and how many
/// bytes that took.
fn fact<R>(
    facts: &mut Facts<'_>,
    name: &'static str,
    read: fn(&Request) -> (R, usize),
) -> wasmtime::Result<()>
where
    R: ComponentType + Lower + Send + 'static,
    (R,): ComponentNamedList + Lower,
{
    let of = facts.name;
    facts
        .instance
        .func_wrap(name, move |mut host: Host<'_>, ()| {
            let (value, copied) = read(&subject(&host)?.request);
            charge(&mut host, copied)?;
            note(&mut host, |_| Some((format!("{of}.{name}"), None)));
            Ok((value,))
        })
}

fn text(text: &str) -> (String, usize) {
    (text.to_owned(), text.len())
}

fn optional(text: Option<&str>) -> (Option<String>, usize) {
    (text.map(str::to_owned), text.map_or(0, str::len))
}

fn list(texts: &[String]) -> (Vec<String>, usize) {
    (texts.to_vec(), texts.iter().map(String::len).sum())
}

// === impl Facts ===

impl<'a> Facts<'a> {
    fn of(linker: &'a mut Linker<CallState>, name: &'static str) -> wasmtime::Result<Self> {
        Ok(Self {
            instance: linker.instance(&interface(name))?,
            name,
        })
    }
}
