//! Lowers `/limit` and takes `/debug` away, once in a session.

use gatewright_sdk::{Description, Edit, NoSettings, Note, Powers, Request, Revision, Value};

fn revise(_: &NoSettings, request: &Request) -> Result<Revision, String> {
    let limit = match request.get("/limit") {
        None => 10,
        Some(Value::Integer(limit)) => limit.min(10),
        Some(_) => return Err("the limit is no integer".to_owned()),
    };
    let mut revision = Revision::from(vec![Edit::set("/limit", limit), Edit::remove("/debug")]);
    revision.notes.push(Note {
        rule: "limit".to_owned(),
        text: format!("{} calls before", request.history(64).len()),
    });
    Ok(revision)
}

fn about() -> Description {
    Description::new(Powers::EDIT).with_rule("limit", "No more than 10 at once")
}

gatewright_sdk::editor!(NoSettings, revise, about);
