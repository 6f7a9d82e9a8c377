//! One word of those that there are.

use gatewright_policy::agent::AgentState;
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{DecisionKind, OnFailure, Power, Reason};

use crate::draw::Draw;

pub(crate) fn reason(draw: &mut Draw) -> Reason {
    draw.one_of(Reason::ALL)
}

pub(crate) fn power(draw: &mut Draw) -> Power {
    draw.one_of(&Power::ALL)
}

pub(crate) fn decision(draw: &mut Draw) -> DecisionKind {
    draw.one_of(&[DecisionKind::Allow, DecisionKind::Hold, DecisionKind::Deny])
}

pub(crate) fn outcome(draw: &mut Draw) -> PastOutcome {
    draw.one_of(&[PastOutcome::Allowed, PastOutcome::Pending])
}

pub(crate) fn on_failure(draw: &mut Draw) -> OnFailure {
    draw.one_of(&[OnFailure::Keep, OnFailure::Refund])
}

pub(crate) fn state(draw: &mut Draw) -> AgentState {
    draw.one_of(&[AgentState::Active, AgentState::Decommissioned])
}
