//! Deciding: a person says yes or no to exactly what a page showed, with a passkey.

use gatewright_policy::Digest;
use hyper::{Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::accounts::Right;
use crate::approvals::{Approval, ApprovalsError, Choice, Stand, Statement};
use crate::challenges::Question;
use crate::desk::{Desk, Visitor};
use crate::enter::{not_proved, prove, question, too_often, unknown_question};
use crate::passkey::{Assertion, encoded};
use crate::reply::{Body, Refused, answer};

/// Longest reason, in bytes.
const REASON_BYTES_MAX: usize = 500;

/// What somebody is about to decide.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Deciding {
    choice: String,
    reason: String,
    /// Digest of what the page showed.
    shown: Digest,
}

/// What a passkey is asked to sign: this decision, by this person, on what was shown.
pub(crate) async fn ask(
    desk: &Desk,
    visitor: &Visitor,
    id: &str,
    deciding: Deciding,
) -> Result<Response<Body>, Refused> {
    visitor.must(Right::Approve)?;
    if visitor.account.passkeys.is_empty() {
        let why = "you have no passkey to sign with; make one at /passkey";
        return Err(Refused::new(StatusCode::FORBIDDEN, why));
    }
    let now = desk.now();
    if !desk.deciding.allows(now) {
        return Err(too_often());
    }
    let choice = Choice::read(&deciding.choice)
        .ok_or_else(|| Refused::new(StatusCode::BAD_REQUEST, "approve it, or reject it"))?;
    let reason = deciding.reason.trim();
    if reason.len() > REASON_BYTES_MAX || reason.chars().any(char::is_control) {
        let why = format!("a reason is one line of at most {REASON_BYTES_MAX} bytes");
        return Err(Refused::new(StatusCode::BAD_REQUEST, why));
    }
    let approval = waiting(desk, visitor, id).await?;
    if approval.shown != deciding.shown {
        let why = "what this page shows is not what waits; load it again";
        return Err(Refused::new(StatusCode::CONFLICT, why));
    }
    let statement = Statement {
        held: approval.id,
        actions: approval.actions,
        approver: visitor.account.name.clone(),
        at: now,
        choice,
        reason: reason.to_owned(),
        shown: deciding.shown,
    };
    let challenge = desk.sources.approvals.challenge(&statement);
    let asked = Question::Decide(statement);
    let asked = desk
        .challenges
        .ask(challenge.as_bytes().to_vec(), asked, now);
    asked.map_err(|full| Refused::new(StatusCode::TOO_MANY_REQUESTS, full.to_string()))?;
    let mut question = question(desk, challenge.as_bytes());
    if let Value::Object(members) = &mut question {
        let passkeys = visitor.account.passkeys.iter();
        let allow: Vec<_> = passkeys.map(|passkey| encoded(&passkey.id)).collect();
        members.insert("allow".to_owned(), json!(allow));
    }
    Ok(answer(&question))
}

/// Takes a decision that was signed.
pub(crate) async fn decide(
    desk: &Desk,
    visitor: &Visitor,
    id: &str,
    assertion: Assertion,
) -> Result<Response<Body>, Refused> {
    visitor.must(Right::Approve)?;
    let challenge = assertion.challenge().map_err(not_proved)?;
    let question = desk.challenges.take(&challenge, desk.now());
    let Some(Question::Decide(statement)) = question else {
        return Err(unknown_question());
    };
    if statement.held != id || statement.approver != visitor.account.name {
        return Err(unknown_question());
    }
    prove(desk, &visitor.account, &assertion, &challenge)?;
    let by = visitor.approver();
    let taken = desk.sources.approvals.decide(&by, statement, assertion);
    match taken.await {
        Ok(stand) => {
            let (word, said) = told(stand);
            Ok(answer(&json!({ "stand": word, "said": said })))
        }
        Err(refused) => {
            let (account, code) = (&visitor.account.name, refused.code);
            tracing::warn!(account, code, "a decision was not taken");
            Err(Refused::new(StatusCode::CONFLICT, refused.message))
        }
    }
}

async fn waiting(desk: &Desk, visitor: &Visitor, id: &str) -> Result<Approval, Refused> {
    let found = desk.sources.approvals.find(&visitor.approver(), id).await;
    let approval = found.map_err(|error| unreadable(&error))?;
    approval.ok_or_else(|| Refused::new(StatusCode::NOT_FOUND, "this call does not wait any more"))
}

pub(crate) fn unreadable(error: &ApprovalsError) -> Refused {
    Refused::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
}

/// Where something stands now: for a script, and for whoever decided.
const fn told(stand: Stand) -> (&'static str, &'static str) {
    match stand {
        Stand::Requested => ("requested", "Recorded. It waits for other people."),
        Stand::Granted { .. } => ("granted", "Recorded. The agent may make this call, once."),
        Stand::Rejected => ("rejected", "Recorded. This call is not made."),
        Stand::Expired => ("expired", "Recorded, and too late. This call is not made."),
        Stand::Used => ("used", "Recorded. The call went ahead."),
        Stand::Void => (
            "void",
            "Recorded. Something changed: this call is not made.",
        ),
    }
}
