//! What people decide, with every member that a vote can have.

use gatewright_policy::approval::{Choice, Signature, Signed, Stand, Statement, Vote};

use crate::draw::Draw;

pub(crate) fn vote(draw: &mut Draw) -> Vote {
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

pub(crate) fn stand(draw: &mut Draw) -> Stand {
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
