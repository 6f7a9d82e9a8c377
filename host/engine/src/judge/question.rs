//! From a call to the question about it.

use std::sync::Arc;

use gatewright_policy::{Action, Context, Decision, Denied, Purpose, Reason, Request};

use super::steps::arguments_of;
use crate::call::{Call, Judgement, Kind};
use crate::session::{Carried, SessionError};
use crate::snapshot::Snapshot;
use crate::tools::Standing;

/// The question, with the arguments as they came.
pub(super) fn ask(
    snapshot: &Arc<Snapshot>,
    Standing { stand, defined }: Standing,
    call: Call,
    carried: Result<Carried, SessionError>,
) -> Judgement {
    let server = snapshot.server(&call.server);
    let unknown = carried.as_ref().err().copied();
    let (labels, history) = carried.unwrap_or_default();
    let request = Request {
        subject: Arc::clone(&call.grant.subject),
        action: Action {
            hints: server
                .map(|server| server.hints(&call.name))
                .unwrap_or_default(),
            roles: server
                .map(|server| server.argument_roles(&call.name))
                .unwrap_or_default(),
            purpose: match call.kind {
                Kind::Judged | Kind::Protocol => Purpose::Call,
                Kind::Listing => Purpose::Listing,
            },
            method: call.method,
            server: call.server,
            name: call.name,
            defined,
        },
        context: Context {
            at: call.at,
            decision: Arc::from(call.id.as_str()),
            session: Arc::clone(&call.grant.session),
            labels,
            approvals: Vec::new(),
            history,
            budgets: Vec::new(),
        },
        arguments: arguments_of(&call.message, &call.arguments_at),
    };
    Judgement {
        id: call.id,
        grant: call.grant,
        kind: call.kind,
        tracked: call.kind == Kind::Judged && unknown.is_none(),
        unknown,
        stand,
        asked: None,
        snapshot: Arc::clone(snapshot),
        request: Arc::new(request),
        message: call.message,
        arguments_at: call.arguments_at,
        changed: false,
        received: None,
        judged: None,
        opinions: Vec::new(),
        flip: None,
        log: Vec::new(),
        approval: None,
        decision: Decision::Deny(Denied::by_gate(Reason::NoPolicy, "")),
    }
}
