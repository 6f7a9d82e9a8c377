//! Between the contract's values and those of the policy crate.

use gatewright_policy as policy;
use policy::json::{Kind, Value};
use policy::request::{PastCall, PastOutcome};
use policy::usable::{ASK_REASON_BYTES_MAX, TITLE_BYTES_MAX};

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
            labels: {
                let labels = request.context.labels.iter();
                labels.map(|label| label.name.as_str()).collect()
            },
            approvers: {
                let approvals = request.context.approvals.iter();
                approvals.map(|approval| approval.by.as_str()).collect()
            },
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
        Kind::Text => types::Value::Text(value.string().into_owned()),
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
            PastOutcome::Failed | PastOutcome::Pending => history::Outcome::Failed,
        },
    }
}

/// Only an allow carries obligations.
pub(super) fn opinion(verdict: types::Verdict) -> policy::Opinion {
    match verdict {
        types::Verdict::Abstain => policy::Verdict::Abstain.into(),
        types::Verdict::Allow(obligations) => policy::Opinion {
            verdict: policy::Verdict::Allow,
            obligations: obligations.into_iter().map(obligation).collect(),
            notes: Vec::new(),
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
        })
        .into(),
        types::Verdict::Ask(question) => policy::Verdict::Ask(policy::Ask {
            // That contract bounds neither: people see the beginning.
            title: cut(question.title, TITLE_BYTES_MAX),
            reason: cut(question.reason, ASK_REASON_BYTES_MAX),
            show: Vec::new(),
            roles: question.roles,
            // As the contract says of 0.
            quorum: question.quorum.max(1),
            exclude_requester: false,
            exclude: Vec::new(),
            decide_within_seconds: policy::Ask::default_decide_within(),
            use_within_seconds: question.ttl_seconds,
        })
        .into(),
    }
}

fn cut(mut text: String, bytes_max: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes_max));
    text
}

fn obligation(obligation: types::Obligation) -> policy::Obligation {
    match obligation {
        types::Obligation::Charge(quota) => policy::Obligation::Charge(policy::Charge {
            key: quota.key,
            cost: quota.cost,
            limit: policy::Limit::Fixed(policy::WindowLimit {
                limit: quota.limit,
                window_seconds: quota.window_seconds,
            }),
            on_failure: policy::OnFailure::Keep,
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

pub(super) fn report(finding: types::Finding) -> policy::Report {
    let (finding, labels) = match finding {
        types::Finding::Pass(passage) => {
            let edits = passage.edits.into_iter().map(edit).collect();
            (policy::Finding::Pass { edits }, passage.labels)
        }
        types::Finding::Block(message) => (policy::Finding::Block { message }, Vec::new()),
    };
    policy::Report {
        finding,
        labels,
        charges: Vec::new(),
        notes: Vec::new(),
    }
}
