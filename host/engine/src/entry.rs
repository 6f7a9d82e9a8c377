//! What the record says about a decision. Nothing in it is longer than it may be,
//! and nothing quotes an argument, a result or a credential.

use std::sync::Arc;

use gatewright_policy::record::{Caller, Decided, Part, RecordKeys, RecordedOpinion, SealedLabel};
use gatewright_policy::{
    ActionDigest, Ask, AskedBy, Claim, Decision, DecisionKind, Defined, Denied, Digest, Grant,
    Hints, Label, Reason,
};

use crate::call::{Judgement, Refused};
use crate::judgements::Judgements;
use crate::memory::Effects;
use crate::snapshot::Snapshot;
use crate::tools::{BY_GATE, asked};

/// The entry of what was decided on a message.
pub(crate) fn decided(keys: &RecordKeys, judgements: &Judgements, effects: &Effects) -> Decided {
    let judgement = &judgements.first;
    let (grant, snapshot) = (&judgement.grant, &judgement.snapshot);
    let (request, called) = (&judgement.request, &judgement.request.action);
    Decided {
        id: judgement.id.clone(),
        generation: snapshot.generation,
        policies: snapshot.policies,
        caller: Some(caller(keys, grant)),
        received_at: Some(request.context.at),
        method: keys.cut(&called.method),
        server: server(keys, snapshot, &called.server),
        name: name(keys, Some(grant), &called.server, &called.name),
        hints: called.hints,
        definition: called.defined.pinned.as_ref().map(|it| it.digest),
        claimed: claimed(&called.defined),
        arguments: Some(keys.digest(request.arguments.text())),
        action: Some(action(keys, judgements, judgement)),
        kept: judgements.kept,
        seen: keys.seen(&request.context),
        judged: judgement.tracked,
        decision: judgement.decision.kind(),
        allowed_once_approved: match &judgement.decision {
            Decision::Hold(held) => Some(held.allowed),
            Decision::Allow(_) | Decision::Deny(_) => None,
        },
        approval: judgements.approval.as_ref().map(|it| it.entry.clone()),
        reason: judgement.decision.reason(),
        message: message(keys, snapshot, &judgement.decision),
        opinions: opinions(keys, snapshot, &judgement.opinions),
        flip: judgement.flip.clone(),
        parts: judgements
            .further
            .iter()
            .map(|it| part(keys, judgements, it))
            .collect(),
        labels: sealed_labels(keys, &effects.labels),
        declassified: {
            let names = effects.declassified.iter();
            names.map(|name| keys.seal_label(name)).collect()
        },
        charges: effects.charges.clone(),
    }
}

/// The entry of a refusal without what makes one long: what the policies said, and
/// what else the message names.
pub(crate) fn short(keys: &RecordKeys, judgements: &Judgements) -> Decided {
    Decided {
        opinions: Vec::new(),
        parts: Vec::new(),
        kept: None,
        ..decided(
            keys,
            judgements,
            &Effects::none(judgements.first.request.context.at),
        )
    }
}

/// What else the message names.
fn part(keys: &RecordKeys, judgements: &Judgements, judgement: &Judgement) -> Part {
    let (grant, snapshot) = (&judgement.grant, &judgement.snapshot);
    let called = &judgement.request.action;
    Part {
        name: name(keys, Some(grant), &called.server, &called.name),
        action: Some(action(keys, judgements, judgement)),
        alone: judgement.decision.kind(),
        reason: judgement.decision.reason(),
        message: message(keys, snapshot, &judgement.decision),
        opinions: opinions(keys, snapshot, &judgement.opinions),
        flip: judgement.flip.clone(),
    }
}

/// What exactly is decided on: where people agreed to it, what they agreed to.
fn action(keys: &RecordKeys, judgements: &Judgements, judgement: &Judgement) -> ActionDigest {
    let request = &judgement.request;
    let settled = judgements.approval.as_ref();
    let agreed = settled.and_then(|settled| settled.action(&request.action.name));
    agreed.unwrap_or_else(|| keys.action(request, &asked_by(judgement)))
}

/// The policies that ask people about a call, as they are bound.
pub(crate) fn asked_by(judgement: &Judgement) -> Vec<AskedBy> {
    let Decision::Hold(held) = &judgement.decision else {
        return Vec::new();
    };
    let bindings = &judgement.snapshot.bindings;
    let defined = &judgement.request.action.defined;
    let asked_by = |(name, ask): &(Arc<str>, Ask)| {
        if **name == *BY_GATE {
            return Some(asked(ask, defined));
        }
        let binding = bindings.iter().find(|binding| binding.name == *name)?;
        Some(AskedBy {
            binding: binding.name.to_string(),
            component: binding.guest.digest(),
            settings: binding.settings,
            ask: ask.digest(),
        })
    };
    let mut asked_by: Vec<_> = held.asks.iter().filter_map(asked_by).collect();
    asked_by.sort();
    asked_by
}

/// The definition that a tool server gives, where it is another one than is pinned.
fn claimed(defined: &Defined) -> Option<Digest> {
    let claimed = defined.claimed.as_ref();
    let other = claimed.filter(|claimed| defined.pinned.as_ref() != Some(claimed));
    other.map(|claimed| claimed.digest)
}

/// The entry of a refusal that came before the question.
pub(crate) fn unasked(keys: &RecordKeys, snapshot: &Snapshot, refused: &Refused) -> Decided {
    let grant = refused.grant.as_ref();
    Decided {
        id: refused.id.clone(),
        generation: snapshot.generation,
        policies: snapshot.policies,
        caller: grant.map(|grant| caller(keys, grant)),
        received_at: None,
        method: refused.method.recorded(keys),
        server: server(keys, snapshot, &refused.server),
        name: name(keys, grant, &refused.server, &refused.name),
        hints: Hints::default(),
        definition: None,
        claimed: None,
        arguments: None,
        action: None,
        kept: None,
        seen: None,
        judged: false,
        decision: DecisionKind::Deny,
        allowed_once_approved: None,
        approval: None,
        reason: Some(refused.denied.reason),
        message: refused.record.recorded(keys),
        opinions: Vec::new(),
        flip: None,
        parts: Vec::new(),
        labels: Vec::new(),
        declassified: Vec::new(),
        charges: Vec::new(),
    }
}

/// What each policy said, as the record has it.
pub(crate) fn opinions(
    keys: &RecordKeys,
    snapshot: &Snapshot,
    opinions: &[RecordedOpinion],
) -> Vec<RecordedOpinion> {
    let sealed = opinions.iter().map(|opinion| {
        let in_words = snapshot.records_messages(&opinion.binding);
        let rules = match opinion.notes.is_empty() {
            true => Arc::default(),
            false => snapshot.rules(&opinion.binding, opinion.component),
        };
        opinion.sealed(keys, in_words, &rules)
    });
    sealed.collect()
}

/// Labels, as the record has them.
pub(crate) fn sealed_labels(keys: &RecordKeys, labels: &[Label]) -> Vec<SealedLabel> {
    labels.iter().map(|label| keys.seal(label)).collect()
}

fn caller(keys: &RecordKeys, grant: &Grant) -> Caller {
    let subject = &grant.subject;
    Caller {
        agent: keys.cut(&subject.id),
        issuer: keys.cut(&subject.issuer),
        principal: subject.principal.as_ref().map(|name| keys.cut(name)),
        session: grant.session.to_string(),
        credential: grant.credential,
        proof: Some(subject.proof),
        scopes: keys.cut_list(&tools_of(keys, &subject.scopes)),
        delegation: keys.cut_list(&subject.delegation),
        claims: subject
            .claims
            .iter()
            .map(|claim| Claim {
                name: claim.name.clone(),
                values: keys.cut_list(&claim.values),
            })
            .collect(),
        expires_at: grant.expires_at,
        session_ends: Some(grant.session_ends),
    }
}

/// A server that is not configured may be anything that somebody put in a path.
fn server(keys: &RecordKeys, snapshot: &Snapshot, server: &str) -> String {
    match snapshot.server(server) {
        Some(_) => server.to_owned(),
        None => keys.sealed(server),
    }
}

/// A name that no scope covers may be anything that somebody put there.
fn name(keys: &RecordKeys, grant: Option<&Grant>, server: &str, name: &str) -> String {
    match grant {
        Some(grant) if grant.covers(server, name) => keys.cut(name),
        Some(_) | None => keys.sealed(name),
    }
}

fn message(keys: &RecordKeys, snapshot: &Snapshot, decision: &Decision) -> String {
    match decision {
        Decision::Deny(denied) => why(keys, snapshot, denied),
        Decision::Allow(_) | Decision::Hold(_) => String::new(),
    }
}

fn why(keys: &RecordKeys, snapshot: &Snapshot, denied: &Denied) -> String {
    match &denied.binding {
        // About a fault the gate speaks, not the policy.
        Some(binding) if denied.reason != Reason::PolicyFault => {
            keys.told(&denied.message, snapshot.records_messages(binding))
        }
        Some(_) | None => keys.cut(&denied.message),
    }
}

/// Scopes as the record has them: what they say of arguments quotes values, so it is a keyed
/// digest there.
fn tools_of(keys: &RecordKeys, scopes: &[String]) -> Vec<String> {
    let scopes = scopes.iter().map(|scope| match scope.split_once(" {") {
        None => scope.clone(),
        Some((tools, constraints)) => format!("{tools} {}", keys.digest(constraints)),
    });
    scopes.collect()
}
