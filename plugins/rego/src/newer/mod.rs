//! Rego that the interpreter's parser does not know, written in the words that it knows:
//! texts with expressions in them, `and`, `or`, bodies that are negated, and builtins that
//! are called with their value as the last argument.
//!
//! Lines stay where they are, so that messages name the right one.

mod keywords;
mod logic;
pub(crate) mod mocks;
mod names;
mod outputs;
mod templates;
mod tree;
mod walks;

use crate::token::tokens;
use keywords::Keywords;

/// The module, as the interpreter reads it.
pub(crate) fn translated(module: &str) -> Result<String, String> {
    let module = templates::translated(module, 0)?;
    let module = walks::translated(&names::translated(&module))?;
    let module = outputs::translated(&module);
    let tokens = tokens(&module);
    let keywords = Keywords::imported(&tokens);
    match keywords == Keywords::default() {
        true => Ok(module),
        false => logic::translated(&module, &tokens, keywords),
    }
}

/// Whether `not` takes bodies in a module, with the import for that: what is in one is
/// evaluated in it, and not before.
pub(crate) fn negates_bodies(module: &str) -> bool {
    Keywords::imported(&tokens(module)).not
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(imports: &[&str], body: &str) -> String {
        let imports = imports.iter();
        let imports: String = imports
            .map(|keyword| format!("import future.keywords.{keyword}\n"))
            .collect();
        let module = format!("package p\n{imports}p if {{ {body} }}\n");
        let translated = translated(&module).unwrap();
        assert_eq!(translated.lines().count(), module.lines().count());
        let rule = translated.lines().last().unwrap();
        let rule = rule.strip_prefix("p if { ").unwrap();
        rule.strip_suffix(" }").unwrap().to_owned()
    }

    #[test]
    fn conditions_are_put_in_comprehensions() {
        for (written, read) in [
            ("a or b", "[1 | [1 | a] == []; [1 | b] == []] == []"),
            ("a and b", "[1 | [1 | a] != []; [1 | b] != []] != []"),
            (
                "a and b or c",
                "[1 | [1 | [1 | a] != []; [1 | b] != []] == []; [1 | c] == []] == []",
            ),
            (
                "(a or b) and c",
                "[1 | [1 | ([1 | [1 | a] == []; [1 | b] == []] == [])] != []; [1 | c] != []] != []",
            ),
            (
                "{ x := 1; x > 2 } or b",
                "[1 | [1 | x := 1; x > 2 ] == []; [1 | b] == []] == []",
            ),
            ("not { a }", "[1 | a ] == []"),
            ("not a or b", "[1 | [1 | not a] == []; [1 | b] == []] == []"),
            (
                "not { a or b }",
                "[1 | [1 | [1 | a] == []; [1 | b] == []] == [] ] == []",
            ),
            (
                "x := 1; a or b with input as 1; y",
                "x := 1; [1 | [1 | a] == []; [1 | b] == []] == [] with input as 1; y",
            ),
            ("not x.not; y[\"or\"]; z.and", "not x.not; y[\"or\"]; z.and"),
            ("x := or({1}, {2})", "x := or({1}, {2})"),
        ] {
            assert_eq!(body(&["not", "and", "or"], written), read, "{written}");
        }
    }

    #[test]
    fn without_the_import_they_are_names() {
        for written in ["x := or({1}, {2})", "not x", "and := 1; or := and"] {
            assert_eq!(body(&[], written), written);
        }
    }

    #[test]
    fn values_as_last_arguments_are_unified() {
        for (written, read) in [
            ("io.jwt.decode(t, x)", "x = io.jwt.decode(t)"),
            (
                "io.jwt.decode(t, [_, x, _],)",
                "[_, x, _] = io.jwt.decode(t)",
            ),
            (
                "not regex.match(a, io.jwt.decode(b, c), d)",
                "not d = regex.match(a, c = io.jwt.decode(b))",
            ),
            ("io.jwt.decode(t); sum(a, x)", "io.jwt.decode(t); sum(a, x)"),
            ("x.io.jwt.decode(t, y)", "x.io.jwt.decode(t, y)"),
        ] {
            assert_eq!(body(&[], written), read, "{written}");
        }
    }

    #[test]
    fn names_that_begin_with_a_keyword_are_others() {
        let module = "package p\nnot.x := 1\ny if not.x == data.p.not.x\nz if not input.not.x";
        let read = "package p\nnot__.x := 1\ny if not__.x == data.p.not__.x\nz if not input.not.x";
        assert_eq!(translated(module).unwrap(), read);
        let other = "package p\nimport data.p.not.x\ny if data.p.not.x == 1";
        assert_eq!(translated(other).unwrap(), other);
    }

    #[test]
    fn texts_with_expressions_are_calls() {
        for (written, read) in [
            (
                "x := $\"a{b}c\"",
                "x := internal.template_string([\"a\", {v__ | v__ := b}, \"c\"])",
            ),
            (
                "x := $\"\\{a}\"",
                "x := internal.template_string([\"{a}\"])",
            ),
            (
                "x := $`\\d{$\"{b[\"}\"]}\"}`",
                "x := internal.template_string([\"\\\\d\", {v__ | v__ := internal.template_string([{v__ | v__ := b[\"}\"]}])}])",
            ),
            ("x := \"$\"; y := \"{a}\"", "x := \"$\"; y := \"{a}\""),
        ] {
            assert_eq!(body(&[], written), read, "{written}");
        }
        for wrong in ["x := $\"{a\"", "x := $\"{}\"", "x := $\"a"] {
            assert!(translated(wrong).is_err(), "{wrong}");
        }
    }
}
