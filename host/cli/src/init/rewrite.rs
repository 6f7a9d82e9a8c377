//! What stands in a client's file instead of an entry, so that it starts a gate.

use serde_json::{Map, Value, json};

use super::document::{Entry, Member, Splice, indentation, spliced, value};
use super::launch::{Launch, is_gated, parts};

/// How a gate is started.
pub(super) struct Gate<'a> {
    /// This program.
    pub(super) program: &'a str,
    /// The configuration.
    pub(super) config: &'a str,
}

/// An entry that is rewritten, and the server that it leads to from now on.
#[derive(Clone, Copy)]
pub(super) struct Change<'a> {
    pub(super) entry: &'a Entry,
    pub(super) launch: &'a Launch,
    pub(super) server: &'a str,
}

/// The variable that hands the secret of a header to the gate.
pub(super) fn variable(server: &str) -> String {
    let plain = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_uppercase(),
        false => '_',
    };
    let name: String = server.chars().map(plain).collect();
    format!("GATEWRIGHT_{name}_CREDENTIAL")
}

/// What a gate is started with.
pub(super) fn arguments(gate: &Gate<'_>, server: &str) -> Value {
    json!(["wrap", "--config", gate.config, "--server", server])
}

/// The text of a file with entries rewritten. What it says then is compared with what it
/// should say: a file is never written that says anything else.
pub(super) fn rewritten(
    text: &str,
    changes: &[Change<'_>],
    gate: &Gate<'_>,
) -> Result<String, String> {
    let mut expected = value(text)?;
    let mut splices = Vec::new();
    for change in changes {
        splices.extend(splices_of(text, change, gate)?);
        let mut place = &mut expected;
        for name in &change.entry.path {
            place = place.get_mut(name).ok_or("an entry is not there")?;
        }
        let entry = place.as_object_mut().ok_or("an entry is no object")?;
        become_gate(entry, change.entry, change.server, gate);
    }
    let result = spliced(text, &splices).ok_or("its parts overlap")?;
    match value(&result)? == expected {
        true => Ok(result),
        false => Err("it cannot be changed without changing more than is meant".to_owned()),
    }
}

/// The member of an entry that holds its URL; one with two was not understood.
fn url_member(entry: &Entry) -> Option<&Member> {
    let mut names = ["httpUrl", "serverUrl", "url"].into_iter();
    names.find_map(|name| entry.member(name))
}

/// Whether an entry is the gate that was put before an older one, and nobody changed it
/// since. A program or a configuration may have moved; what clients add by themselves says
/// nothing.
pub(super) fn is_gate_of(old: &Entry, now: &Value) -> bool {
    let text = |pointer: &str| now.pointer(pointer).and_then(Value::as_str);
    let found = (text("/command"), text("/args/2"), text("/args/4"));
    let (Some(program), Some(config), Some(server)) = found else {
        return false;
    };
    let (Some(old_members), Some(members)) = (old.value.as_object(), now.as_object()) else {
        return false;
    };
    let mut expected = old_members.clone();
    become_gate(&mut expected, old, server, &Gate { program, config });
    is_gated(now) && said(expected) == said(members.clone())
}

/// What an entry says without what clients add.
fn said(mut members: Map<String, Value>) -> Map<String, Value> {
    members.remove("type");
    if members.get("env") == Some(&json!({})) {
        members.remove("env");
    }
    members
}

/// What an entry should say.
fn become_gate(entry: &mut Map<String, Value>, before: &Entry, server: &str, gate: &Gate<'_>) {
    entry.insert("command".to_owned(), json!(gate.program));
    entry.insert("args".to_owned(), arguments(gate, server));
    // It is a program; what has a URL has no command.
    if before.member("command").is_some() {
        return;
    }
    if let Some(member) = url_member(before) {
        entry.remove(&member.name);
    }
    if entry.contains_key("type") {
        entry.insert("type".to_owned(), json!("stdio"));
    }
    if let Some(headers) = entry.remove("headers") {
        entry.insert("env".to_owned(), environment(&headers, server));
    }
}

/// The header's secret as a variable, as the client wrote it: variables of the client
/// stay variables.
fn environment(headers: &Value, server: &str) -> Value {
    let mut headers = headers.as_object().into_iter().flatten();
    match headers.next() {
        Some((name, value)) => {
            let (_, secret) = parts(name, value.as_str().unwrap_or_default());
            json!({ variable(server): secret })
        }
        None => json!({}),
    }
}

/// A list as people write it.
fn on_one_line(list: &Value) -> String {
    let elements = list.as_array().into_iter().flatten();
    let elements: Vec<_> = elements.map(Value::to_string).collect();
    format!("[{}]", elements.join(", "))
}

fn splices_of(text: &str, change: &Change<'_>, gate: &Gate<'_>) -> Result<Vec<Splice>, String> {
    let entry = change.entry;
    let command = format!("\"command\": {}", json!(gate.program));
    let arguments = on_one_line(&arguments(gate, change.server));
    let mut splices = Vec::new();
    let mut instead = |at: &std::ops::Range<usize>, text: String| {
        splices.push(Splice {
            at: at.clone(),
            text,
        });
    };
    let next = |member: &Member| match indentation(text, member.at.start) {
        Some(blanks) => format!(",\n{blanks}"),
        None => ", ".to_owned(),
    };
    match change.launch {
        Launch::Program { .. } => {
            let member = entry.member("command").ok_or("it has no `command`")?;
            match entry.member("args") {
                Some(old) => {
                    instead(&member.at, command);
                    instead(&old.value_at, arguments);
                }
                None => {
                    let next = next(member);
                    instead(&member.at, format!("{command}{next}\"args\": {arguments}"));
                }
            }
        }
        Launch::Endpoint { .. } => {
            let member = url_member(entry).ok_or("it has no URL")?;
            let next = next(member);
            instead(&member.at, format!("{command}{next}\"args\": {arguments}"));
            if let Some(kind) = entry.member("type") {
                instead(&kind.value_at, "\"stdio\"".to_owned());
            }
            if let Some(headers) = entry.member("headers") {
                let value = entry.value.get("headers").unwrap_or(&Value::Null);
                let value = environment(value, change.server);
                instead(&headers.at, format!("\"env\": {value}"));
            }
        }
    }
    Ok(splices)
}
