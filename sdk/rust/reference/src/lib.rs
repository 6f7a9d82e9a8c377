//! The reference policy in Rust: see `tests/corpus/reference-policy.md`.

mod misbehave;
mod settings;
mod show;

use gatewright_sdk::{ApprovalRequest, Denial, Obligation, Quota, Request, Value, Verdict, log};

pub use settings::Settings;

use show::{show_action, show_context, show_past, show_subject, show_value};

/// How many earlier calls `history` shows.
const HISTORY_SHOWN: u32 = 3;

/// Answers as the argument `/do` wishes.
pub fn judge(settings: &Settings, request: &Request) -> Verdict {
    let name = &request.action.name;
    if settings.closed.contains(name) {
        return forbidden(format!("{}: {name} is closed", settings.tag));
    }
    match request.get("/do") {
        None => Verdict::abstain(),
        Some(Value::Text(wish)) => answer(&wish, settings, request),
        Some(_) => Verdict::deny(Denial::invalid_arguments("do is not text")),
    }
}

gatewright_sdk::policy!(Settings, judge);

fn answer(wish: &str, settings: &Settings, request: &Request) -> Verdict {
    let tag = settings.tag.as_str();
    match wish {
        "abstain" => Verdict::abstain(),
        "allow" => Verdict::allow(),
        "forbidden" => forbidden(tag),
        "insufficient-scope" => Verdict::deny(Denial::insufficient_scope(tag, ["a:b", "c:*"])),
        "invalid-arguments" => Verdict::deny(Denial::invalid_arguments(tag)),
        "unsafe-context" => Verdict::deny(Denial::unsafe_context(tag)),
        "ask" => Verdict::ask(
            ApprovalRequest::new(tag, "because")
                .with_roles(["lead", "owner"])
                .with_quorum(2)
                .with_ttl_seconds(600),
        ),
        "ask-anyone" => Verdict::ask(
            ApprovalRequest::new(tag, "")
                .with_quorum(0)
                .with_ttl_seconds(0),
        ),
        "charge" => Verdict::allow_with([charge(tag)]),
        "label" => Verdict::allow_with([label(tag)]),
        "redact" => Verdict::allow_with([redact()]),
        "limit" => Verdict::allow_with([limit()]),
        "all" => Verdict::allow_with([charge(tag), label(tag), redact(), limit()]),
        "value" => forbidden(show_value(request.get(pointer(request)))),
        "keys" => forbidden(request.keys(pointer(request)).join("|")),
        "json" => forbidden(
            request
                .json(pointer(request))
                .unwrap_or_else(|| "missing".to_owned()),
        ),
        "at-most" => at_most(settings.max, request),
        "starts" => starts(request),
        "echo" => forbidden(text(request, "/text")),
        "length" => forbidden(text(request, "/text").chars().count().to_string()),
        "subject" => forbidden(show_subject(&request.subject)),
        "action" => forbidden(show_action(&request.action)),
        "context" => forbidden(show_context(&request.context)),
        "history" => {
            let calls = request.history(HISTORY_SHOWN);
            forbidden(calls.iter().map(show_past).collect::<Vec<_>>().join("|"))
        }
        "log" => {
            log::debug(format!("{tag} debug"));
            log::info(format!("{tag} info"));
            log::warn(format!("{tag} warn"));
            Verdict::allow()
        }
        "throw" => misbehave::throw(),
        "loop" => misbehave::spin(),
        "recurse" => forbidden(misbehave::recurse(1).to_string()),
        "grow" => misbehave::grow(),
        "huge" => forbidden(misbehave::huge()),
        "count" => forbidden(misbehave::count().to_string()),
        _ => Verdict::deny(Denial::invalid_arguments(format!("unknown: {wish}"))),
    }
}

fn forbidden(message: impl Into<String>) -> Verdict {
    Verdict::deny(Denial::forbidden(message))
}

fn charge(tag: &str) -> Obligation {
    Obligation::Charge(Quota {
        key: tag.to_owned(),
        cost: 1,
        limit: u64::MAX,
        window_seconds: 60,
    })
}

fn label(tag: &str) -> Obligation {
    Obligation::Label(vec![tag.to_owned(), "seen".to_owned()])
}

fn redact() -> Obligation {
    Obligation::Redact(vec!["/content/0/text".to_owned(), "/a~1b".to_owned()])
}

/// One more than a float can hold.
const fn limit() -> Obligation {
    Obligation::LimitResult(9_007_199_254_740_993)
}

/// The text at a pointer; one that is not there is empty.
fn text(request: &Request, pointer: &str) -> String {
    match request.get(pointer) {
        Some(Value::Text(text)) => text,
        _ => String::new(),
    }
}

fn pointer(request: &Request) -> String {
    text(request, "/pointer")
}

fn at_most(max: i64, request: &Request) -> Verdict {
    match request.get("/n") {
        Some(Value::Integer(n)) if n > max => {
            Verdict::deny(Denial::invalid_arguments(format!("{n} is above {max}")))
        }
        Some(Value::Integer(_)) => Verdict::allow(),
        _ => Verdict::deny(Denial::invalid_arguments("n is not an integer")),
    }
}

fn starts(request: &Request) -> Verdict {
    match (request.get("/text"), request.get("/prefix")) {
        (Some(Value::Text(text)), Some(Value::Text(prefix))) if text.starts_with(&prefix) => {
            Verdict::allow()
        }
        _ => Verdict::abstain(),
    }
}
