//! Labels sessions that read untrusted or sensitive data, and then asks or refuses where
//! a call can send something out or change something.
//!
//! A label is left when the call that reads goes ahead, in the same commit: it is there
//! before the tool is asked, and so before anything of what it answers can be in another
//! call. A call that was judged before that commit was written before the answer came.

mod approval;
mod declassify;
mod pattern;
mod rule;
mod settings;
mod sink;
mod source;
mod target;

pub use pattern::TargetPattern;
pub use rule::{Effect, Rule};
pub use settings::{Profile, Settings};
pub use sink::{Kind, Sink};
pub use source::Source;

use gatewright_sdk::{Denial, Description, Obligation, Opinion, Powers, Request};

use rule::Answer;

gatewright_sdk::policy!(Settings, judge, about);

/// Calls that read leave labels.
const SOURCES: &str = "sources";

/// Calls that send or change, in a session that carries labels.
const SINKS: &str = "sinks";

/// Labels come off with a call that people approve.
const DECLASSIFY: &str = "declassify";

/// Judges a call: what it may do in this session, and which labels it leaves.
pub fn judge(settings: &Settings, request: &Request) -> Opinion {
    let call = sink::Call::of(request);
    if request.is_listing() {
        return listed(settings, request, &call);
    }
    let left = settings.left_by(request, &call);
    let opinion = match flow(settings, request, &call) {
        // What is refused leaves nothing.
        opinion if opinion.denies() => return opinion,
        opinion => opinion,
    };
    match left.is_empty() {
        true => opinion,
        // Also where the session carries them already: they may be taken off meanwhile.
        false => opinion.owing(Obligation::Label(left)).because(SOURCES, ""),
    }
}

fn flow(settings: &Settings, request: &Request, call: &sink::Call) -> Opinion {
    let carried = settings.carried(request);
    if carried.is_empty() {
        return Opinion::abstain();
    }
    if let Some(declassify) = settings.declassifying(call, &carried) {
        let labels = declassify.takes_off(&carried);
        let ask = declassify.question(call, &labels);
        return Opinion::ask(ask)
            .owing(Obligation::Declassify(labels))
            .because(DECLASSIFY, "");
    }
    let kinds = settings.kinds_of(request, call);
    let Some(answer) = settings.answer(call, &kinds, &carried) else {
        return Opinion::abstain();
    };
    if target::is_inside(&settings.sinks, &settings.allowed, request, call) {
        return Opinion::abstain().because(SINKS, "its targets are allowed");
    }
    match answer {
        Answer::Deny(message) => Opinion::deny(Denial::unsafe_context(message)),
        Answer::Ask(ask) => {
            Opinion::ask(ask.showing(target::shown(&settings.sinks, request, call)))
        }
    }
    .because(SINKS, "")
}

/// Hides a tool that would be refused now, whatever its arguments.
fn listed(settings: &Settings, request: &Request, call: &sink::Call) -> Opinion {
    let carried = settings.carried(request);
    let may_be_inside = !settings.allowed.is_empty() && {
        let (targets, _) = target::pointers(&settings.sinks, request, call);
        !targets.is_empty()
    };
    if carried.is_empty() || may_be_inside || settings.declassifying(call, &carried).is_some() {
        return Opinion::abstain();
    }
    let kinds = settings.kinds_of(request, call);
    match settings.answer(call, &kinds, &carried) {
        Some(Answer::Deny(message)) => {
            Opinion::deny(Denial::unsafe_context(message)).because(SINKS, "")
        }
        Some(Answer::Ask(_)) | None => Opinion::abstain(),
    }
}

/// What the policy is.
pub fn about() -> Description {
    Description::new(Powers::DENY | Powers::ASK | Powers::LABEL | Powers::DECLASSIFY)
        .with_schema(include_str!("../settings.schema.json"))
        .with_rule(SOURCES, "Calls that read leave labels on the session")
        .with_rule(
            SINKS,
            "A labelled session sends and changes nothing unasked",
        )
        .with_rule(
            DECLASSIFY,
            "Labels come off with a call that people approve",
        )
}
