//! Scopes and constraints from the text that a credential has.

use gatewright_policy::json::{Document, JsonLimits};
use gatewright_policy::scope::{Arguments, Constraint, DetailsError, Scope, check, read_details};
use serde_json::{Value as Json, json};

pub(crate) fn document(text: &str) -> Document {
    Document::parse(text, &JsonLimits::default()).unwrap()
}

pub(crate) fn details(text: &str) -> Result<Vec<Scope>, DetailsError> {
    read_details(document(text).root())
}

/// The one scope of a tool with these arguments.
pub(crate) fn scope(arguments: &Json, others: bool) -> Scope {
    let entry = json!([{
        "type": "mcp_tools", "actions": ["files:read"],
        "arguments": arguments, "other_arguments": others,
    }]);
    details(&entry.to_string()).unwrap().remove(0)
}

/// The constraint of a JSON text.
pub(crate) fn constraint(text: &str) -> Result<Constraint, DetailsError> {
    let entry =
        format!(r#"[{{"type":"mcp_tools","actions":["a:b"],"arguments":{{"/x":{text}}}}}]"#);
    let scopes = details(&entry)?;
    let arguments: &Arguments = scopes.first().unwrap().arguments().unwrap();
    Ok(arguments.at("/x").unwrap().clone())
}

pub(crate) fn admits(constraint_text: &str, value: &str) -> bool {
    check(
        &constraint(constraint_text).unwrap(),
        document(value).root(),
    )
}
