//! Arguments that a schema does not name.

use crate::json::{Kind, Pointer, Value};

/// Deepest argument, and longest chain of references, that is looked at. What is deeper is
/// named by nobody.
const DEPTH_MAX: usize = 64;

/// Most subschemas that one place in the arguments may stand under.
const SUBSCHEMAS_MAX: usize = 64;

/// Members of the schema that are looked at for one call. What is beyond is named by nobody:
/// no call of a tool with a schema of thousands of names keeps the gate from the others.
const STEPS_MAX: usize = 1 << 24;

/// The first member of the arguments, as a JSON Pointer, that stands under no name in the
/// schema. Without a schema that is the first member that there is.
///
/// Named is what stands in `properties` of a schema that may apply there, through
/// `items`, `prefixItems`, `$ref` into the same document, `allOf`, `anyOf`, `oneOf`, `then`
/// and `else`. What `additionalProperties` and `patternProperties` let in has no name: no
/// matter what they say, nobody wrote down what it is for.
pub fn unnamed(schema: Option<Value<'_>>, arguments: Value<'_>) -> Option<String> {
    let mut search = Search {
        root: schema.unwrap_or(arguments),
        left: STEPS_MAX,
    };
    let schemas: Vec<_> = schema.into_iter().collect();
    let schemas = search.spread(&schemas);
    search.walk(&schemas, arguments, 0)
}

/// What a JSON Pointer has for one name.
fn token(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A search for names in one schema.
struct Search<'a> {
    root: Value<'a>,
    /// Members that may still be looked at.
    left: usize,
}

// === impl Search ===

impl<'a> Search<'a> {
    /// The first place in the value that has no name, as seen from the value.
    fn walk(&mut self, schemas: &[Value<'a>], value: Value<'_>, depth: usize) -> Option<String> {
        match value.kind() {
            Kind::Object(_) => {
                let properties = self.each(schemas, "properties");
                for (name, member) in value.members() {
                    let named = self.each(&properties, &name);
                    if named.is_empty() || depth >= DEPTH_MAX {
                        return Some(token(&name));
                    }
                    if let Some(found) = self.below(&named, member, depth) {
                        return Some(token(&name) + &found);
                    }
                }
                None
            }
            Kind::Array(_) => {
                let of_all = self.each(schemas, "items");
                let first = self.each(schemas, "prefixItems");
                let mut first: Vec<_> = first.iter().map(Value::elements).collect();
                for (index, element) in value.elements().enumerate() {
                    let of_one = first.iter_mut().filter_map(Iterator::next);
                    let of_element: Vec<_> = of_all.iter().copied().chain(of_one).collect();
                    if depth >= DEPTH_MAX {
                        return Some(token(&index.to_string()));
                    }
                    if let Some(found) = self.below(&of_element, element, depth) {
                        return Some(token(&index.to_string()) + &found);
                    }
                }
                None
            }
            Kind::Null | Kind::Boolean(_) | Kind::Number | Kind::Text => None,
        }
    }

    /// The same of what stands below, under what these schemas hand on to.
    fn below(&mut self, schemas: &[Value<'a>], value: Value<'_>, depth: usize) -> Option<String> {
        match value.kind() {
            Kind::Object(_) | Kind::Array(_) => {
                let schemas = self.spread(schemas);
                self.walk(&schemas, value, depth + 1)
            }
            Kind::Null | Kind::Boolean(_) | Kind::Number | Kind::Text => None,
        }
    }

    /// The schemas, and all that they hand on to.
    fn spread(&mut self, schemas: &[Value<'a>]) -> Vec<Value<'a>> {
        let mut spread: Vec<Value<'a>> = Vec::new();
        let mut waiting: Vec<Value<'a>> = schemas.to_vec();
        while let Some(schema) = waiting.pop() {
            if spread.len() >= SUBSCHEMAS_MAX {
                break;
            }
            if spread.iter().any(|known| known.span() == schema.span()) {
                continue;
            }
            spread.push(schema);
            for name in ["allOf", "anyOf", "oneOf"] {
                let all = self.get(schema, name);
                let all = all.into_iter().flat_map(|all| all.elements());
                waiting.extend(all.take(SUBSCHEMAS_MAX));
            }
            for name in ["then", "else"] {
                waiting.extend(self.get(schema, name));
            }
            let reference = self.get(schema, "$ref");
            waiting.extend(reference.and_then(|reference| self.referred(reference)));
        }
        spread
    }

    /// Where a reference into the same document leads (`#/$defs/...`).
    fn referred(&mut self, reference: Value<'a>) -> Option<Value<'a>> {
        let reference = reference.as_text()?;
        let pointer = Pointer::parse(reference.strip_prefix('#')?).ok()?;
        let mut found = self.root;
        for token in pointer.tokens() {
            found = match found.kind() {
                Kind::Object(_) => self.get(found, &token)?,
                Kind::Array(count) => {
                    self.spend(count)?;
                    found.elements().nth(crate::json::array_index(&token)?)?
                }
                Kind::Null | Kind::Boolean(_) | Kind::Number | Kind::Text => return None,
            };
        }
        Some(found)
    }

    /// The member of this name of each of them.
    fn each(&mut self, values: &[Value<'a>], name: &str) -> Vec<Value<'a>> {
        let values = values.iter();
        values.filter_map(|value| self.get(*value, name)).collect()
    }

    /// A member; none once nothing is looked at any more.
    fn get(&mut self, value: Value<'a>, name: &str) -> Option<Value<'a>> {
        let Kind::Object(count) = value.kind() else {
            return None;
        };
        self.spend(count)?;
        value.get(name)
    }

    fn spend(&mut self, count: u32) -> Option<()> {
        let steps = usize::try_from(count).ok()?.saturating_add(1);
        let left = self.left.checked_sub(steps);
        self.left = left.unwrap_or(0);
        left.map(|_| ())
    }
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

    #[test]
    fn what_takes_too_long_to_look_up_is_named_by_nobody() {
        let names: Vec<_> = (0..5000).map(|it| format!(r#""p{it}": {{}}"#)).collect();
        let list = format!(r#"{{"items": {{"properties": {{{}}}}}}}"#, names.join(","));
        let schema = format!(r#"{{"properties": {{"list": {list}}}}}"#);
        let arguments = |count: usize| {
            let elements = vec![r#"{"p4999": 1}"#; count];
            format!(r#"{{"list": [{}]}}"#, elements.join(","))
        };
        assert_eq!(found(&schema, &arguments(1000)), None);
        let beyond = found(&schema, &arguments(5000)).unwrap();
        assert!(beyond.ends_with("/p4999"), "{beyond}");
    }

    #[test]
    fn no_place_in_an_array_is_looked_for_from_its_beginning() {
        let pair = format!(r#"{{"prefixItems": [{}]}}"#, vec!["{}"; 20_000].join(","));
        let schema = format!(r#"{{"properties": {{"list": {pair}}}}}"#);
        let elements = vec!["1"; 100_000].join(",");
        let last = format!(r#"{{"list": [{elements}, {{"a": 1}}]}}"#);
        assert_eq!(found(&schema, &last).as_deref(), Some("/list/100000/a"));
    }
}
