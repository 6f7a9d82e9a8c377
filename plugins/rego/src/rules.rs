//! The rules that answers are noted by: those of a decision document, where the module
//! gives no id of its own.

use gatewright_sdk::{Description, Powers};

pub(crate) const DENY: &str = "deny";
pub(crate) const ASK: &str = "ask";
pub(crate) const ALLOW: &str = "allow";
pub(crate) const OBLIGATIONS: &str = "obligations";
/// No rule of the module speaks of the call.
pub(crate) const OTHERWISE: &str = "otherwise";
/// The arguments cannot be read.
pub(crate) const ARGUMENTS: &str = "arguments";

/// What the policy is.
pub fn about() -> Description {
    let powers = Powers::ALLOW
        | Powers::DENY
        | Powers::ASK
        | Powers::CHARGE
        | Powers::LABEL
        | Powers::DECLASSIFY
        | Powers::REDACT
        | Powers::LIMIT_RESULT;
    Description::new(powers)
        .with_schema(include_str!("../settings.schema.json"))
        .with_rule(DENY, "`deny` of the module holds")
        .with_rule(ASK, "`ask` of the module wants a person to agree")
        .with_rule(ALLOW, "`allow` of the module says yes or no")
        .with_rule(OBLIGATIONS, "`obligations` of the module are owed")
        .with_rule(OTHERWISE, "No rule of the module speaks of the call")
        .with_rule(ARGUMENTS, "The arguments have a shape that Rego can hold")
}
