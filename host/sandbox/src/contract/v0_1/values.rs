//! Between the contract's values and those of the policy crate.

use gatewright_policy as policy;
use policy::json::{Kind, Value};
use policy::request::{PastCall, PastOutcome};

use super::bindings::gatewright::policy::{history, types};

/// The lists of a request, as the bindings want to borrow them.
pub(super) struct Lists<'a> {
    delegation: Vec<&'a str>,
    scopes: Vec<&'a str>,
    labels: Vec<&'a str>,
    approvers: Vec<&'a str>,
}

impl<'a> Lists<'a> {
    pub(super) fn of(request: &'a policy::Request) -> Self {
        let borrowed = |list: &'a [String]| list.iter().map(String::as_str).collect();
        Self {
            delegation: borrowed(&request.subject.delegation),
            scopes: borrowed(&request.subject.scopes),
            labels: borrowed(&request.context.labels),
            approvers: borrowed(&request.context.approvers),
        }
    }
}

pub(super) fn request<'a>(
    request: &'a policy::Request,
    lists: &'a Lists<'a>,
) -> types::Request<'a> {
    let policy::Request {
        subject,
        action,
        context,
        arguments: _,
    } = request;
    types::Request {
        subject: types::Subject {
            id: &subject.id,
            issuer: &subject.issuer,
            principal: subject.principal.as_deref(),
            owner: subject.owner.as_deref(),
            delegation: &lists.delegation,
            scopes: &lists.scopes,
            proof: match subject.proof {
                policy::Proof::None => types::Proof::None,
                policy::Proof::Bearer => types::Proof::Bearer,
                policy::Proof::Sender => types::Proof::Sender,
                policy::Proof::Call => types::Proof::Call,
            },
            expires_at: subject.expires_at.0,
        },
        action: types::Action {
            method: &action.method,
            server: &action.server,
            name: &action.name,
            hints: hints(action.hints),
        },
        context: types::Context {
            at: context.at.0,
            session: &context.session,
            labels: &lists.labels,
            approvers: &lists.approvers,
        },
    }
}

fn hints(hints: policy::Hints) -> types::Hints {
    let mut flags = types::Hints::empty();
    for (is_set, flag) in [
        (hints.read_only, types::Hints::READ_ONLY),
        (hints.destructive, types::Hints::DESTRUCTIVE),
        (hints.idempotent, types::Hints::IDEMPOTENT),
        (hints.open_world, types::Hints::OPEN_WORLD),
    ] {
        if is_set {
            flags |= flag;
        }
    }
    flags
}

/// One level of a JSON value.
pub(super) fn value(value: Value<'_>) -> types::Value {
    match value.kind() {
        Kind::Null => types::Value::Null,
        Kind::Boolean(boolean) => types::Value::Boolean(boolean),
        Kind::Number => value.as_i64().map_or_else(
            || types::Value::Number(value.json().to_owned()),
            types::Value::Integer,
        ),
        Kind::Text => types::Value::Text(value.as_text().unwrap_or_default().into_owned()),
        Kind::Array(count) => types::Value::Array(count),
        Kind::Object(count) => types::Value::Object(count),
    }
}

pub(super) fn past_call(call: &PastCall) -> history::PastCall {
    history::PastCall {
        at: call.at.0,
        method: call.method.clone(),
        server: call.server.as_ref().to_owned(),
        name: call.name.clone(),
        outcome: match call.outcome {
            PastOutcome::Allowed => history::Outcome::Allowed,
            PastOutcome::Denied => history::Outcome::Denied,
            PastOutcome::Held => history::Outcome::Held,
            PastOutcome::Failed => history::Outcome::Failed,
        },
    }
}

pub(super) fn verdict(verdict: types::Verdict) -> policy::Verdict {
    match verdict {
        types::Verdict::Abstain => policy::Verdict::Abstain,
        types::Verdict::Allow(obligations) => policy::Verdict::Allow {
            obligations: obligations.into_iter().map(obligation).collect(),
        },
        types::Verdict::Deny(denial) => policy::Verdict::Deny(policy::Denial {
            refusal: match denial.refusal {
                types::Refusal::Forbidden => policy::Refusal::Forbidden,
                types::Refusal::InsufficientScope => policy::Refusal::InsufficientScope,
                types::Refusal::InvalidArguments => policy::Refusal::InvalidArguments,
                types::Refusal::UnsafeContext => policy::Refusal::UnsafeContext,
            },
            message: denial.message,
            scopes: denial.scopes,
        }),
        types::Verdict::Ask(question) => policy::Verdict::Ask(policy::ApprovalRequest {
            title: question.title,
            reason: question.reason,
            roles: question.roles,
            quorum: question.quorum,
            ttl_seconds: question.ttl_seconds,
        }),
    }
}

fn obligation(obligation: types::Obligation) -> policy::Obligation {
    match obligation {
        types::Obligation::Charge(quota) => policy::Obligation::Charge(policy::Quota {
            key: quota.key,
            cost: quota.cost,
            limit: quota.limit,
            window_seconds: quota.window_seconds,
        }),
        types::Obligation::Label(labels) => policy::Obligation::Label(labels),
        types::Obligation::Redact(pointers) => policy::Obligation::Redact(pointers),
        types::Obligation::LimitResult(bytes) => policy::Obligation::LimitResult(bytes),
    }
}

pub(super) fn edit(edit: types::Edit) -> policy::Edit {
    policy::Edit {
        pointer: edit.pointer,
        json: edit.json,
    }
}

pub(super) fn finding(finding: types::Finding) -> policy::Finding {
    match finding {
        types::Finding::Pass(passage) => policy::Finding::Pass {
            edits: passage.edits.into_iter().map(edit).collect(),
            labels: passage.labels,
        },
        types::Finding::Block(message) => policy::Finding::Block { message },
    }
}
