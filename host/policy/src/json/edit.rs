//! Edits: only what they name is written anew; every other byte stays.

use std::borrow::Cow;

use super::{Document, JsonError, JsonLimits, Kind, Pointer, PointerError, Value, pointer};
use crate::verdict::Edit;

/// Why an edit does not apply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The pointer is not well-formed.
    #[error(transparent)]
    Pointer(#[from] PointerError),
    /// The new value is not JSON.
    #[error("the new value at `{pointer}` is {cause}")]
    NotJson {
        /// Where it should go.
        pointer: String,
        /// What is wrong with it.
        cause: JsonError,
    },
    /// There is no object or array to change, or no element to replace.
    #[error("nothing to edit at `{0}`")]
    NoPlace(String),
    /// There is nothing to remove.
    #[error("nothing to remove at `{0}`")]
    NothingToRemove(String),
    /// The edited document breaks a limit.
    #[error("the edited document is {0}")]
    Limits(JsonError),
}

/// Applies edits in order. Each sees what the ones before it left.
pub fn apply_edits(
    document: &Document,
    edits: &[Edit],
    limits: &JsonLimits,
) -> Result<Document, EditError> {
    let mut tree = Tree::Kept(document.root());
    let mut replacements = Vec::with_capacity(edits.len());
    for edit in edits {
        replacements.push(match &edit.json {
            Some(json) => Some(Document::parse(json.as_str(), limits).map_err(|cause| {
                EditError::NotJson {
                    pointer: edit.pointer.clone(),
                    cause,
                }
            })?),
            None => None,
        });
    }
    for (edit, replacement) in edits.iter().zip(&replacements) {
        let tokens: Vec<_> = Pointer::parse(&edit.pointer)?.tokens().collect();
        let replacement = replacement.as_ref().map(Document::root);
        tree.edit(&tokens, replacement, &edit.pointer)?;
    }
    finish(document, &tree, limits)
}

/// Replaces what stands at the pointers with `null`; pointers that match
/// nothing change nothing.
pub fn redact(
    document: &Document,
    pointers: &[String],
    limits: &JsonLimits,
) -> Result<Document, EditError> {
    let null = Document::parse("null", limits).map_err(EditError::Limits)?;
    let mut tree = Tree::Kept(document.root());
    for text in pointers {
        let pointer = Pointer::parse(text)?;
        if document.at(&pointer).is_some() {
            let tokens: Vec<_> = pointer.tokens().collect();
            match tree.edit(&tokens, Some(null.root()), text) {
                // An earlier pointer already removed what stood around it.
                Err(EditError::NoPlace(_)) | Ok(()) => {}
                Err(
                    error @ (EditError::Pointer(_)
                    | EditError::NotJson { .. }
                    | EditError::NothingToRemove(_)
                    | EditError::Limits(_)),
                ) => return Err(error),
            }
        }
    }
    finish(document, &tree, limits)
}

fn finish(
    document: &Document,
    tree: &Tree<'_>,
    limits: &JsonLimits,
) -> Result<Document, EditError> {
    if matches!(tree, Tree::Kept(value) if std::ptr::eq(value.document, document)) {
        return Ok(document.clone());
    }
    let mut text = String::with_capacity(document.text().len());
    tree.write(&mut text);
    Document::parse(text, limits).map_err(EditError::Limits)
}

/// A document with the places on the way to an edit unfolded.
enum Tree<'a> {
    /// Not touched: written as it was.
    Kept(Value<'a>),
    /// Member names as JSON text.
    Object(Vec<(Cow<'a, str>, Tree<'a>)>),
    Array(Vec<Tree<'a>>),
}

impl<'a> Tree<'a> {
    fn edit(
        &mut self,
        tokens: &[Cow<'_, str>],
        replacement: Option<Value<'a>>,
        pointer: &str,
    ) -> Result<(), EditError> {
        let no_place = || EditError::NoPlace(pointer.to_owned());
        let Some((token, deeper)) = tokens.split_first() else {
            *self = Tree::Kept(replacement.ok_or_else(no_place)?);
            return Ok(());
        };
        self.unfold();
        match self {
            Tree::Kept(_) => Err(no_place()),
            Tree::Object(members) => {
                let place = members.iter().position(|(name, _)| name == token);
                match (place, deeper.is_empty(), replacement) {
                    (Some(place), true, None) => {
                        members.remove(place);
                        Ok(())
                    }
                    (None, true, None) => Err(EditError::NothingToRemove(pointer.to_owned())),
                    (None, true, Some(value)) => {
                        members.push((Cow::Owned(token.to_string()), Tree::Kept(value)));
                        Ok(())
                    }
                    (None, false, _) => Err(no_place()),
                    (Some(place), _, replacement) => members
                        .get_mut(place)
                        .ok_or_else(no_place)?
                        .1
                        .edit(deeper, replacement, pointer),
                }
            }
            Tree::Array(elements) => {
                if token == "-" && deeper.is_empty() {
                    elements.push(Tree::Kept(replacement.ok_or_else(no_place)?));
                    return Ok(());
                }
                let place = pointer::array_index(token).ok_or_else(no_place)?;
                if deeper.is_empty() && replacement.is_none() {
                    if place >= elements.len() {
                        return Err(EditError::NothingToRemove(pointer.to_owned()));
                    }
                    elements.remove(place);
                    return Ok(());
                }
                elements
                    .get_mut(place)
                    .ok_or_else(no_place)?
                    .edit(deeper, replacement, pointer)
            }
        }
    }

    /// Opens an untouched object or array by one level.
    fn unfold(&mut self) {
        if let Tree::Kept(value) = self {
            match value.kind() {
                Kind::Object(_) => {
                    *self = Tree::Object(
                        value
                            .members()
                            .map(|(name, value)| (name, Tree::Kept(value)))
                            .collect(),
                    );
                }
                Kind::Array(_) => *self = Tree::Array(value.elements().map(Tree::Kept).collect()),
                Kind::Null | Kind::Boolean(_) | Kind::Number | Kind::Text => {}
            }
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Tree::Kept(value) => out.push_str(value.json()),
            Tree::Object(members) => {
                out.push('{');
                for (place, (name, value)) in members.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    out.push_str(&serde_json::Value::from(name.as_ref()).to_string());
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
            Tree::Array(elements) => {
                out.push('[');
                for (place, value) in elements.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str, edits: &[(&str, Option<&str>)]) -> Result<String, EditError> {
        let limits = JsonLimits::default();
        let document = Document::parse(text, &limits).unwrap();
        let edits: Vec<_> = edits
            .iter()
            .map(|(pointer, json)| Edit {
                pointer: (*pointer).to_owned(),
                json: json.map(str::to_owned),
            })
            .collect();
        apply_edits(&document, &edits, &limits).map(|document| document.text().to_owned())
    }

    #[test]
    fn only_the_named_place_changes() {
        let text = r#"{ "a" : 1.00, "b": [1e2, {"c":"\u0041"}], "d~/": 12345678901234567890123 }"#;
        for (edits, expected) in [
            (
                vec![("/a", Some("2"))],
                r#"{"a":2,"b":[1e2, {"c":"\u0041"}],"d~/":12345678901234567890123}"#,
            ),
            (
                vec![("/b/1/c", None)],
                r#"{"a":1.00,"b":[1e2,{}],"d~/":12345678901234567890123}"#,
            ),
            (
                vec![("/b/-", Some("{}")), ("/b/2/x", Some("[]"))],
                r#"{"a":1.00,"b":[1e2,{"c":"\u0041"},{"x":[]}],"d~/":12345678901234567890123}"#,
            ),
            (vec![("/d~0~1", None), ("/b", None)], r#"{"a":1.00}"#),
            (vec![("", Some("null"))], "null"),
            (vec![], text),
        ] {
            assert_eq!(edited(text, &edits).unwrap(), expected);
        }
    }

    #[test]
    fn an_edit_that_does_not_apply_is_an_error() {
        for (pointer, json) in [
            ("a", Some("1")),
            ("/a/b", Some("1")),
            ("/x/y", Some("1")),
            ("/l/7", Some("1")),
            ("/l/-", None),
            ("/l/1", None),
            ("/x", None),
            ("", None),
            ("/a", Some("{")),
            ("/a", Some(r#"{"k":1,"k":2}"#)),
        ] {
            assert!(
                edited(r#"{"a":1,"l":[0]}"#, &[(pointer, json)]).is_err(),
                "{pointer} {json:?}"
            );
        }
    }

    #[test]
    fn redaction_skips_what_is_not_there() {
        let limits = JsonLimits::default();
        let document = Document::parse(r#"{"a":{"b":1},"c":2}"#, &limits).unwrap();
        let pointers = ["/a", "/a/b", "/nope"].map(str::to_owned);
        let text = redact(&document, &pointers, &limits)
            .unwrap()
            .text()
            .to_owned();
        assert_eq!(text, r#"{"a":null,"c":2}"#);
    }
}
