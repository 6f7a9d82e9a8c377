//! What is found in itself: a text in one that it is a piece of, a value in a list that
//! names it.

use sqlparser::ast::{BinaryOperator, Expr, Value as Literal};

use crate::expression::{
    arguments, bare, elements, function_name, makes_a_list, names_no_column, same, uncast,
};

/// The pieces that a text is joined of.
pub(crate) fn pieces<'a>(expr: &'a Expr, into: &mut Vec<&'a Expr>) {
    match bare(expr) {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::StringConcat,
            right,
        } => {
            pieces(left, into);
            pieces(right, into);
        }
        // Of T-SQL, beside a text.
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Plus,
            right,
        } if is_written_text(left) || is_written_text(right) => {
            pieces(left, into);
            pieces(right, into);
        }
        Expr::Function(function) if function_name(function) == "concat" => {
            for argument in arguments(function).unwrap_or_default() {
                pieces(argument, into);
            }
        }
        // The enum is the parser's.
        other => into.push(other),
    }
}

/// What a function that looks for one of its arguments in the other gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// The place, from 1 on.
    Place,
    /// The first place.
    First,
    /// Whether it is there.
    There,
    /// How far they are from each other.
    Nothing,
    /// How alike they are.
    One,
}

/// What the function gives, where what it looks for is there, whatever the row.
pub(crate) fn found(name: &str, all: &[&Expr]) -> Option<Found> {
    let (first, second) = match all {
        [first, second, ..] => (*first, *second),
        _ => return None,
    };
    let alike = || same(first, second) && !names_no_column(first);
    match name {
        "instr" | "strpos" | "regexp_count" | "position_in" if all.len() == 2 => {
            place(first, second)
        }
        "locate" | "charindex" | "position" if all.len() == 2 => {
            place(second, first).or_else(|| place(first, second))
        }
        "find_in_set" => lists(second, first).then_some(Found::Place),
        "array_position" | "list_position" | "list_indexof" | "indexof" | "array_indexof" => {
            let is_first = elements(uncast(first))
                .first()
                .is_some_and(|one| same(one, second));
            match is_first {
                true => Some(Found::First),
                false => lists(first, second).then_some(Found::Place),
            }
        }
        "contains" | "starts_with" | "startswith" | "ends_with" | "endswith" | "prefix"
        | "suffix" | "contains_substr" | "json_contains" | "json_overlaps" => {
            let held = alike() || lists(first, second) || holds_piece(name, first, second);
            held.then_some(Found::There)
        }
        "has"
        | "array_contains"
        | "array_has"
        | "list_contains"
        | "list_has"
        | "json_array_contains" => {
            (lists(first, second) || lists(second, first)).then_some(Found::There)
        }
        "arrays_overlap" | "array_overlap" | "array_overlaps" | "list_has_any" | "hasany"
        | "array_has_any" | "hasall" | "array_has_all" | "list_has_all" | "array_contains_all"
        | "st_equals" | "st_contains" | "st_within" | "st_covers" | "st_coveredby"
        | "st_intersects" | "st_orderingequals" | "range_overlaps" => {
            alike().then_some(Found::There)
        }
        "levenshtein"
        | "editdistance"
        | "edit_distance"
        | "hamming"
        | "hamming_distance"
        | "strcmp"
        | "st_distance"
        | "cosine_distance"
        | "l2_distance"
        | "l1_distance"
        | "array_distance"
        | "array_cosine_distance"
        | "list_distance"
        | "levenshteindistance"
        | "damerau_levenshtein"
        | "months_between" => alike().then_some(Found::Nothing),
        "similarity"
        | "word_similarity"
        | "strict_word_similarity"
        | "jaccard"
        | "jaro_similarity"
        | "jaro_winkler_similarity"
        | "cosine_similarity"
        | "div"
        | "intdiv" => alike().then_some(Found::One),
        _ => None,
    }
}

/// Where the second is found in the first.
pub(crate) fn place(whole: &Expr, part: &Expr) -> Option<Found> {
    if names_no_column(part) {
        return None;
    }
    let mut all = Vec::new();
    pieces(whole, &mut all);
    let at = all.iter().position(|piece| same(piece, part))?;
    Some(match at {
        0 => Found::First,
        _ => Found::Place,
    })
}

/// Whether a piece of the text stands where the function looks for it.
fn holds_piece(name: &str, whole: &Expr, part: &Expr) -> bool {
    let mut all = Vec::new();
    pieces(whole, &mut all);
    if all.len() < 2 || names_no_column(part) {
        return false;
    }
    let is_part = |piece: &&Expr| same(piece, part);
    match name {
        "starts_with" | "startswith" | "prefix" => all.first().is_some_and(is_part),
        "ends_with" | "endswith" | "suffix" => all.last().is_some_and(is_part),
        _ => all.iter().any(is_part),
    }
}

/// Whether the value is one of a list that is written out: `ARRAY[1, id]`,
/// `JSON_ARRAY(id)`, of `FIND_IN_SET` also `CONCAT_WS(',', id, 1)`.
pub(crate) fn lists(list: &Expr, wanted: &Expr) -> bool {
    if names_no_column(wanted) {
        return false;
    }
    let is_wanted = |one: &&Expr| same(uncast(one), uncast(wanted));
    match uncast(list) {
        array @ Expr::Array(_) => elements(array).iter().any(|one| is_wanted(&one)),
        Expr::Function(function) => {
            let name = function_name(function);
            let is_list = name == "concat_ws" || makes_a_list(&name);
            is_list && arguments(function).is_some_and(|all| all.iter().any(is_wanted))
        }
        other => same(other, uncast(wanted)),
    }
}

fn is_written_text(expr: &Expr) -> bool {
    matches!(bare(expr), Expr::Value(literal)
        if matches!(literal.value, Literal::SingleQuotedString(_)))
}
