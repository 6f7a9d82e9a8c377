//! Functions that undo another one, or that change nothing a second time:
//! `unhex(hex(a))`, `upper(lower(a))`.

use sqlparser::ast::{BinaryOperator, Expr};

use crate::expression::{arguments, bare, function_name, names_no_column, same};

/// What a function of a function gives.
pub(crate) enum Undone<'a> {
    /// What the inner one was called with.
    Argument(&'a Expr),
    /// The same as the outer one, called with that.
    Outer(&'a Expr),
    /// What the inner one gives.
    Inner(&'a Expr),
}

/// Pairs of functions, of which the second undoes the first. The other way round a text
/// that is none of that form is left out: `hex(unhex(a)) = a`.
const PAIRS: [(&str, &str); 20] = [
    ("reverse", "reverse"),
    ("hex", "unhex"),
    ("to_hex", "from_hex"),
    ("hex_encode", "hex_decode_string"),
    ("to_base64", "from_base64"),
    ("base64encode", "base64decode"),
    ("base64_encode", "base64_decode_string"),
    ("base64", "unbase64"),
    ("json_quote", "json_unquote"),
    ("inet_ntoa", "inet_aton"),
    ("inet6_ntoa", "inet6_aton"),
    ("ln", "exp"),
    ("exp", "ln"),
    ("degrees", "radians"),
    ("radians", "degrees"),
    ("from_days", "to_days"),
    ("from_unixtime", "unix_timestamp"),
    ("rowidtochar", "chartorowid"),
    ("rawtohex", "hextoraw"),
    ("bin_to_uuid", "uuid_to_bin"),
];

/// Pairs of which the second undoes the first where what is beside their first argument is the same:
/// `convert_from(convert_to(a, 'UTF8'), 'UTF8')`.
const PAIRS_WITH_REST: [(&str, &str); 7] = [
    ("encode", "decode"),
    ("convert_to", "convert_from"),
    ("aes_encrypt", "aes_decrypt"),
    ("to_binary", "to_varchar"),
    ("bitxor", "bitxor"),
    ("bit_xor", "bit_xor"),
    ("xor", "xor"),
];

/// Functions of which the outer one decides alone.
const CASES: [&str; 5] = ["lower", "upper", "lcase", "ucase", "initcap"];

/// Functions that change nothing a second time, and within those after the dash nothing
/// either: what is trimmed on both sides is on one.
const AGAIN: [(&str, &[&str]); 12] = [
    ("abs", &["length", "char_length", "octet_length", "sqrt"]),
    (
        "floor",
        &["ceil", "ceiling", "round", "trunc", "sign", "length"],
    ),
    ("ceil", &["floor", "round", "trunc", "sign", "length"]),
    ("ceiling", &["floor", "round", "trunc", "sign", "length"]),
    (
        "round",
        &["floor", "ceil", "ceiling", "trunc", "sign", "length"],
    ),
    (
        "trunc",
        &["floor", "ceil", "ceiling", "round", "sign", "length"],
    ),
    ("sign", &[]),
    ("trim", &["btrim"]),
    ("btrim", &["trim"]),
    ("ltrim", &["trim", "btrim"]),
    ("rtrim", &["trim", "btrim"]),
    ("quote_nullable", &[]),
];

/// What is left of a function of a function, where one of them does nothing.
pub(crate) fn undone<'a>(outer: &str, all: &[&'a Expr]) -> Option<Undone<'a>> {
    let (first, rest) = all.split_first()?;
    let inner = match bare(first) {
        Expr::Function(function) => function,
        // The enum is the parser's.
        _ => return None,
    };
    let name = function_name(inner);
    let name = name.as_str();
    let within = arguments(inner)?;
    let (argument, inner_rest) = within.split_first()?;
    let are = |pair: &(&str, &str)| *pair == (name, outer);
    let is_same_rest = rest.len() == inner_rest.len() && rest.iter().eq(inner_rest.iter());
    if rest.is_empty() && inner_rest.is_empty() {
        if PAIRS.iter().any(are) {
            return Some(Undone::Argument(argument));
        }
        if CASES.contains(&outer) && CASES.contains(&name) && !names_no_column(argument) {
            return Some(Undone::Outer(letters(argument)));
        }
        let (_, inside) = AGAIN.iter().find(|(again, _)| *again == outer)?;
        return (outer == name || inside.contains(&name)).then_some(Undone::Inner(first));
    }
    (is_same_rest && PAIRS_WITH_REST.iter().any(are)).then_some(Undone::Argument(argument))
}

/// What is within an expression that changes nothing of it: what is trimmed stays so.
pub(crate) fn settled(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Trim {
            expr: inner,
            trim_where,
            trim_what,
            trim_characters,
        } => match bare(inner) {
            Expr::Trim {
                trim_where: place,
                trim_what: what,
                trim_characters: characters,
                ..
            } => (place == trim_where && what == trim_what && characters == trim_characters)
                .then_some(inner.as_ref()),
            // The enum is the parser's.
            _ => None,
        },
        Expr::Floor { expr: inner, .. } | Expr::Ceil { expr: inner, .. } => {
            matches!(bare(inner), Expr::Floor { .. } | Expr::Ceil { .. }).then_some(inner.as_ref())
        }
        // The enum is the parser's.
        _ => None,
    }
}

/// What the cases of a text are changed of.
fn letters(text: &Expr) -> &Expr {
    match bare(text) {
        Expr::Function(function) if CASES.contains(&function_name(function).as_str()) => {
            match arguments(function).as_deref() {
                Some([only]) => letters(only),
                Some(_) | None => text,
            }
        }
        // The enum is the parser's.
        _ => text,
    }
}

/// What is left of an operation that undoes the one within it: `(a # 5) # 5`,
/// `(a << 1) >> 1`, `(a * b) / b`.
pub(crate) fn undone_operator<'a>(
    left: &'a Expr,
    op: &BinaryOperator,
    right: &Expr,
    caret_is_power: bool,
) -> Option<&'a Expr> {
    use BinaryOperator as Op;
    let (first, within, second) = match bare(left) {
        Expr::BinaryOp { left, op, right } => (left.as_ref(), op, right.as_ref()),
        // The enum is the parser's.
        _ => return None,
    };
    let undoes = match (op, within) {
        (Op::BitwiseXor, Op::BitwiseXor) => !caret_is_power,
        (Op::PGBitwiseXor, Op::PGBitwiseXor)
        | (Op::PGBitwiseShiftRight, Op::PGBitwiseShiftLeft)
        // Not the other way: `a / 2 * 2` cuts a rest off.
        | (Op::Divide, Op::Multiply) => true,
        // The enum is the parser's.
        _ => false,
    };
    if !undoes {
        return None;
    }
    let swaps = !matches!(within, Op::PGBitwiseShiftLeft);
    match (same(second, right), swaps && same(first, right)) {
        (true, _) => Some(first),
        (false, true) => Some(second),
        (false, false) => None,
    }
}
