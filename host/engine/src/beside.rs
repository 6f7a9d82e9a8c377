//! What stands in a message beside the arguments: answers to what a tool server asked, and
//! the state that it gave for them. Neither constraints nor approvers see them.

use crate::call::Judgement;

/// Whether the agent answers something.
pub(crate) fn has_answers(judgement: &Judgement) -> bool {
    has(judgement, "inputResponses")
}

/// Whether the call goes on from a state that a tool server gave.
pub(crate) fn goes_on(judgement: &Judgement) -> bool {
    has(judgement, "requestState")
}

fn has(judgement: &Judgement, member: &str) -> bool {
    let params = judgement.message.root().get("params");
    params.is_some_and(|params| params.get(member).is_some())
}
