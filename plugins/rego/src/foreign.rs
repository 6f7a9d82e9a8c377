//! What a module says that means nothing here, and would be taken in silence: members of
//! `input` that no call has, and a set where a body was meant. A rule that denies by such a
//! word would never do it.

use crate::input::{ACTION, CONTEXT, SUBJECT};
use crate::token::{Kind, Token, tokens};

/// What `input` has.
const INPUT: [&str; 4] = ["subject", "action", "context", "arguments"];

/// What other gates call things, and what they are called here.
const NAMES: [(&str, &str); 36] = [
    ("tool", "input.action.name"),
    ("tool_name", "input.action.name"),
    ("toolName", "input.action.name"),
    ("name", "input.action.name"),
    ("resource", "input.action.name"),
    ("server", "input.action.server"),
    ("method", "input.action.method"),
    ("params", "input.arguments"),
    ("parameters", "input.arguments"),
    ("args", "input.arguments"),
    ("body", "input.arguments"),
    ("request", "input.arguments"),
    ("attributes", "input.arguments"),
    ("user", "input.subject.principal"),
    ("username", "input.subject.principal"),
    ("principal", "input.subject.principal"),
    ("identity", "input.subject.id"),
    ("agent", "input.subject.id"),
    ("client", "input.subject.id"),
    ("claims", "input.subject.claims"),
    ("token", "input.subject.claims"),
    ("jwt", "input.subject.claims"),
    ("scope", "input.subject.scopes"),
    ("scopes", "input.subject.scopes"),
    ("roles", "input.subject.claims"),
    ("groups", "input.subject.claims"),
    ("labels", "input.context.labels"),
    ("session", "input.context.session"),
    ("time", "input.context.at"),
    ("timestamp", "input.context.at"),
    ("now", "input.context.at"),
    ("history", "input.context.history"),
    ("approvals", "input.context.approvals"),
    ("hints", "input.action.hints"),
    ("annotations", "input.action.hints"),
    ("purpose", "input.action.purpose"),
];

/// Refuses a module with a word that would be passed over.
pub(crate) fn check(module: &str) -> Result<(), String> {
    let tokens = tokens(module);
    check_negations(&tokens)?;
    // There, `input` may be anything that the module makes.
    let is_replaced = tokens
        .windows(2)
        .any(|pair| matches!(pair, [with, input] if is(with, "with") && is(input, "input")));
    if is_replaced {
        return Ok(());
    }
    check_members(&tokens)
}

/// With the import, such a body is a condition, and has been written otherwise by now.
fn check_negations(tokens: &[Token<'_>]) -> Result<(), String> {
    for (place, token) in tokens.iter().enumerate() {
        let next = tokens.get(place + 1);
        let is_negated_body = is(token, "not")
            && next.is_some_and(|next| next.kind == Kind::Sign('{'))
            && !is_member(tokens, place);
        if is_negated_body {
            return Err(format!(
                "line {}: `not {{ .. }}` is read as a set, which is never false\nhint: `import future.keywords.not` makes a body of it",
                token.line
            ));
        }
    }
    Ok(())
}

fn check_members(tokens: &[Token<'_>]) -> Result<(), String> {
    for (place, token) in tokens.iter().enumerate() {
        if !is(token, "input") || is_member(tokens, place) {
            continue;
        }
        let rest = tokens.get(place + 1..).unwrap_or_default();
        let Some((member, behind)) = member(rest) else {
            continue;
        };
        let known: &[&str] = match member {
            "subject" => &SUBJECT,
            "action" => &ACTION,
            "context" => &CONTEXT,
            "arguments" => continue,
            _ => {
                return Err(unknown(token.line, "input", member, &INPUT));
            }
        };
        if let Some((inner, _)) = self::member(behind)
            && !known.contains(&inner)
        {
            return Err(unknown(
                token.line,
                &format!("input.{member}"),
                inner,
                known,
            ));
        }
    }
    Ok(())
}

fn unknown(line: usize, object: &str, member: &str, known: &[&str]) -> String {
    let right = NAMES
        .iter()
        .find(|(name, _)| *name == member)
        .map(|(_, right)| format!("`{right}` is what a call has; "))
        .unwrap_or_default();
    let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    format!(
        "line {line}: `{object}.{member}` is in no call\nhint: {right}`{object}` has {}",
        known.join(", ")
    )
}

fn is(token: &Token<'_>, name: &str) -> bool {
    token.kind == Kind::Name(name)
}

/// Whether a name is a member of what stands before it.
fn is_member(tokens: &[Token<'_>], place: usize) -> bool {
    place
        .checked_sub(1)
        .and_then(|before| tokens.get(before))
        .is_some_and(|before| before.kind == Kind::Sign('.'))
}

/// The member that a reference goes on with, if it is written out, and what
/// stands behind it.
fn member<'a, 'b>(tokens: &'b [Token<'a>]) -> Option<(&'a str, &'b [Token<'a>])> {
    match tokens {
        [dot, name, rest @ ..] if dot.kind == Kind::Sign('.') && dot.follows => match name.kind {
            Kind::Name(name) => Some((name, rest)),
            Kind::Text(_) | Kind::Sign(_) => None,
        },
        [open, text, close, rest @ ..]
            if open.kind == Kind::Sign('[') && open.follows && close.kind == Kind::Sign(']') =>
        {
            match text.kind {
                Kind::Text(name) => Some((name, rest)),
                Kind::Name(_) | Kind::Sign(_) => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_would_be_passed_over_are_refused() {
        for (module, right) in [
            (
                "deny contains 1 if input.tool_name == \"drop\"",
                "input.action.name",
            ),
            ("x if input[\"user\"] == 1", "input.subject.principal"),
            ("x if input.subject.role == 1", "`input.subject` has `id`"),
            ("x if \"a\" in input.subject.groups", "input.subject.claims"),
            ("x if input[\"action\"].tool == 1", "input.action.name"),
            ("x if input.context.time > 1", "input.context.at"),
            ("import input.request as r", "input.arguments"),
            ("x if {\n  input.resource_changes[_]\n}", "line 2"),
            (
                "deny contains 1 if not { false }",
                "`import future.keywords.not`",
            ),
            (
                "deny contains 1 if not{ false }",
                "`import future.keywords.not`",
            ),
        ] {
            let error = check(module).unwrap_err();
            assert!(error.contains(right), "{module}: {error}");
        }
    }

    #[test]
    fn what_a_call_has_is_taken() {
        for module in [
            "x if input.action.name == \"a\"; input.subject.scopes[_] == 1",
            "x if input.arguments.tool_name == 1",
            "x if input[name]; input.action[name]; data.input.tool; y.input.z",
            "# input.tool\nx := \"input.tool\"",
            "x := {input: 1}",
            "x if check with input as input.arguments\ncheck if input.tool",
            "import future.keywords.in\nimport rego.v1\nx if not y; z := {\"not\": {1}}",
            "x if not y.not\nz := {1}",
            "walk(input, [p, v])",
        ] {
            assert_eq!(check(module), Ok(()), "{module}");
        }
    }
}
