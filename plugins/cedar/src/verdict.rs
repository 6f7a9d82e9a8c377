//! What the policies say, as one verdict: a forbid, then an error, then a
//! permit that asks, then a permit.

use gatewright_sdk::{ApprovalRequest, Verdict};

use crate::rule::{Answer, Approvers, Ask};

/// What the policies that apply say, and what went wrong in others.
#[derive(Default)]
pub(crate) struct Answers<'a> {
    pub(crate) given: Vec<&'a Answer>,
    /// For the operator.
    pub(crate) errors: Vec<String>,
}

/// The verdict, or none where no policy applies.
pub(crate) fn of(answers: &Answers<'_>) -> Option<Verdict> {
    let mut forbidden = Vec::new();
    let mut asks = Vec::new();
    for answer in &answers.given {
        match answer {
            Answer::Forbid(message) => forbidden.push(message.as_str()),
            Answer::Ask(ask) => asks.push(ask),
            Answer::Permit => {}
        }
    }
    if !forbidden.is_empty() {
        return Some(Verdict::deny(forbidden.join("; ")));
    }
    // Cedar would pass over a policy that fails, and a forbid with it.
    if !answers.errors.is_empty() {
        return Some(Verdict::deny(
            "a policy cannot be evaluated for this call; its operator can see why",
        ));
    }
    match asks.split_first() {
        Some((first, others)) => Some(ask(first, others)),
        None => (!answers.given.is_empty()).then(Verdict::allow),
    }
}

/// One question for all policies that ask; those with other approvers cannot be
/// put into one.
fn ask(first: &Ask, others: &[&Ask]) -> Verdict {
    let Approvers {
        roles,
        quorum,
        ttl_seconds,
    } = &first.approvers;
    if others.iter().any(|ask| ask.approvers != first.approvers) {
        return Verdict::deny("two policies ask different people about this call");
    }
    let join = |texts: Vec<&str>| texts.join("; ");
    let all = || std::iter::once(first).chain(others.iter().copied());
    let title = join(all().map(|ask| ask.title.as_str()).collect());
    let reasons: Vec<&str> = all().filter_map(|ask| ask.reason.as_deref()).collect();
    let reason = match reasons.is_empty() {
        true => "the policy asks for a person".to_owned(),
        false => join(reasons),
    };
    let mut request = ApprovalRequest::new(title, reason)
        .with_roles(roles)
        .with_quorum(quorum.unwrap_or(1));
    if let Some(ttl_seconds) = ttl_seconds {
        request = request.with_ttl_seconds(*ttl_seconds);
    }
    Verdict::ask(request)
}
