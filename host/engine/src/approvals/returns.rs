//! A client that was sent to the console, and comes back with the call and a state of it.

use gatewright_policy::Grant;
use gatewright_policy::record::{CallState, StateError};

use crate::engine::Engine;
use crate::judgements::Judgements;
use crate::permit::Ticket;

/// Why a call is not the one that a client was to come back with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReturned {
    /// The gate did not make the state.
    #[error(transparent)]
    Foreign(#[from] StateError),
    /// It was given to somebody else.
    #[error("`requestState` was given to another caller")]
    OtherCaller,
    /// Its time is over.
    #[error("the time to decide on this call is over; call again without `requestState`")]
    Over,
    /// It is of another call.
    #[error("`requestState` was given for another call")]
    OtherCall,
}

impl Engine {
    /// What a client carries while people are asked about its call.
    pub fn call_state(&self, grant: &Grant, ticket: &Ticket) -> String {
        let keys = &self.recorder.keys;
        keys.seal_state(&CallState {
            held: ticket.id.clone(),
            caller: keys.caller(&grant.subject),
            called: ticket.called,
            until: ticket.decide_by,
        })
    }

    /// What a client carried, if this caller was given it. It allows nothing.
    pub fn returned(&self, grant: &Grant, text: &str) -> Result<CallState, NotReturned> {
        let keys = &self.recorder.keys;
        let state = keys.open_state(text)?;
        if state.caller != keys.caller(&grant.subject) {
            return Err(NotReturned::OtherCaller);
        }
        match self.now() < state.until {
            true => Ok(state),
            false => Err(NotReturned::Over),
        }
    }

    /// Whether what was judged is the call that the state was given for.
    pub fn returns_with(
        &self,
        state: &CallState,
        judgements: &Judgements,
    ) -> Result<(), NotReturned> {
        let requests = judgements.iter().map(|judgement| &*judgement.request);
        match state.called == self.recorder.keys.called(requests) {
            true => Ok(()),
            false => Err(NotReturned::OtherCall),
        }
    }
}
