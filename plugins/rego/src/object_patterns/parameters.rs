//! Parameters that are taken apart: they get names, and each body takes them apart first. So are
//! those with a name that stands in one before: the interpreter would give it another value.

use std::collections::BTreeSet;

use regorus::unstable::{Rule, RuleHead};

use super::pattern::{conditions, has_object, names, repeated};
use crate::bodies::is_movable;
use crate::edits::Edits;
use crate::places::Places;

/// What changes for the parameters of a rule.
pub(super) struct Moved {
    pub(super) edits: Edits,
    /// What bodies begin with, by their numbers.
    pub(super) begins: Vec<(u32, String)>,
    /// The parameters that are moved.
    pub(super) answered: BTreeSet<u32>,
}

/// Nothing, where none is moved, or one cannot be.
pub(super) fn moved(
    rule: &Rule,
    places: &Places<'_>,
    imported: &BTreeSet<String>,
    next_whole: &mut dyn FnMut() -> String,
) -> Option<Moved> {
    let Rule::Spec { span, head, bodies } = rule else {
        return None;
    };
    let RuleHead::Func { refr, args, .. } = head else {
        return None;
    };
    let moved: BTreeSet<u32> = args
        .iter()
        .zip(repeated(args))
        .filter(|(arg, is_repeated)| *is_repeated || has_object(arg))
        .map(|(arg, _)| arg.eidx())
        .collect();
    if moved.is_empty() {
        return None;
    }
    let mut all = Vec::new();
    args.iter().for_each(|arg| names(arg, &mut all));
    let found = places.arguments(places.end(refr.span().end));
    if found.len() != args.len() {
        return None;
    }
    let mut begin = Vec::new();
    let mut edits = Edits::default();
    for (arg, (from, to)) in args.iter().zip(found) {
        if !moved.contains(&arg.eidx()) {
            continue;
        }
        let whole = next_whole();
        let text = places.moved(from, to).filter(|_| is_movable(arg));
        let (Some(text), Some(asked)) = (text, conditions(arg, &whole)) else {
            return None;
        };
        edits.replace(from, to, whole.clone() + &places.lines(from, to));
        let mut own = Vec::new();
        names(arg, &mut own);
        let is_once = |name: &&str| all.iter().filter(|it| *it == name).count() == 1;
        let sign = match own.iter().all(is_once) {
            true if own.is_empty() => "=",
            true => ":=",
            // `=` would compare with what is imported.
            false if own.iter().any(|name| imported.contains(*name)) => return None,
            false => "=",
        };
        begin.push(format!("{text} {sign} {whole}"));
        begin.extend(asked);
    }
    let begin = begin.join("; ");
    let mut begins = Vec::new();
    for body in bodies {
        match body.query.stmts.is_empty() {
            true if body.is_else => {
                edits.insert(places.end(body.span.end), format!(" if {{ {begin} }}"));
            }
            true => return None,
            false => {
                begins.push((body.query.qidx, begin.clone()));
            }
        }
    }
    if bodies.is_empty() {
        edits.insert(places.end(span.end), format!(" if {{ {begin} }}"));
    }
    Some(Moved {
        edits,
        begins,
        answered: moved,
    })
}
