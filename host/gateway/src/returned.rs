//! What a client brings back that the gate sent to the console: the gate's own state, and
//! the answer to the gate's own question. Both are taken off the message before anything
//! looks at it. What a tool server gave stays in it.

use gatewright_policy::Edit;
use gatewright_policy::json::{JsonLimits, apply_edits};
use gatewright_policy::record::STATE_PREFIX;

use crate::message::{Message, MessageError};

/// The gate's question among those that a client answers.
pub(crate) const QUESTION: &str = "gatewright-approval";

/// What was taken off. Nobody looked into it yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Returned {
    /// The state, as the client has it.
    pub(crate) state: String,
    /// The client says that its user does not go there.
    pub(crate) is_declined: bool,
}

/// The message without what is the gate's own; nothing where there is nothing of it.
pub(crate) fn taken_off(
    message: &Message,
    limits: &JsonLimits,
) -> Result<Option<(Message, Returned)>, MessageError> {
    let params = message.params();
    let member = |name| params.and_then(|params| params.get(name));
    let state = member("requestState").and_then(|state| state.as_text());
    let Some(state) = state.filter(|state| state.starts_with(STATE_PREFIX)) else {
        return Ok(None);
    };
    let answers = member("inputResponses");
    let foreign = answers.is_some_and(|answers| {
        let mut members = answers.members();
        members.any(|(name, _)| name != QUESTION)
    });
    if foreign {
        return Err(refused(
            "`params.inputResponses` answers more than the gate asked",
        ));
    }
    let action = answers
        .and_then(|answers| answers.get(QUESTION))
        .and_then(|answer| answer.get("action"))
        .and_then(|action| action.as_text());
    let returned = Returned {
        state: state.into_owned(),
        is_declined: action.is_some_and(|action| action != "accept"),
    };
    let removed = |pointer: &str| Edit {
        pointer: pointer.to_owned(),
        json: None,
    };
    let mut edits = vec![removed("/params/requestState")];
    if answers.is_some() {
        edits.push(removed("/params/inputResponses"));
    }
    let document = apply_edits(&message.document, &edits, limits)
        .map_err(|_quoting| refused("`params.requestState` cannot be taken off"))?;
    Ok(Some((Message::of(document)?, returned)))
}

fn refused(why: &str) -> MessageError {
    MessageError::Params(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(params: &str) -> Result<(String, Option<Returned>), MessageError> {
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"t","arguments":{{"n": 1e2}}{params}}}}}"#
        );
        let limits = JsonLimits::default();
        let message = Message::parse_text(&text, &limits).unwrap();
        let taken = taken_off(&message, &limits)?;
        Ok(match taken {
            None => (message.document.text().to_owned(), None),
            Some((message, returned)) => (message.document.text().to_owned(), Some(returned)),
        })
    }

    #[test]
    fn only_what_is_the_gates_own_is_taken_off() {
        let kept = r#""arguments":{"n": 1e2}"#;
        for theirs in [
            "",
            r#","requestState":"theirs""#,
            r#","requestState":"theirs","inputResponses":{"q":{"action":"accept"}}"#,
        ] {
            let (text, returned) = take(theirs).unwrap();
            assert_eq!(returned, None);
            assert!(text.contains(theirs) && text.contains(kept), "{text}");
        }
        for (ours, is_declined) in [
            ("", false),
            (r#","inputResponses":{}"#, false),
            (
                r#","inputResponses":{"gatewright-approval":{"action":"accept"}}"#,
                false,
            ),
            (
                r#","inputResponses":{"gatewright-approval":{"action":"decline"}}"#,
                true,
            ),
            (
                r#","inputResponses":{"gatewright-approval":{"action":"cancel"}}"#,
                true,
            ),
        ] {
            let ours = format!(r#","requestState":"gatewright1.AAAA"{ours}"#);
            let (text, returned) = take(&ours).unwrap();
            let returned = returned.unwrap();
            assert_eq!(returned.state, "gatewright1.AAAA");
            assert_eq!(returned.is_declined, is_declined, "{ours}");
            assert!(text.contains(kept), "{text}");
            assert!(!text.contains("requestState") && !text.contains("inputResponses"));
        }
        let more = r#","requestState":"gatewright1.A","inputResponses":{"q":{}}"#;
        assert!(matches!(take(more), Err(MessageError::Params(_))));
    }
}
