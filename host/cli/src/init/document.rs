//! A client's file as text: JSON, with comments and trailing commas where the client has
//! them. What is changed is replaced where it stands, so that every other byte stays.

use std::ops::Range;

use jsonc_parser::ast::{Object, Value as Node};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value;

use super::clients::Client;

/// One entry of a table of tool servers.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Names of members that lead to it, its own at the end.
    pub(super) path: Vec<String>,
    /// What it says.
    pub(super) value: Value,
    /// Where it stands.
    pub(super) at: Range<usize>,
    /// Its members.
    pub(super) members: Vec<Member>,
}

/// One member of an entry.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) name: String,
    /// Name and value.
    pub(super) at: Range<usize>,
    /// The value alone.
    pub(super) value_at: Range<usize>,
}

/// A part of a text, and what stands there instead.
#[derive(Clone, Debug)]
pub(super) struct Splice {
    pub(super) at: Range<usize>,
    pub(super) text: String,
}

/// Comments and trailing commas, which clients take; nothing else that is not JSON.
const FORM: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

impl Entry {
    /// Its own name.
    pub(super) fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// The member of a name.
    pub(super) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }
}

/// The tool servers that a client finds in its file; why the file is not understood.
pub(super) fn entries(client: Client, text: &str) -> Result<Vec<Entry>, String> {
    let (mark, body) = without_mark(text);
    let Some(root) = parsed(body)? else {
        return Ok(Vec::new());
    };
    let root = root.as_object().ok_or("it is no object")?;
    let mut found = Vec::new();
    of_table(root, &[client.table().to_owned()], mark, &mut found)?;
    if client == Client::ClaudeCode
        && let Some(projects) = root.get("projects")
    {
        let projects = projects
            .value
            .as_object()
            .ok_or("`projects` is no object")?;
        each_once(projects)?;
        for project in &projects.properties {
            let project_name = project.name.as_str().to_owned();
            let Some(project) = project.value.as_object() else {
                continue;
            };
            let names = [
                "projects".to_owned(),
                project_name,
                client.table().to_owned(),
            ];
            of_table(project, &names, mark, &mut found)?;
        }
    }
    Ok(found)
}

/// What a text says, as JSON.
pub(super) fn value(text: &str) -> Result<Value, String> {
    let root = parsed(without_mark(text).1)?;
    Ok(root.map_or(Value::Null, Value::from))
}

/// The text with parts replaced; none where they overlap.
pub(super) fn spliced(text: &str, splices: &[Splice]) -> Option<String> {
    let mut splices: Vec<_> = splices.iter().collect();
    splices.sort_by_key(|splice| splice.at.start);
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for splice in splices {
        result.push_str(text.get(done..splice.at.start)?);
        result.push_str(&splice.text);
        done = splice.at.end;
    }
    result.push_str(text.get(done..)?);
    Some(result)
}

/// The blanks before a place, if it is the first on its line.
pub(super) fn indentation(text: &str, at: usize) -> Option<&str> {
    let before = text.get(..at)?;
    let line = before.rsplit_once('\n').map_or(before, |(_, line)| line);
    line.chars().all(char::is_whitespace).then_some(line)
}

fn of_table(
    folder: &Object<'_>,
    names: &[String],
    mark: usize,
    found: &mut Vec<Entry>,
) -> Result<(), String> {
    each_once(folder)?;
    let name = names.last().cloned().unwrap_or_default();
    let Some(table) = folder.get(&name) else {
        return Ok(());
    };
    let table = table
        .value
        .as_object()
        .ok_or(format!("`{name}` is no object"))?;
    each_once(table)?;
    for property in &table.properties {
        let moved = |at: jsonc_parser::common::Range| Range {
            start: at.start + mark,
            end: at.end + mark,
        };
        let mut members = Vec::new();
        if let Some(entry) = property.value.as_object() {
            each_once(entry)?;
            members.extend(entry.properties.iter().map(|member| Member {
                name: member.name.as_str().to_owned(),
                at: moved(member.range),
                value_at: moved(member.value.range()),
            }));
        }
        let own = property.name.as_str().to_owned();
        found.push(Entry {
            path: names.iter().cloned().chain([own]).collect(),
            value: property.value.clone().into(),
            at: moved(property.value.range()),
            members,
        });
    }
    Ok(())
}

/// Which of two members of one name counts is the client's secret.
fn each_once(object: &Object<'_>) -> Result<(), String> {
    let mut names: Vec<_> = object
        .properties
        .iter()
        .map(|property| property.name.as_str())
        .collect();
    names.sort_unstable();
    let twice = names.windows(2).find_map(|pair| match pair {
        [one, other] if one == other => Some(*one),
        _ => None,
    });
    match twice {
        Some(name) => Err(format!("it has `{name}` twice in one object")),
        None => Ok(()),
    }
}

fn parsed(body: &str) -> Result<Option<Node<'_>>, String> {
    let parsed = parse_to_ast(body, &CollectOptions::default(), &FORM);
    parsed
        .map(|parsed| parsed.value)
        .map_err(|error| format!("it is no JSON: {error}"))
}

/// The text behind a byte order mark, and how long that is.
fn without_mark(text: &str) -> (usize, &str) {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    (text.len() - body.len(), body)
}
