//! Arguments that a schema does not name.

use crate::json::{Kind, Pointer, Value};

/// Deepest argument, and longest chain of references, that is looked at. What is deeper is
/// named by nobody.
const DEPTH_MAX: usize = 64;

/// Most subschemas that one place in the arguments may stand under.
const SUBSCHEMAS_MAX: usize = 64;

/// The first member of the arguments, as a JSON Pointer, that stands under no name in the
/// schema. Without a schema that is the first member that there is.
///
/// Named is what stands in `properties` of a schema that may apply there, through
/// `items`, `prefixItems`, `$ref` into the same document, `allOf`, `anyOf`, `oneOf`, `then`
/// and `else`. What `additionalProperties` and `patternProperties` let in has no name: no
/// matter what they say, nobody wrote down what it is for.
pub fn unnamed(schema: Option<Value<'_>>, arguments: Value<'_>) -> Option<String> {
    let schemas = match schema {
        Some(schema) => spread(schema, &[schema]),
        None => Vec::new(),
    };
    let root = schema.unwrap_or(arguments);
    walk(root, &schemas, arguments, "", 0)
}

fn walk(
    root: Value<'_>,
    schemas: &[Value<'_>],
    value: Value<'_>,
    at: &str,
    depth: usize,
) -> Option<String> {
    let below = |token: &str| format!("{at}/{}", token.replace('~', "~0").replace('/', "~1"));
    match value.kind() {
        Kind::Object(_) => {
            for (name, member) in value.members() {
                let properties = schemas.iter().filter_map(|schema| schema.get("properties"));
                let named: Vec<_> = properties.filter_map(|it| it.get(&name)).collect();
                if named.is_empty() || depth >= DEPTH_MAX {
                    return Some(below(&name));
                }
                let named = spread(root, &named);
                if let Some(found) = walk(root, &named, member, &below(&name), depth + 1) {
                    return Some(found);
                }
            }
            None
        }
        Kind::Array(_) => {
            for (index, element) in value.elements().enumerate() {
                let of_all = schemas.iter().filter_map(|schema| schema.get("items"));
                let of_one = schemas.iter().filter_map(|schema| {
                    let items = schema.get("prefixItems")?;
                    items.elements().nth(index)
                });
                let of_element: Vec<_> = of_all.chain(of_one).collect();
                if depth >= DEPTH_MAX {
                    return Some(below(&index.to_string()));
                }
                let of_element = spread(root, &of_element);
                let at = below(&index.to_string());
                if let Some(found) = walk(root, &of_element, element, &at, depth + 1) {
                    return Some(found);
                }
            }
            None
        }
        Kind::Null | Kind::Boolean(_) | Kind::Number | Kind::Text => None,
    }
}

/// The schemas, and all that they hand on to.
fn spread<'a>(root: Value<'a>, schemas: &[Value<'a>]) -> Vec<Value<'a>> {
    let mut spread: Vec<Value<'a>> = Vec::new();
    let mut waiting: Vec<Value<'a>> = schemas.to_vec();
    while let Some(schema) = waiting.pop() {
        let is_known = spread.iter().any(|known| known.span() == schema.span());
        if is_known || spread.len() >= SUBSCHEMAS_MAX {
            continue;
        }
        spread.push(schema);
        for name in ["allOf", "anyOf", "oneOf"] {
            waiting.extend(schema.get(name).into_iter().flat_map(|all| all.elements()));
        }
        waiting.extend(["then", "else"].iter().filter_map(|name| schema.get(name)));
        waiting.extend(schema.get("$ref").and_then(|it| referred(root, it)));
    }
    spread
}

/// Where a reference into the same document leads (`#/$defs/...`).
fn referred<'a>(root: Value<'a>, reference: Value<'a>) -> Option<Value<'a>> {
    let reference = reference.as_text()?;
    let pointer = Pointer::parse(reference.strip_prefix('#')?).ok()?;
    let mut found = root;
    for token in pointer.tokens() {
        found = match found.kind() {
            Kind::Object(_) => found.get(&token)?,
            Kind::Array(_) => found.elements().nth(crate::json::array_index(&token)?)?,
            Kind::Null | Kind::Boolean(_) | Kind::Number | Kind::Text => return None,
        };
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Document, JsonLimits};

    fn found(schema: &str, arguments: &str) -> Option<String> {
        let read = |text: &str| Document::parse(text, &JsonLimits::default()).unwrap();
        let (schema, arguments) = (read(schema), read(arguments));
        unnamed(Some(schema.root()), arguments.root())
    }

    #[test]
    fn what_no_schema_names_is_found_at_any_depth() {
        let schema = r##"{
            "type": "object",
            "properties": {
                "path": {"type": "string"},
                "free": {"type": "object"},
                "open": {"type": "object", "properties": {"a": {}}, "additionalProperties": true},
                "map": {"type": "object", "additionalProperties": {"type": "string"}},
                "pattern": {"type": "object", "patternProperties": {".*": {}}},
                "edits": {"type": "array", "items": {"$ref": "#/$defs/edit"}},
                "pair": {"type": "array", "prefixItems": [{"properties": {"x": {}}}, {}]},
                "either": {"anyOf": [{"type": "null"}, {"properties": {"b": {}}}]},
                "tree": {"$ref": "#/$defs/tree"},
                "lost": {"$ref": "#/$defs/nowhere"},
                "abroad": {"$ref": "https://example.org/schema"}
            },
            "additionalProperties": true,
            "allOf": [{"properties": {"also": {}}}],
            "$defs": {
                "edit": {"type": "object", "properties": {"old": {}, "new": {}}},
                "tree": {"properties": {"left": {"$ref": "#/$defs/tree"}}}
            }
        }"##;
        let rows: [(&str, Option<&str>); 24] = [
            ("{}", None),
            (r#"{"path": "a"}"#, None),
            (r#"{"path": "a", "also": 1}"#, None),
            (r#"{"Path": "a"}"#, Some("/Path")),
            (r#"{"path": "a", "to": "b"}"#, Some("/to")),
            (r#"{"path": {"deep": 1}}"#, Some("/path/deep")),
            (r#"{"path": [[{"deep": 1}]]}"#, Some("/path/0/0/deep")),
            (r#"{"free": {}}"#, None),
            (r#"{"free": {"a": 1}}"#, Some("/free/a")),
            (r#"{"open": {"a": 1}}"#, None),
            (r#"{"open": {"b": 1}}"#, Some("/open/b")),
            (r#"{"map": {"b": "x"}}"#, Some("/map/b")),
            (r#"{"pattern": {"b": "x"}}"#, Some("/pattern/b")),
            (r#"{"edits": [{"old": 1}, {"new": 2}]}"#, None),
            (r#"{"edits": [{"old": 1}, {"to": 2}]}"#, Some("/edits/1/to")),
            (r#"{"edits": [1, "a"]}"#, None),
            (r#"{"pair": [{"x": 1}]}"#, None),
            (r#"{"pair": [{}, {"x": 1}]}"#, Some("/pair/1/x")),
            (r#"{"either": {"b": 1}}"#, None),
            (r#"{"either": {"c": 1}}"#, Some("/either/c")),
            (r#"{"tree": {"left": {"left": {}}}}"#, None),
            (
                r#"{"tree": {"left": {"right/~": {}}}}"#,
                Some("/tree/left/right~1~0"),
            ),
            (r#"{"lost": {"a": 1}}"#, Some("/lost/a")),
            (r#"{"abroad": {"a": 1}}"#, Some("/abroad/a")),
        ];
        for (arguments, expected) in rows {
            assert_eq!(found(schema, arguments).as_deref(), expected, "{arguments}");
        }
    }

    #[test]
    fn without_a_schema_nothing_is_named() {
        let arguments = Document::parse(r#"{"a": 1}"#, &JsonLimits::default()).unwrap();
        assert_eq!(unnamed(None, arguments.root()).as_deref(), Some("/a"));
        assert_eq!(unnamed(None, Document::empty_object().root()), None);
        for schema in [
            "true",
            "{}",
            "[]",
            "{\"properties\": []}",
            "{\"properties\": 1}",
        ] {
            assert_eq!(
                found(schema, r#"{"a": 1}"#).as_deref(),
                Some("/a"),
                "{schema}"
            );
        }
    }

    #[test]
    fn a_schema_that_turns_in_circles_ends() {
        let schema =
            r##"{"$ref": "#", "allOf": [{"$ref": "#"}], "properties": {"a": {"$ref": "#"}}}"##;
        assert_eq!(found(schema, r#"{"a": {"a": {"a": {}}}}"#), None);
        assert_eq!(found(schema, r#"{"a": {"b": 1}}"#).as_deref(), Some("/a/b"));
        let deep = format!("{}{{}}{}", r#"{"a":"#.repeat(60), "}".repeat(60));
        assert_eq!(found(schema, &deep), None);
    }
}
