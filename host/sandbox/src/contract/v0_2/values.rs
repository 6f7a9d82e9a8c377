//! Between the contract's values and those of the policy crate.

use gatewright_policy as policy;
use policy::json::{Kind, Value};
use policy::request::{PastCall, PastOutcome};
use policy::{Fault, Power};

use super::bindings::gatewright::policy::{action, budget, caller, context, history, json, types};
use crate::contract::{Description, Rule};

pub(super) const fn proof(proof: policy::Proof) -> caller::ProofKind {
    match proof {
        policy::Proof::None => caller::ProofKind::None,
        policy::Proof::Bearer => caller::ProofKind::Bearer,
        policy::Proof::Sender => caller::ProofKind::Sender,
        policy::Proof::Call => caller::ProofKind::Call,
    }
}

pub(super) fn claim(claim: &policy::Claim) -> caller::CredentialClaim {
    caller::CredentialClaim {
        name: claim.name.clone(),
        values: claim.values.clone(),
    }
}

/// What copying it takes.
pub(super) fn claim_bytes(claim: &policy::Claim) -> usize {
    claim.name.len() + claim.values.iter().map(String::len).sum::<usize>()
}

pub(super) const fn purpose(purpose: policy::Purpose) -> action::PurposeKind {
    match purpose {
        policy::Purpose::Call => action::PurposeKind::Call,
        policy::Purpose::Listing => action::PurposeKind::Listing,
    }
}

pub(super) fn hints(hints: policy::Hints) -> action::HintSet {
    let mut flags = action::HintSet::empty();
    for (is_set, flag) in [
        (hints.read_only, action::HintSet::READ_ONLY),
        (hints.destructive, action::HintSet::DESTRUCTIVE),
        (hints.idempotent, action::HintSet::IDEMPOTENT),
        (hints.open_world, action::HintSet::OPEN_WORLD),
        (hints.untrusted, action::HintSet::UNTRUSTED),
        (hints.sensitive, action::HintSet::SENSITIVE),
    ] {
        if is_set {
            flags |= flag;
        }
    }
    flags
}

pub(super) fn label(label: &policy::Label) -> context::Label {
    context::Label {
        name: label.name.clone(),
        source: label.source.as_deref().map(str::to_owned),
        at: label.at.map(|at| at.0),
    }
}

/// What copying it takes.
pub(super) fn label_bytes(label: &policy::Label) -> usize {
    label.name.len() + label.source.as_deref().map_or(0, str::len)
}

pub(super) fn approval(approval: &policy::Approval) -> context::Approval {
    context::Approval {
        by: approval.by.clone(),
        roles: approval.roles.clone(),
        at: approval.at.0,
        method: approval.method.clone(),
    }
}

pub(super) const fn kind(kind: Kind) -> json::Kind {
    match kind {
        Kind::Null => json::Kind::Null,
        Kind::Boolean(_) => json::Kind::Boolean,
        Kind::Number => json::Kind::Number,
        Kind::Text => json::Kind::Text,
        Kind::Array(_) => json::Kind::Array,
        Kind::Object(_) => json::Kind::Object,
    }
}

/// One level of a JSON value.
pub(super) fn value(value: Value<'_>) -> json::Value {
    match value.kind() {
        Kind::Null => json::Value::Null,
        Kind::Boolean(boolean) => json::Value::Boolean(boolean),
        Kind::Number => value.as_i64().map_or_else(
            || json::Value::Number(value.json().to_owned()),
            json::Value::Integer,
        ),
        Kind::Text => json::Value::Text(value.string().into_owned()),
        Kind::Array(count) => json::Value::Array(count),
        Kind::Object(count) => json::Value::Object(count),
    }
}

pub(super) fn past_call(call: &PastCall) -> history::PastCall {
    history::PastCall {
        id: call.id.as_ref().to_owned(),
        at: call.at.0,
        method: call.method.clone(),
        server: call.server.as_ref().to_owned(),
        name: call.name.clone(),
        outcome: match call.outcome {
            PastOutcome::Allowed => history::Outcome::Allowed,
            PastOutcome::Denied => history::Outcome::Denied,
            PastOutcome::Held => history::Outcome::Held,
            PastOutcome::Failed => history::Outcome::Failed,
            PastOutcome::Pending => history::Outcome::Pending,
        },
        reason: call.reason.map(|reason| reason.code().to_owned()),
    }
}

pub(super) const fn reading(read: &policy::BudgetRead) -> budget::Reading {
    budget::Reading {
        limit: read.limit,
        window_seconds: read.window_seconds,
        spent: read.spent,
    }
}

/// What it says about itself; an error is what it must not say.
pub(super) fn description(description: types::Description) -> Result<Description, Fault> {
    let description = Description {
        settings_schema: description.settings_schema,
        powers: powers(description.powers),
        rules: description
            .rules
            .into_iter()
            .map(|rule| Rule {
                id: rule.id,
                title: rule.title,
            })
            .collect(),
    };
    description.check()?;
    Ok(description)
}

fn powers(flags: types::Powers) -> policy::Authority {
    let named = [
        (types::Powers::ALLOW, Power::Allow),
        (types::Powers::DENY, Power::Deny),
        (types::Powers::ASK, Power::Ask),
        (types::Powers::CHARGE, Power::Charge),
        (types::Powers::LABEL, Power::Label),
        (types::Powers::DECLASSIFY, Power::Declassify),
        (types::Powers::REDACT, Power::Redact),
        (types::Powers::LIMIT_RESULT, Power::LimitResult),
        (types::Powers::EDIT, Power::Edit),
        (types::Powers::BLOCK, Power::Block),
    ];
    let set = named.into_iter().filter(|(flag, _)| flags.contains(*flag));
    set.map(|(_, power)| power).collect()
}

pub(super) fn opinion(opinion: types::Opinion) -> policy::Opinion {
    policy::Opinion {
        verdict: verdict(opinion.verdict),
        obligations: opinion.obligations.into_iter().map(obligation).collect(),
        notes: notes(opinion.notes),
    }
}

fn verdict(verdict: types::Verdict) -> policy::Verdict {
    match verdict {
        types::Verdict::Abstain => policy::Verdict::Abstain,
        types::Verdict::Allow => policy::Verdict::Allow,
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
        types::Verdict::Ask(ask) => policy::Verdict::Ask(policy::Ask {
            title: ask.title,
            reason: ask.reason,
            show: ask.show,
            roles: ask.roles,
            quorum: ask.quorum,
            exclude_requester: ask.exclude_requester,
            exclude: ask.exclude,
            decide_within_seconds: ask.decide_within_seconds,
            use_within_seconds: ask.use_within_seconds,
        }),
    }
}

fn obligation(obligation: types::Obligation) -> policy::Obligation {
    match obligation {
        types::Obligation::Charge(of) => policy::Obligation::Charge(charge(of)),
        types::Obligation::Label(labels) => policy::Obligation::Label(labels),
        types::Obligation::Declassify(labels) => policy::Obligation::Declassify(labels),
        types::Obligation::Redact(pointers) => policy::Obligation::Redact(pointers),
        types::Obligation::LimitResult(bytes) => policy::Obligation::LimitResult(bytes),
    }
}

fn charge(charge: types::Charge) -> policy::Charge {
    policy::Charge {
        key: charge.key,
        cost: charge.cost,
        limit: match charge.limit {
            types::Limit::Set(budget) => policy::Limit::Set { budget },
            types::Limit::Fixed(window) => policy::Limit::Fixed(policy::WindowLimit {
                limit: window.limit,
                window_seconds: window.window_seconds,
            }),
        },
        on_failure: match charge.on_failure {
            types::OnFailure::Keep => policy::OnFailure::Keep,
            types::OnFailure::Refund => policy::OnFailure::Refund,
        },
    }
}

pub(super) fn revision(revision: types::Revision) -> policy::Revision {
    policy::Revision {
        edits: edits(revision.edits),
        notes: notes(revision.notes),
    }
}

pub(super) fn report(report: types::Report) -> policy::Report {
    policy::Report {
        finding: match report.finding {
            types::Finding::Pass(of) => policy::Finding::Pass { edits: edits(of) },
            types::Finding::Block(message) => policy::Finding::Block { message },
        },
        labels: report.labels,
        charges: report.charges.into_iter().map(charge).collect(),
        notes: notes(report.notes),
    }
}

fn edits(edits: Vec<types::Edit>) -> Vec<policy::Edit> {
    let edits = edits.into_iter().map(|edit| policy::Edit {
        pointer: edit.pointer,
        json: edit.json,
    });
    edits.collect()
}

fn notes(notes: Vec<types::Note>) -> Vec<policy::Note> {
    let notes = notes.into_iter().map(|note| policy::Note {
        rule: note.rule,
        text: note.text,
    });
    notes.collect()
}
