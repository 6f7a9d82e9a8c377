//! Words that a member of `input` never has: a comparison with one is in vain.

use regorus::unstable::{Expr, Ref};

use crate::syntax::{line, path, text};

/// Members of `input` that have few values.
const WORDS: [(&[&str], &[&str]); 3] = [
    (
        &["input", "action", "hints"],
        &[
            "read-only",
            "destructive",
            "idempotent",
            "open-world",
            "untrusted",
            "sensitive",
        ],
    ),
    (&["input", "action", "purpose"], &["call", "listing"]),
    (
        &["input", "subject", "proof"],
        &["none", "bearer", "sender", "call"],
    ),
];

/// A value that a member never has is compared in vain.
pub(crate) fn check(expression: &Ref<Expr>) -> Result<(), String> {
    let (member, word) = match expression.as_ref() {
        Expr::Membership {
            value, collection, ..
        } => (collection, value),
        Expr::BoolExpr { lhs, rhs, .. } | Expr::AssignExpr { lhs, rhs, .. } => match text(lhs) {
            Some(_) => (rhs, lhs),
            None => (lhs, rhs),
        },
        _ => return Ok(()),
    };
    // With an index behind it, it is one of the list.
    let member = match member.as_ref() {
        Expr::RefBrack { refr, .. } => refr,
        _ => member,
    };
    let (Some(path), Some(word)) = (path(member), text(word)) else {
        return Ok(());
    };
    let known = WORDS.iter().find(|(member, _)| {
        let names = path.iter().map(String::as_str);
        names.eq(member.iter().copied())
    });
    match known {
        Some((member, words)) if !words.contains(&word.as_str()) => Err(format!(
            "line {}: `{}` is never `{word}`\nhint: it is one of `{}`",
            line(expression),
            member.join("."),
            words.join("`, `")
        )),
        Some(_) | None => Ok(()),
    }
}
