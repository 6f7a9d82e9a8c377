//! What people are asked, and what the gate owes.

use gatewright_sdk::{Ask, Charge, Obligation};

/// All that a question can say.
pub(crate) fn ask(tag: &str) -> Ask {
    Ask::new(tag, "because")
        .showing(["/do", "/a~1b"])
        .with_roles(["lead", "owner"])
        .with_quorum(2)
        .excluding_requester()
        .excluding(["mallory"])
        .decide_within_seconds(3600)
        .use_within_seconds(600)
}

/// As little as a question can say.
pub(crate) fn ask_anyone(tag: &str) -> Ask {
    Ask::new(tag, "")
}

pub(crate) fn charge(tag: &str) -> Obligation {
    Obligation::Charge(Charge::fixed(tag, 1, u64::MAX, 60))
}

pub(crate) fn charge_set(tag: &str) -> Obligation {
    Obligation::Charge(Charge::set(tag, 2, "calls").refunded_on_failure())
}

pub(crate) fn label(tag: &str) -> Obligation {
    Obligation::Label(seen(tag))
}

pub(crate) fn declassify(tag: &str) -> Obligation {
    Obligation::Declassify(seen(tag))
}

pub(crate) fn redact() -> Obligation {
    Obligation::Redact(vec!["/content/0/text".to_owned(), "/a~1b".to_owned()])
}

/// One more than a float can hold.
pub(crate) const fn limit() -> Obligation {
    Obligation::LimitResult(9_007_199_254_740_993)
}

fn seen(tag: &str) -> Vec<String> {
    vec![tag.to_owned(), "seen".to_owned()]
}
