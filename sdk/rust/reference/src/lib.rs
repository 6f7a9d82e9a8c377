//! The reference policy in Rust: see `tests/corpus/reference-policy.md`.

mod argument;
mod misbehave;
mod opinion;
mod settings;
mod show;

use gatewright_sdk::{Denial, Description, Opinion, Powers, Request, Value, log};

pub use settings::Settings;

use argument::{index, node, pointer, text};
use opinion::{ask, ask_anyone, charge, charge_set, declassify, label, limit, redact};
use show::{
    show_action, show_caller, show_claims, show_context, show_node, show_past, show_tool,
    show_value, show_walk,
};

/// How many earlier calls `history` shows.
const HISTORY_SHOWN: u32 = 3;

/// Answers as the argument `/do` wishes.
pub fn judge(settings: &Settings, request: &Request) -> Opinion {
    let name = request.name();
    if settings.closed.contains(&name) {
        return forbidden(format!("{}: {name} is closed", settings.tag)).because("closed", "");
    }
    if request.is_listing() {
        return Opinion::abstain();
    }
    match request.get("/do") {
        None => Opinion::abstain(),
        Some(Value::Text(wish)) => answer(&wish, settings, request),
        Some(_) => Opinion::deny(Denial::invalid_arguments("do is not text")),
    }
}

/// What the policy says about itself.
pub fn about() -> Description {
    let verdicts = Powers::ALLOW | Powers::DENY | Powers::ASK;
    let obligations =
        Powers::CHARGE | Powers::LABEL | Powers::DECLASSIFY | Powers::REDACT | Powers::LIMIT_RESULT;
    Description::new(verdicts | obligations)
        .with_rule("wish", "What /do says")
        .with_rule("closed", "Tools that are closed")
}

gatewright_sdk::policy!(Settings, judge, about);

fn answer(wish: &str, settings: &Settings, request: &Request) -> Opinion {
    let tag = settings.tag.as_str();
    match wish {
        "abstain" => Opinion::abstain(),
        "allow" => Opinion::allow(),
        "forbidden" => forbidden(tag),
        "insufficient-scope" => Opinion::deny(Denial::insufficient_scope(tag, ["a:b", "c:*"])),
        "invalid-arguments" => Opinion::deny(Denial::invalid_arguments(tag)),
        "unsafe-context" => Opinion::deny(Denial::unsafe_context(tag)),
        "ask" => Opinion::ask(ask(tag)),
        "ask-anyone" => Opinion::ask(ask_anyone(tag)),
        "ask-nobody" => Opinion::ask(ask_anyone(tag).with_quorum(0)),
        "charge" => Opinion::abstain().owing(charge(tag)),
        "charge-set" => Opinion::abstain().owing(charge_set(tag)),
        "label" => Opinion::abstain().owing(label(tag)),
        "declassify" => Opinion::abstain().owing(declassify(tag)),
        "redact" => Opinion::abstain().owing(redact()),
        "limit" => Opinion::abstain().owing(limit()),
        "all" => Opinion::allow()
            .owing(charge(tag))
            .owing(charge_set(tag))
            .owing(label(tag))
            .owing(declassify(tag))
            .owing(redact())
            .owing(limit()),
        "deny-owing" => forbidden(tag).owing(label(tag)),
        "ask-owing" => Opinion::ask(ask_anyone(tag)).owing(label(tag)),
        "note" => Opinion::allow()
            .because("wish", tag)
            .because("unlisted", ""),
        "at-most" => at_most(settings.max, request),
        "starts" => starts(request),
        "log" => {
            log::debug(format!("{tag} debug"));
            log::info(format!("{tag} info"));
            log::warn(format!("{tag} warn"));
            Opinion::allow()
        }
        "throw" => misbehave::throw(),
        "loop" => misbehave::spin(),
        "recurse" => forbidden(misbehave::recurse(1).to_string()),
        "grow" => misbehave::grow(),
        "huge" => forbidden(misbehave::huge()),
        "count" => forbidden(misbehave::count().to_string()),
        _ => match seen(wish, tag, request) {
            Some(text) => forbidden(text),
            None => Opinion::deny(Denial::invalid_arguments(format!("unknown: {wish}"))),
        },
    }
}

/// What the policy sees of the call; none for another wish.
fn seen(wish: &str, tag: &str, request: &Request) -> Option<String> {
    let missing = || "missing".to_owned();
    Some(match wish {
        "value" => show_value(request.get(pointer(request))),
        "keys" => request.keys(pointer(request)).join("|"),
        "json" => request.json(pointer(request)).unwrap_or_else(missing),
        "node" => node(request).as_ref().map_or_else(missing, show_node),
        "text" => {
            let text = node(request).and_then(|node| node.text());
            text.unwrap_or_else(|| "none".to_owned())
        }
        "member" => {
            let member = node(request).and_then(|node| node.member(text(request, "/member")));
            member.map_or_else(missing, |member| member.json())
        }
        "at" => {
            let child = node(request).and_then(|node| node.at(index(request)));
            child.map_or_else(missing, |child| child.json())
        }
        "walk" => node(request).as_ref().map_or_else(missing, show_walk),
        "echo" => text(request, "/text"),
        "length" => text(request, "/text").chars().count().to_string(),
        "caller" => show_caller(request),
        "claims" => show_claims(request, &text(request, "/text")),
        "action" => show_action(request),
        "tool" => show_tool(request),
        "context" => show_context(request),
        "decision" => request.decision(),
        "has-label" => request.has_label(text(request, "/text")).to_string(),
        "budget" => {
            let budget = request.budget(text(request, "/text"), tag);
            format!(
                "{} {} {}",
                budget.limit, budget.window_seconds, budget.spent
            )
        }
        "history" => {
            let calls = request.history(HISTORY_SHOWN);
            calls.iter().map(show_past).collect::<Vec<_>>().join("|")
        }
        _ => return None,
    })
}

fn at_most(max: i64, request: &Request) -> Opinion {
    match request.get("/n") {
        Some(Value::Integer(n)) if n > max => {
            Opinion::deny(Denial::invalid_arguments(format!("{n} is above {max}")))
        }
        Some(Value::Integer(_)) => Opinion::allow(),
        _ => Opinion::deny(Denial::invalid_arguments("n is not an integer")),
    }
}

fn starts(request: &Request) -> Opinion {
    match (request.get("/text"), request.get("/prefix")) {
        (Some(Value::Text(text)), Some(Value::Text(prefix))) if text.starts_with(&prefix) => {
            Opinion::allow()
        }
        _ => Opinion::abstain(),
    }
}

fn forbidden(message: impl Into<String>) -> Opinion {
    Opinion::deny(Denial::forbidden(message))
}
