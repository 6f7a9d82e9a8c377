//! What policies say, with every member that it can have.

use gatewright_policy::record::RecordedOpinion;
use gatewright_policy::verdict::{Ask, Denial, Note, Obligation, Refusal, Verdict};
use gatewright_policy::{BudgetRead, Charge, Fault, Limit, Mode, WindowLimit};

use crate::draw::Draw;
use crate::words::{on_failure, power};

pub(crate) fn opinion(draw: &mut Draw) -> RecordedOpinion {
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
