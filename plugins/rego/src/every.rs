//! `every x in xs { x = 1 }`: the interpreter does not know in the body that `x` has a value, and
//! gives it another. The body gives it its value first.

use regorus::PolicyLengthConfig;
use regorus::unstable::Literal;

use crate::bodies::{parsed, queries};
use crate::edits::Edits;
use crate::places::Places;
use crate::token::{Kind, tokens};

/// What the names of `every` are called outside of its body.
const EACH: &str = "each__";

/// The module with the names of `every` in its bodies. One that cannot be parsed is left as it
/// is, for a better message.
pub(crate) fn translated(text: String, lengths: &PolicyLengthConfig) -> String {
    let tokens = tokens(&text);
    let mut names = tokens.iter().map(|token| token.kind);
    if !names.any(|kind| kind == Kind::Name("every")) {
        return text;
    }
    let Some(module) = parsed(&text, lengths) else {
        return text;
    };
    let places = Places::new(&text, &tokens);
    let each = places.unused(EACH);
    let mut count = 0_usize;
    let mut edits = Edits::default();
    for query in queries(&module) {
        for statement in &query.stmts {
            let Literal::Every {
                key, value, query, ..
            } = &statement.literal
            else {
                continue;
            };
            let Some(first) = query.stmts.first() else {
                continue;
            };
            let mut given = String::new();
            let named = key.iter().chain([value]).filter(|name| name.text() != "_");
            for name in named {
                count += 1;
                let (from, to) = (places.begin(name.start), places.end(name.end));
                edits.replace(from, to, format!("{each}{count}"));
                given.push_str(&format!("{} := {each}{count}; ", name.text()));
            }
            edits.insert(places.begin(first.span.start), given);
        }
    }
    edits.applied(&text)
}
