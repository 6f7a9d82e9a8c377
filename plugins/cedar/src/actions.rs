//! Whether an action is a method of a call, by the words of the question, and what is right
//! where it is none.

use cedar_policy_core::ast::EntityUID;

use crate::words::Words;

/// Methods by their first part, and what may follow; none where all may.
const METHODS: [(&str, &[&str]); 12] = [
    ("tools", &["call", "list"]),
    ("prompts", &["get", "list"]),
    (
        "resources",
        &["read", "list", "templates/list", "subscribe", "unsubscribe"],
    ),
    ("completion", &[]),
    ("logging", &[]),
    ("tasks", &[]),
    ("roots", &[]),
    ("sampling", &[]),
    ("elicitation", &[]),
    ("notifications", &[]),
    ("subscriptions", &[]),
    ("server", &[]),
];

/// What other gates call actions.
const ACTIONS: [(&str, &str); 6] = [
    ("call_tool", "tools/call"),
    ("list_tools", "tools/list"),
    ("get_prompt", "prompts/get"),
    ("list_prompts", "prompts/list"),
    ("read_resource", "resources/read"),
    ("list_resources", "resources/list"),
];

fn is_method(id: &str) -> bool {
    let Some((first, rest)) = id.split_once('/') else {
        return matches!(id, "initialize" | "ping");
    };
    METHODS
        .iter()
        .any(|(name, rests)| *name == first && (rests.is_empty() || rests.contains(&rest)))
}

/// Whether an action may be asked about; where its id names more than the method, all may.
pub(crate) fn is_action(words: &Words, id: &str) -> bool {
    if words.action_id != "{method}" {
        return true;
    }
    let is_renamed = words.methods.values().any(|name| name == id);
    is_renamed || (is_method(id) && !words.methods.contains_key(id))
}

pub(crate) fn no_action(words: &Words, uid: &EntityUID, id: &str) -> String {
    let right = ACTIONS.iter().find(|(name, _)| *name == id);
    let hint = match right {
        Some((_, method)) => format!(
            "write `{}::\"{}\"`, or say in `question` what methods are called",
            words.action,
            words.method(method)
        ),
        None => format!(
            "an action is a method, like `{}::\"{}\"`; the tool is the resource, `{}::\"{}\"`; groups of actions stand in `entities`",
            words.action,
            words.method("tools/call"),
            words.tool,
            words.resource_of("<server>", "<name>")
        ),
    };
    format!("`{uid}` is in no call\nhint: {hint}")
}
