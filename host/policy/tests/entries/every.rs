//! Entries of every kind, with every member that one can have. No value here is completed by
//! a default: a member that is new does not compile until it is drawn.

use gatewright_policy::agent::{
    AgentKey, AgentState, Change, Changed, PinnedTool, Registered, Registration, Revoked, Row,
    Stop, Target, ToolDiffers, ToolPin, Turn, What,
};
use gatewright_policy::approval::{Choice, NotTaken, Signature, Signed, Stand, Statement, Vote};
use gatewright_policy::record::{
    ActivatedPack, ApprovalEvent, ApprovalUse, Bound, Caller, Completed, Decided, Event, Kept,
    Labelled, LateCharges, Part, RecordedOpinion, RefusedMany, SealedLabel, Seen, UseOfApproval,
};
use gatewright_policy::request::PastOutcome;
use gatewright_policy::segment::{
    CarriedApproval, CarriedBudget, CarriedCall, CarriedSession, CarriedUse, Continued, Cut,
    Erased, LedgerEvent, Previous, Repaired,
};
use gatewright_policy::verdict::{Ask, Denial, Note, Obligation, Refusal, Verdict};
use gatewright_policy::{
    Authority, BudgetRead, Charge, Claim, DecisionKind, Fault, Flip, Hints, Limit, Mode, OnFailure,
    Power, Proof, Quota, Reason, WindowLimit,
};

use crate::draw::Draw;

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

fn opinion(draw: &mut Draw) -> RecordedOpinion {
    RecordedOpinion {
        binding: draw.text(),
        component: draw.digest(),
        mode: draw.one_of(&[Mode::Enforce, Mode::Observe]),
        verdict: draw.maybe(verdict),
        obligations: obligations(draw),
        notes: draw.some(|draw| Note {
            rule: draw.text(),
            text: draw.text(),
        }),
        budgets: draw.some(|draw| BudgetRead {
            budget: draw.text(),
            key: draw.text(),
            limit: draw.number(),
            window_seconds: draw.small(),
            spent: draw.number(),
        }),
        fault: draw.maybe(fault),
        edits: draw.small() as usize,
        blocked: draw.coin(),
        fuel: draw.number(),
    }
}

fn verdict(draw: &mut Draw) -> Verdict {
    let denial = Denial {
        refusal: draw.one_of(&[Refusal::Forbidden, Refusal::InsufficientScope]),
        message: draw.text(),
        scopes: draw.texts(),
    };
    let ask = Ask {
        title: draw.text(),
        reason: draw.text(),
        show: draw.texts(),
        roles: draw.texts(),
        quorum: draw.one_of(&[0, 1, u8::MAX]),
        exclude_requester: draw.coin(),
        exclude: draw.texts(),
        decide_within_seconds: draw.small(),
        use_within_seconds: draw.small(),
    };
    draw.one_of(&[
        Verdict::Abstain,
        Verdict::Allow,
        Verdict::Deny(denial),
        Verdict::Ask(ask),
    ])
}

fn obligations(draw: &mut Draw) -> Vec<Obligation> {
    let fixed = Limit::Fixed(WindowLimit {
        limit: draw.number(),
        window_seconds: draw.small(),
    });
    let set = Limit::Set {
        budget: draw.text(),
    };
    let charge = |draw: &mut Draw, limit| {
        Obligation::Charge(Charge {
            key: draw.text(),
            cost: draw.number(),
            limit,
            on_failure: on_failure(draw),
        })
    };
    vec![
        charge(draw, fixed),
        charge(draw, set),
        Obligation::Label(draw.texts()),
        Obligation::Declassify(draw.texts()),
        Obligation::Redact(draw.texts()),
        Obligation::LimitResult(draw.number()),
    ]
}

fn fault(draw: &mut Draw) -> Fault {
    let text = draw.text();
    let power = power(draw);
    draw.one_of(&[
        Fault::Trapped(text.clone()),
        Fault::OutOfFuel,
        Fault::BadOutput(text.clone()),
        Fault::BadPointer(text.clone()),
        Fault::GaveUp(text),
        Fault::NotGranted(power),
    ])
}

fn change(draw: &mut Draw) -> Change {
    let target = [
        Target::Agents(draw.some(agent)),
        Target::Owner(draw.text()),
        Target::Issuer(draw.text()),
    ];
    let what = [
        What::Import(draw.some(|draw| Registration {
            id: draw.text(),
            issuer: draw.text(),
            owner: draw.maybe(Draw::text),
            purpose: draw.text(),
            servers: draw.maybe(Draw::texts),
            state: state(draw),
        })),
        What::Turn {
            turn: draw.one_of(&[Turn::Suspend, Turn::Decommission]),
            target: draw.one_of(&target),
        },
        What::Revoke {
            token: draw.text(),
            below: draw.coin(),
            until: draw.maybe(Draw::time),
        },
        What::Pin {
            tools: draw.some(|draw| ToolPin {
                server: draw.text(),
                name: draw.text(),
                digest: draw.digest(),
                definition: draw.text(),
            }),
            first_sight: draw.coin(),
        },
        What::Differ(draw.some(|draw| ToolDiffers {
            server: draw.text(),
            name: draw.text(),
            pinned: draw.digest(),
            seen: draw.digest(),
        })),
    ];
    Change {
        by: draw.text(),
        why: draw.text(),
        from_file: draw.coin(),
        what: draw.one_of(&what),
    }
}

fn rows(draw: &mut Draw) -> Vec<Row> {
    let stop = |draw: &mut Draw| Stop {
        name: draw.text(),
        state: state(draw),
        since: draw.time(),
        by: draw.text(),
        why: draw.text(),
    };
    vec![
        Row::Agent(Registered {
            agent: agent(draw),
            owner: draw.maybe(Draw::text),
            purpose: draw.text(),
            servers: draw.maybe(Draw::texts),
            state: state(draw),
            since: draw.time(),
            by: draw.text(),
            why: draw.text(),
            only_stopped: draw.coin(),
            in_file: draw.coin(),
            stopped_by_file: draw.coin(),
        }),
        Row::Owner(stop(draw)),
        Row::Issuer(stop(draw)),
        Row::Revoked(Revoked {
            token: draw.text(),
            below: draw.coin(),
            until: draw.maybe(Draw::time),
            since: draw.time(),
            by: draw.text(),
            why: draw.text(),
        }),
        Row::Tool(PinnedTool {
            server: draw.text(),
            name: draw.text(),
            digest: draw.digest(),
            definition: draw.text(),
            first_sight: draw.coin(),
            since: draw.time(),
            by: draw.text(),
            why: draw.text(),
            changed: draw.maybe(|draw| Changed {
                digest: draw.digest(),
                at: draw.time(),
            }),
        }),
    ]
}

fn vote(draw: &mut Draw) -> Vote {
    let signatures = [
        Signature::Ed25519 {
            key: draw.text(),
            signature: draw.text(),
        },
        Signature::Webauthn {
            credential: draw.text(),
            authenticator_data: draw.text(),
            client_data: draw.text(),
            signature: draw.text(),
        },
    ];
    Vote {
        signed: Signed {
            statement: Statement {
                actions: draw.some(Draw::action),
                approver: draw.text(),
                at: draw.time(),
                choice: draw.one_of(&[Choice::Approve, Choice::Reject]),
                held: draw.text(),
                reason: draw.text(),
                shown: draw.digest(),
                version: draw.small(),
            },
            signature: draw.one_of(&signatures),
        },
        roles: draw.texts(),
        at: draw.time(),
    }
}

fn stand(draw: &mut Draw) -> Stand {
    let (at, use_by) = (draw.time(), draw.time());
    draw.one_of(&[
        Stand::Requested,
        Stand::Granted { at, use_by },
        Stand::Rejected { at },
        Stand::Expired,
        Stand::Consumed { at },
        Stand::Void { at },
    ])
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

fn agent(draw: &mut Draw) -> AgentKey {
    AgentKey {
        id: draw.text(),
        issuer: draw.text(),
    }
}

fn reason(draw: &mut Draw) -> Reason {
    draw.one_of(Reason::ALL)
}

fn power(draw: &mut Draw) -> Power {
    draw.one_of(&Power::ALL)
}

fn decision(draw: &mut Draw) -> DecisionKind {
    draw.one_of(&[DecisionKind::Allow, DecisionKind::Hold, DecisionKind::Deny])
}

fn outcome(draw: &mut Draw) -> PastOutcome {
    draw.one_of(&[PastOutcome::Allowed, PastOutcome::Pending])
}

fn on_failure(draw: &mut Draw) -> OnFailure {
    draw.one_of(&[OnFailure::Keep, OnFailure::Refund])
}

fn state(draw: &mut Draw) -> AgentState {
    draw.one_of(&[AgentState::Active, AgentState::Decommissioned])
}
