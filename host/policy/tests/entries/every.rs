//! Entries of every kind, with every member that one can have. No value here is completed by
//! a default: a member that is new does not compile until it is drawn.

use gatewright_policy::approval::NotTaken;
use gatewright_policy::record::{
    ActivatedPack, ApprovalEvent, ApprovalUse, Bound, Caller, Completed, Decided, Event, Kept,
    Labelled, LateCharges, Part, RefusedMany, SealedLabel, Seen, UseOfApproval,
};
use gatewright_policy::segment::{
    CarriedApproval, CarriedBudget, CarriedCall, CarriedSession, CarriedUse, Continued, Cut,
    Erased, LedgerEvent, Previous, Repaired,
};
use gatewright_policy::{Authority, Claim, Flip, Hints, Proof, Quota};

use crate::agents::{change, rows};
use crate::approvals::{stand, vote};
use crate::draw::Draw;
use crate::opinions::opinion;
use crate::words::{decision, on_failure, outcome, power, reason};

pub(crate) fn events(draw: &mut Draw) -> Vec<Event> {
    vec![
        Event::Started {
            version: draw.text(),
            record: draw.small(),
            key: draw.maybe(Draw::text),
        },
        Event::Activated {
            generation: draw.count(),
            policies: draw.digest(),
            bindings: draw.some(|draw| (draw.text(), draw.digest())),
            bound: draw.some(|draw| Bound {
                settings: draw.digest(),
                authority: Authority::from(draw.some(power)),
                rollout: draw.text(),
            }),
            packs: draw.some(pack),
            wanted: draw.maybe(|draw| (draw.count(), draw.text())),
        },
        Event::ReloadFailed { error: draw.text() },
        Event::Decided(Box::new(decided(draw))),
        Event::Refused(RefusedMany {
            count: draw.count(),
            since: draw.time(),
            until: draw.time(),
            reasons: draw.some(|draw| (reason(draw), draw.count())),
        }),
        Event::Labelled(Labelled {
            id: draw.text(),
            session: draw.text(),
            labels: draw.some(label),
        }),
        Event::Completed(completed(draw)),
        Event::Agents(change(draw)),
        Event::Tools(change(draw)),
        Event::Approval(Box::new(ApprovalEvent::Decided {
            held: draw.text(),
            before: draw.count(),
            vote: Box::new(vote(draw)),
            stand: stand(draw),
            until: draw.time(),
            decide_by: draw.time(),
        })),
        Event::Approval(Box::new(ApprovalEvent::Refused {
            held: draw.text(),
            approver: draw.maybe(Draw::text),
            why: draw.one_of(&[NotTaken::Unknown, NotTaken::OutOfOrder]),
        })),
        Event::Stopped,
        Event::Ledger(LedgerEvent::Continued(Continued {
            previous: draw.maybe(|draw| Previous {
                file: draw.text(),
                digest: draw.digest(),
            }),
            generation: draw.count(),
            latest: draw.time(),
            carried: draw.count(),
            record: draw.maybe(Draw::small),
            key: draw.maybe(Draw::text),
        })),
        Event::Ledger(LedgerEvent::CarriedSession(CarriedSession {
            session: draw.text(),
            expires_at: draw.time(),
            labels: draw.some(label),
            calls: draw.some(call),
        })),
        Event::Ledger(LedgerEvent::CarriedBudgets {
            budgets: draw.some(|draw| CarriedBudget {
                binding: draw.text(),
                key: draw.text(),
                window_seconds: draw.count(),
                window: draw.count(),
                spent: draw.number(),
            }),
        }),
        Event::Ledger(LedgerEvent::CarriedAgents { rows: rows(draw) }),
        Event::Ledger(LedgerEvent::CarriedApproval(CarriedApproval {
            held: draw.text(),
            votes: draw.some(vote),
            until: draw.time(),
            decide_by: draw.time(),
            ended: draw.coin(),
            used: draw.maybe(|draw| CarriedUse {
                decision: draw.text(),
                until: draw.time(),
            }),
        })),
        Event::Ledger(LedgerEvent::Cut(Cut {
            bytes: draw.count(),
            digest: draw.digest(),
            kept: draw.text(),
        })),
        Event::Ledger(LedgerEvent::Repaired(Repaired {
            problem: draw.text(),
            unreadable: draw.count(),
            new_salt: draw.coin(),
        })),
        Event::Ledger(LedgerEvent::KeyRotated {
            to: draw.text(),
            note: draw.text(),
        }),
        Event::Ledger(LedgerEvent::Erased(Erased {
            number: draw.count(),
            erased_at: draw.time(),
            by: draw.text(),
            count: draw.count(),
            id: draw.maybe(Draw::text),
            before: draw.maybe(Draw::time),
            who: draw.maybe(Draw::digest),
        })),
        Event::Ledger(LedgerEvent::ClockSet { was: draw.time() }),
    ]
}

fn decided(draw: &mut Draw) -> Decided {
    Decided {
        id: draw.text(),
        generation: draw.count(),
        policies: draw.digest(),
        caller: draw.maybe(caller),
        received_at: draw.maybe(Draw::time),
        method: draw.text(),
        server: draw.text(),
        name: draw.text(),
        hints: Hints {
            read_only: draw.coin(),
            destructive: draw.coin(),
            idempotent: draw.coin(),
            open_world: draw.coin(),
            untrusted: draw.coin(),
            sensitive: draw.coin(),
        },
        definition: draw.maybe(Draw::digest),
        claimed: draw.maybe(Draw::digest),
        arguments: draw.maybe(Draw::digest),
        action: draw.maybe(Draw::action),
        kept: draw.maybe(kept),
        seen: draw.maybe(|draw| Seen {
            labels: draw.some(label),
            calls: draw.small() as usize,
            history: draw.maybe(Draw::digest),
        }),
        judged: draw.coin(),
        decision: decision(draw),
        allowed_once_approved: draw.maybe(Draw::coin),
        approval: draw.maybe(|draw| UseOfApproval {
            held: draw.text(),
            what: draw.one_of(&[ApprovalUse::Joined, ApprovalUse::OutcomeNotGiven]),
            approvers: draw.texts(),
            until: draw.time(),
            decide_by: draw.time(),
            outcome_until: draw.maybe(Draw::time),
            made_by: draw.maybe(Draw::text),
        }),
        reason: draw.maybe(reason),
        message: draw.text(),
        opinions: draw.some(opinion),
        flip: draw.maybe(flip),
        parts: draw.some(|draw| Part {
            name: draw.text(),
            action: draw.maybe(Draw::action),
            alone: decision(draw),
            reason: draw.maybe(reason),
            message: draw.text(),
            opinions: draw.some(opinion),
            flip: draw.maybe(flip),
        }),
        labels: draw.some(label),
        declassified: draw.texts(),
        charges: draw.some(|draw| (draw.text(), quota(draw))),
    }
}

fn completed(draw: &mut Draw) -> Completed {
    Completed {
        id: draw.text(),
        outcome: outcome(draw),
        reason: draw.maybe(reason),
        message: draw.text(),
        result: draw.maybe(Draw::digest),
        kept: draw.maybe(kept),
        opinions: draw.some(opinion),
        changed: draw.coin(),
        session: draw.text(),
        labels: draw.some(label),
        outcome_of: draw.maybe(Draw::text),
        returned: draw.maybe(late),
        settled: draw.maybe(late),
    }
}

fn caller(draw: &mut Draw) -> Caller {
    Caller {
        agent: draw.text(),
        issuer: draw.text(),
        principal: draw.maybe(Draw::text),
        session: draw.text(),
        credential: draw.digest(),
        proof: draw.maybe(|draw| draw.one_of(&[Proof::None, Proof::Call])),
        scopes: draw.texts(),
        delegation: draw.texts(),
        claims: draw.some(|draw| Claim {
            name: draw.text(),
            values: draw.texts(),
        }),
        expires_at: draw.time(),
        session_ends: draw.maybe(Draw::time),
    }
}

fn pack(draw: &mut Draw) -> ActivatedPack {
    ActivatedPack {
        name: draw.text(),
        pack: draw.digest(),
        revision: draw.text(),
        version: draw.count(),
        publisher: draw.text(),
        signers: draw.texts(),
        candidate: draw.maybe(|draw| draw.one_of(&["5%", "0.25%"]).parse().unwrap()),
        granted: draw.texts(),
        allowed_older: draw.coin(),
    }
}

fn call(draw: &mut Draw) -> CarriedCall {
    CarriedCall {
        id: draw.text(),
        at: draw.time(),
        method: draw.text(),
        server: draw.text(),
        name: draw.text(),
        outcome: outcome(draw),
        reason: draw.maybe(reason),
    }
}

fn late(draw: &mut Draw) -> LateCharges {
    LateCharges {
        received_at: draw.time(),
        charges: draw.some(|draw| (draw.text(), quota(draw))),
    }
}

fn quota(draw: &mut Draw) -> Quota {
    Quota {
        key: draw.text(),
        cost: draw.number(),
        limit: draw.number(),
        window_seconds: draw.small(),
        on_failure: on_failure(draw),
    }
}

fn kept(draw: &mut Draw) -> Kept {
    Kept {
        digest: draw.digest(),
        masked: draw.coin(),
    }
}

fn label(draw: &mut Draw) -> SealedLabel {
    SealedLabel {
        name: draw.text(),
        source: draw.maybe(Draw::text),
        at: draw.maybe(Draw::time),
    }
}

fn flip(draw: &mut Draw) -> Flip {
    Flip {
        stable: draw.text(),
        candidate: draw.text(),
    }
}
