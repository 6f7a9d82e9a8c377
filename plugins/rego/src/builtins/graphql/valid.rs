//! Whether a schema is valid: types and directives that it mentions are there, and fit.

use std::collections::{BTreeMap, BTreeSet};

use regorus::Value;

use crate::builtins::arguments::{BuiltinError, wrong};

/// Types that every schema has.
const SCALARS: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];

/// A directive by its name: where it may stand, what it may and must be given.
type Known = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

/// Directives that every schema has.
const DIRECTIVES: [Known; 6] = [
    (
        "include",
        &["FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"],
        &["if"],
        &["if"],
    ),
    (
        "skip",
        &["FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"],
        &["if"],
        &["if"],
    ),
    (
        "deprecated",
        &[
            "FIELD_DEFINITION",
            "ARGUMENT_DEFINITION",
            "INPUT_FIELD_DEFINITION",
            "ENUM_VALUE",
        ],
        &["reason"],
        &[],
    ),
    ("specifiedBy", &["SCALAR"], &["url"], &["url"]),
    (
        "defer",
        &["FRAGMENT_SPREAD", "INLINE_FRAGMENT"],
        &["if", "label"],
        &[],
    ),
    ("oneOf", &["INPUT_OBJECT"], &[], &[]),
];

/// Kinds that a field gives, and kinds that are given.
const OUTPUT: [&str; 5] = ["SCALAR", "OBJECT", "INTERFACE", "UNION", "ENUM"];
const INPUT: [&str; 3] = ["SCALAR", "ENUM", "INPUT_OBJECT"];

/// A type, with what extensions add to it.
#[derive(Clone, Default)]
struct Type<'a> {
    kind: &'a str,
    directives: Vec<&'a Value>,
    interfaces: Vec<&'a str>,
    fields: Vec<&'a Value>,
    types: Vec<&'a str>,
    values: Vec<&'a Value>,
}

/// A directive: where it may stand, what it may and must be given.
struct Directive<'a> {
    locations: Vec<&'a str>,
    arguments: Vec<&'a str>,
    required: Vec<&'a str>,
}

/// A schema by its names.
struct Schema<'a> {
    types: BTreeMap<&'a str, Type<'a>>,
    directives: BTreeMap<&'a str, Directive<'a>>,
}

/// Whether a schema is one; an error where it cannot be said.
pub(super) fn is_valid(document: &Value) -> Result<bool, BuiltinError> {
    let Some(schema) = Schema::of(document)? else {
        return Ok(false);
    };
    schema.is_valid(document)
}

// === impl Schema ===

impl<'a> Schema<'a> {
    /// None where a name stands for two things.
    fn of(document: &'a Value) -> Result<Option<Self>, BuiltinError> {
        let mut types: BTreeMap<&str, Type<'_>> = SCALARS
            .iter()
            .map(|name| {
                let kind = Type {
                    kind: "SCALAR",
                    ..Type::default()
                };
                (*name, kind)
            })
            .collect();
        for definition in list(document, "Definitions") {
            let name = text(definition, "Name");
            if SCALARS.contains(&name) || types.insert(name, Type::of(definition)).is_some() {
                return Ok(None);
            }
        }
        for extension in list(document, "Extensions") {
            let more = Type::of(extension);
            let kind = types
                .entry(text(extension, "Name"))
                .or_insert_with(|| Type {
                    kind: more.kind,
                    ..Type::default()
                });
            if kind.kind != more.kind {
                return Ok(None);
            }
            kind.directives.extend(more.directives);
            kind.interfaces.extend(more.interfaces);
            kind.fields.extend(more.fields);
            kind.types.extend(more.types);
            kind.values.extend(more.values);
        }
        let mut directives: BTreeMap<&str, Directive<'_>> = DIRECTIVES
            .iter()
            .map(|(name, locations, arguments, required)| {
                let directive = Directive {
                    locations: locations.to_vec(),
                    arguments: arguments.to_vec(),
                    required: required.to_vec(),
                };
                (*name, directive)
            })
            .collect();
        for definition in list(document, "Directives") {
            let name = text(definition, "Name");
            if DIRECTIVES.iter().any(|(known, ..)| *known == name) {
                return Err(wrong("a directive of GraphQL is declared again"));
            }
            let arguments = list(definition, "Arguments");
            let is_required = |it: &&&Value| {
                flag(member(it, "Type"), "NonNull") && member(it, "DefaultValue").is_none()
            };
            let directive = Directive {
                locations: texts(definition, "Locations"),
                arguments: arguments.iter().map(|it| text(it, "Name")).collect(),
                required: arguments
                    .iter()
                    .filter(is_required)
                    .map(|it| text(it, "Name"))
                    .collect(),
            };
            if directives.insert(name, directive).is_some() {
                return Ok(None);
            }
        }
        Ok(Some(Self { types, directives }))
    }

    fn is_valid(&self, document: &Value) -> Result<bool, BuiltinError> {
        let schemas = list(document, "Schema");
        if schemas.len() > 1 {
            return Ok(false);
        }
        for schema in schemas.iter().chain(&list(document, "SchemaExtension")) {
            let mut operations = list(schema, "OperationTypes").into_iter();
            if !operations.all(|it| self.types.contains_key(text(it, "Type")))
                || !self.fit(&list(schema, "Directives"), "SCHEMA", None)
            {
                return Ok(false);
            }
        }
        for definition in list(document, "Directives") {
            let name = text(definition, "Name");
            if !is_name(name) || !self.has_arguments(definition, Some(name)) {
                return Ok(false);
            }
        }
        for (name, kind) in &self.types {
            if !SCALARS.contains(name) && !self.is_valid_type(name, kind)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_valid_type(&self, name: &str, kind: &Type<'_>) -> Result<bool, BuiltinError> {
        let fields: BTreeSet<&str> = kind.fields.iter().map(|it| text(it, "Name")).collect();
        let values: BTreeSet<&str> = kind.values.iter().map(|it| text(it, "Name")).collect();
        let (wanted, location): (&[&str], &str) = match kind.kind {
            "INPUT_OBJECT" => (&INPUT, "INPUT_FIELD_DEFINITION"),
            _ => (&OUTPUT, "FIELD_DEFINITION"),
        };
        let are_fields = kind.fields.iter().all(|field| {
            is_name(text(field, "Name"))
                && self.is_kind(field, wanted)
                && self.has_arguments(field, None)
                && self.fit(&list(field, "Directives"), location, None)
        });
        let is_there = match kind.kind {
            "OBJECT" | "INTERFACE" | "INPUT_OBJECT" => !kind.fields.is_empty(),
            "ENUM" => !kind.values.is_empty(),
            _ => true,
        };
        if kind.kind == "UNION" && kind.types.is_empty() {
            return Err(wrong("a union of nothing"));
        }
        if values.len() < kind.values.len() {
            return Err(wrong("a value of an enum is there twice"));
        }
        let is_object = |name: &&str| self.types.get(name).is_some_and(|it| it.kind == "OBJECT");
        let are_values = kind
            .values
            .iter()
            .all(|value| self.fit(&list(value, "Directives"), "ENUM_VALUE", None));
        Ok(is_name(name)
            && is_there
            && are_fields
            && are_values
            && fields.len() == kind.fields.len()
            && kind.types.iter().all(is_object)
            && kind.interfaces.iter().all(|it| self.implements(kind, it))
            && self.fit(&kind.directives, kind.kind, None))
    }

    /// Whether a type has what an interface has, and all interfaces of that.
    fn implements(&self, kind: &Type<'_>, name: &str) -> bool {
        let Some(interface) = self.types.get(name).filter(|it| it.kind == "INTERFACE") else {
            return false;
        };
        let has_all = interface
            .interfaces
            .iter()
            .all(|it| kind.interfaces.contains(it));
        has_all
            && interface.fields.iter().all(|wanted| {
                let mut fields = kind.fields.iter();
                let field = fields.find(|it| text(it, "Name") == text(wanted, "Name"));
                field.is_some_and(|field| self.is_field(field, wanted))
            })
    }

    fn is_field(&self, field: &Value, wanted: &Value) -> bool {
        let (given, asked) = (list(field, "Arguments"), list(wanted, "Arguments"));
        let has_asked = asked.iter().all(|argument| {
            let own = named(&given, text(argument, "Name"));
            own.is_some_and(|own| member(own, "Type") == member(argument, "Type"))
        });
        let needs_more = given.iter().any(|argument| {
            named(&asked, text(argument, "Name")).is_none()
                && flag(member(argument, "Type"), "NonNull")
                && member(argument, "DefaultValue").is_none()
        });
        let types = (member(field, "Type"), member(wanted, "Type"));
        has_asked
            && !needs_more
            && matches!(types, (Some(own), Some(asked)) if self.is_covariant(asked, own))
    }

    /// Whether a type may stand where another is wanted.
    fn is_covariant(&self, wanted: &Value, given: &Value) -> bool {
        if flag(Some(wanted), "NonNull") && !flag(Some(given), "NonNull") {
            return false;
        }
        match (member(wanted, "Elem"), member(given, "Elem")) {
            (Some(wanted), Some(given)) => self.is_covariant(wanted, given),
            (None, None) => {
                let (wanted, given) = (text(wanted, "NamedType"), text(given, "NamedType"));
                let is_member = self
                    .types
                    .get(wanted)
                    .is_some_and(|it| it.types.contains(&given));
                let is_below = self
                    .types
                    .get(given)
                    .is_some_and(|it| it.interfaces.contains(&wanted));
                wanted == given || is_member || is_below
            }
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    fn has_arguments(&self, of: &Value, own: Option<&str>) -> bool {
        list(of, "Arguments").iter().all(|argument| {
            is_name(text(argument, "Name"))
                && self.is_kind(argument, &INPUT)
                && self.fit(&list(argument, "Directives"), "ARGUMENT_DEFINITION", own)
        })
    }

    fn is_kind(&self, of: &Value, kinds: &[&str]) -> bool {
        let mut kind = member(of, "Type");
        while let Some(element) = kind.and_then(|kind| member(kind, "Elem")) {
            kind = Some(element);
        }
        let name = kind.map(|kind| text(kind, "NamedType")).unwrap_or_default();
        self.types
            .get(name)
            .is_some_and(|it| kinds.contains(&it.kind))
    }

    /// Whether directives may stand here, with what they are given.
    fn fit(&self, directives: &[&Value], location: &str, own: Option<&str>) -> bool {
        directives.iter().all(|directive| {
            let name = text(directive, "Name");
            let Some(known) = self.directives.get(name) else {
                return false;
            };
            let given = list(directive, "Arguments");
            let is_null = |it: &Value| {
                let kind = member(it, "Value").and_then(|value| member(value, "Kind"));
                kind == Some(&Value::from(6))
            };
            let has_all = known.required.iter().all(|wanted| {
                given
                    .iter()
                    .any(|it| text(it, "Name") == *wanted && !is_null(it))
            });
            is_name(name)
                && own != Some(name)
                && known.locations.contains(&location)
                && given
                    .iter()
                    .all(|it| known.arguments.contains(&text(it, "Name")))
                && has_all
        })
    }
}

// === impl Type ===

impl<'a> Type<'a> {
    fn of(definition: &'a Value) -> Self {
        Self {
            kind: text(definition, "Kind"),
            directives: list(definition, "Directives"),
            interfaces: texts(definition, "Interfaces"),
            fields: list(definition, "Fields"),
            types: texts(definition, "Types"),
            values: list(definition, "EnumValues"),
        }
    }
}

fn named<'a>(all: &[&'a Value], name: &str) -> Option<&'a Value> {
    all.iter().find(|it| text(it, "Name") == name).copied()
}

/// Names with two `_` before them are the language's.
fn is_name(name: &str) -> bool {
    !name.starts_with("__")
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) => members.get(&Value::from(name)),
        _ => None,
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    match member(value, name) {
        Some(Value::String(text)) => text,
        _ => "",
    }
}

fn list<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    match member(value, name) {
        Some(Value::Array(elements)) => elements.iter().collect(),
        _ => Vec::new(),
    }
}

fn texts<'a>(value: &'a Value, name: &str) -> Vec<&'a str> {
    list(value, name)
        .into_iter()
        .filter_map(|value| match value {
            Value::String(text) => Some(&**text),
            _ => None,
        })
        .collect()
}

fn flag(value: Option<&Value>, name: &str) -> bool {
    value.and_then(|value| member(value, name)) == Some(&Value::from(true))
}
