//! A message on its way to one server: which one, and what it says there. The names in it
//! become the server's own, and every other byte stays, so that what is judged there is
//! what would be at that server's own endpoint.

use std::sync::Arc;

use gatewright_policy::Reason;
use gatewright_policy::json::Value;

use super::back::RELATED_TASK;
use super::names::{apart, apart_id, apart_uri};
use super::splice::Splices;
use crate::message::{Id, Message, MessageError};
use crate::method::{Method, Names};
use crate::read::Refusal;

/// A message, as one server is told it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Inward {
    pub(super) server: Arc<str>,
    pub(super) body: String,
    /// What it names there, if that is one thing.
    pub(super) name: Option<String>,
}

/// A request that names a tool, a prompt, a resource or a task.
pub(super) fn request(message: &Message, method: &Method) -> Result<Inward, Refusal> {
    let params = message.params();
    // With two names, policies and tool server might each take another one.
    method.names(params)?;
    let member = |name| params.and_then(|params| params.get(name));
    let reference = member("ref");
    let (at, is_uri) = match method.names {
        Names::Name => (member("name"), false),
        Names::Task => (member("taskId"), false),
        Names::Uri => (member("uri"), true),
        Names::Reference => match reference.and_then(|reference| reference.get("uri")) {
            Some(uri) => (Some(uri), true),
            None => (reference.and_then(|reference| reference.get("name")), false),
        },
        Names::Nothing | Names::Subscriptions => (None, false),
    };
    let name = at.and_then(|at| at.as_text());
    let Some((at, name)) = at.zip(name) else {
        return Err(Refusal::from(MessageError::Params(
            "`params` name nothing".to_owned(),
        )));
    };
    let parts = match is_uri {
        true => apart_uri(&name),
        false => apart(&name),
    };
    let (server, name) = parts.ok_or_else(|| nobodys(is_uri))?;
    let mut splices = Splices::default();
    splices.text(at, name);
    related(&mut splices, params, server);
    Ok(Inward {
        server: Arc::from(server),
        body: splices.applied(&message.document),
        name: Some(name.to_owned()),
    })
}

/// The answer to a request of a server.
pub(super) fn response(message: &Message, id: &Id) -> Result<Inward, Refusal> {
    let (server, id) = apart_id(id).ok_or_else(unasked)?;
    let mut splices = Splices::default();
    if let Some(at) = message.id() {
        splices.json(at, id.to_string());
    }
    related(&mut splices, message.document.root().get("result"), server);
    Ok(Inward {
        server: Arc::from(server),
        body: splices.applied(&message.document),
        name: None,
    })
}

/// How far the agent has come with what a server asked of it.
pub(super) fn progress(message: &Message) -> Result<Inward, Refusal> {
    let params = message.params();
    let at = params.and_then(|params| params.get("progressToken"));
    let token = at.and_then(|at| Id::read(at).ok());
    let Some((at, token)) = at.zip(token) else {
        return Err(unasked());
    };
    let (server, token) = apart_id(&token).ok_or_else(unasked)?;
    let mut splices = Splices::default();
    splices.json(at, token.to_string());
    related(&mut splices, params, server);
    Ok(Inward {
        server: Arc::from(server),
        body: splices.applied(&message.document),
        name: None,
    })
}

/// The task that a message is about, where it is one of that server.
fn related(splices: &mut Splices, object: Option<Value<'_>>, server: &str) {
    let meta = object.and_then(|object| object.get("_meta"));
    let task = meta.and_then(|meta| meta.get(RELATED_TASK));
    let Some(at) = task.and_then(|task| task.get("taskId")) else {
        return;
    };
    let task = at.as_text();
    match task.as_deref().and_then(apart) {
        Some((of, id)) if of == server => splices.text(at, id),
        Some(_) | None => {}
    }
}

/// A name that begins with no server.
pub(super) fn nobodys(is_uri: bool) -> Refusal {
    let message = match is_uri {
        true => {
            "this URI names no tool server; hint: here resources are called \
             `gatewright:<server>/<uri>`, as the lists say"
        }
        false => {
            "this name names no tool server; hint: here tools, prompts and tasks are called \
             `<server>__<name>`, as the lists say"
        }
    };
    Refusal {
        code: Some(-32_602),
        ..Refusal::new(Reason::InvalidArguments, message)
    }
}

/// As at the endpoint of one server.
pub(super) fn unasked() -> Refusal {
    Refusal::new(
        Reason::MalformedRequest,
        "the tool server asked nothing that this answers",
    )
}

#[cfg(test)]
mod tests {
    use gatewright_policy::json::JsonLimits;

    use super::*;
    use crate::era::Era;
    use crate::message::Shape;

    fn inward(method: &str, params: &str) -> Result<Inward, Refusal> {
        let text = format!(r#"{{"jsonrpc":"2.0", "id":1,"method":"{method}","params":{params}}}"#);
        let message = Message::parse_text(&text, &JsonLimits::default()).unwrap();
        let era = match method {
            "tasks/result" => Era::Legacy,
            _any_other => Era::Modern,
        };
        request(&message, Method::find(method, era).unwrap())
    }

    #[test]
    fn what_names_one_thing_goes_to_its_server_with_the_name_there() {
        for (method, params, there, name) in [
            (
                "tools/call",
                r#"{"name" : "s__t" ,"arguments":{"name":"s__t"}}"#,
                r#"{"name" : "t" ,"arguments":{"name":"s__t"}}"#,
                "t",
            ),
            (
                "tools/call",
                r#"{"name":"s__\u0074"}"#,
                r#"{"name":"t"}"#,
                "t",
            ),
            (
                "tools/call",
                r#"{"name":"s___t__u"}"#,
                r#"{"name":"_t__u"}"#,
                "_t__u",
            ),
            ("prompts/get", r#"{"name":"s__p"}"#, r#"{"name":"p"}"#, "p"),
            (
                "resources/read",
                r#"{"uri":"gatewright:s/file:///a"}"#,
                r#"{"uri":"file:///a"}"#,
                "file:///a",
            ),
            (
                "completion/complete",
                r#"{"ref":{"type":"ref/prompt","name":"s__p"}}"#,
                r#"{"ref":{"type":"ref/prompt","name":"p"}}"#,
                "p",
            ),
            (
                "completion/complete",
                r#"{"ref":{"type":"ref/resource","uri":"gatewright:s/f:{a}"}}"#,
                r#"{"ref":{"type":"ref/resource","uri":"f:{a}"}}"#,
                "f:{a}",
            ),
            (
                "tasks/result",
                r#"{"taskId":"s__7","_meta":{"io.modelcontextprotocol/related-task":{"taskId":"s__7"}}}"#,
                r#"{"taskId":"7","_meta":{"io.modelcontextprotocol/related-task":{"taskId":"7"}}}"#,
                "7",
            ),
        ] {
            let inward = inward(method, params).unwrap();
            assert_eq!((&*inward.server, inward.name.as_deref()), ("s", Some(name)));
            let whole =
                format!(r#"{{"jsonrpc":"2.0", "id":1,"method":"{method}","params":{there}}}"#);
            assert_eq!(inward.body, whole);
        }
    }

    #[test]
    fn what_names_nobodys_thing_or_two_is_refused() {
        for (method, params) in [
            ("tools/call", r#"{"name":"t"}"#),
            ("tools/call", r#"{"name":"s_t"}"#),
            ("tools/call", r#"{"name":""}"#),
            ("tools/call", r#"{"name":7}"#),
            ("tools/call", "{}"),
            ("resources/read", r#"{"uri":"file:///a"}"#),
            ("resources/read", r#"{"uri":"s__file:///a"}"#),
            (
                "completion/complete",
                r#"{"ref":{"type":"ref/prompt","name":"s__p","uri":"gatewright:s/a"}}"#,
            ),
            (
                "completion/complete",
                r#"{"ref":{"type":"ref/prompt","name":"p"}}"#,
            ),
        ] {
            assert!(inward(method, params).is_err(), "{method} {params}");
        }
    }

    #[test]
    fn an_answer_goes_to_the_server_that_asked() {
        let of = |text: &str| {
            let message = Message::parse_text(text, &JsonLimits::default()).unwrap();
            let Shape::Response { id: Some(id), .. } = &message.shape else {
                panic!("no answer")
            };
            response(&message, &id.clone())
        };
        let inward = of(r#"{"jsonrpc":"2.0","id":"s:\"x\"", "result":{}}"#).unwrap();
        assert_eq!(&*inward.server, "s");
        assert_eq!(inward.body, r#"{"jsonrpc":"2.0","id":"x", "result":{}}"#);
        assert!(of(r#"{"jsonrpc":"2.0","id":3,"result":{}}"#).is_err());
        assert!(of(r#"{"jsonrpc":"2.0","id":"s:{}","result":{}}"#).is_err());
    }
}
