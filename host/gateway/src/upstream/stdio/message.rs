//! What a JSON-RPC message is, and where the names stand that tie messages
//! together: its id, its progress token, its subscription.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use gatewright_policy::json::{Document, Kind, Value};

/// The member of `_meta` that names the `subscriptions/listen` request.
const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

/// What a message is.
#[derive(Debug)]
pub(super) enum Shape<'a> {
    Request { id: Value<'a>, method: Cow<'a, str> },
    Notification { method: Cow<'a, str> },
    Response { id: Value<'a> },
}

/// An id or a progress token, as JSON-RPC compares them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Name {
    Number(i64),
    Text(Arc<str>),
}

/// What a message is, or nothing where it is not JSON-RPC 2.0.
pub(super) fn shape(message: &Document) -> Option<Shape<'_>> {
    let root = message.root();
    if root.get("jsonrpc")?.as_text()? != "2.0" {
        return None;
    }
    let method = root.get("method");
    let id = root.get("id");
    let is_answer = root.get("result").is_some() != root.get("error").is_some();
    match (method, id) {
        (Some(method), Some(id)) => Some(Shape::Request {
            id,
            method: method.as_text()?,
        }),
        (Some(method), None) => Some(Shape::Notification {
            method: method.as_text()?,
        }),
        (None, Some(id)) if is_answer => Some(Shape::Response { id }),
        (None, Some(_) | None) => None,
    }
}

/// The progress token that a request hands out.
pub(super) fn token_offered(request: &Document) -> Option<Value<'_>> {
    at(request, &["params", "_meta", "progressToken"])
}

/// The progress token that a progress notification is about.
pub(super) fn token_used(notification: &Document) -> Option<Value<'_>> {
    at(notification, &["params", "progressToken"])
}

/// The request that `notifications/cancelled` is about.
pub(super) fn cancelled(notification: &Document) -> Option<Value<'_>> {
    at(notification, &["params", "requestId"])
}

/// The `subscriptions/listen` request that a message belongs to.
pub(super) fn subscription(message: &Document) -> Option<Value<'_>> {
    at(message, &["params", "_meta", SUBSCRIPTION])
        .or_else(|| at(message, &["result", "_meta", SUBSCRIPTION]))
}

/// The code of an error response; 0 where it has no integer there.
pub(super) fn error_code(response: &Document) -> Option<i64> {
    let error = response.root().get("error")?;
    Some(
        error
            .get("code")
            .and_then(|code| code.as_i64())
            .unwrap_or(0),
    )
}

/// The text with some places written anew; every other byte stays. The places
/// do not overlap.
pub(super) fn splice(text: &str, mut places: Vec<(Range<usize>, &str)>) -> String {
    places.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut spliced = text.to_owned();
    for (range, json) in places {
        spliced.replace_range(range, json);
    }
    spliced
}

fn at<'a>(message: &'a Document, path: &[&str]) -> Option<Value<'a>> {
    path.iter()
        .try_fold(message.root(), |value, member| value.get(member))
}

// === impl Name ===

impl Name {
    /// The name that stands here, if it is one that MCP allows.
    pub(super) fn of(value: Value<'_>) -> Option<Self> {
        match value.kind() {
            Kind::Number => value.as_i64().map(Self::Number),
            Kind::Text => value.as_text().map(|text| Self::Text(Arc::from(&*text))),
            Kind::Null | Kind::Boolean(_) | Kind::Array(_) | Kind::Object(_) => None,
        }
    }

    /// As JSON text.
    pub(super) fn json(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => serde_json::Value::from(&**text).to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use gatewright_policy::json::JsonLimits;

    use super::*;

    fn parse(text: &str) -> Document {
        Document::parse(text, &JsonLimits::default()).unwrap()
    }

    #[test]
    fn only_json_rpc_messages_have_a_shape() {
        for (text, expected) in [
            (r#"{"jsonrpc":"2.0","id":1,"method":"a"}"#, "request"),
            (r#"{"jsonrpc":"2.0","method":"a"}"#, "notification"),
            (r#"{"jsonrpc":"2.0","id":1,"result":null}"#, "response"),
            (r#"{"jsonrpc":"2.0","id":1,"error":{}}"#, "response"),
            (r#"{"jsonrpc":"2.0","id":1,"result":1,"error":{}}"#, "none"),
            (r#"{"jsonrpc":"2.0","id":1}"#, "none"),
            (r#"{"jsonrpc":"2.0","result":1}"#, "none"),
            (r#"{"jsonrpc":"1.0","id":1,"method":"a"}"#, "none"),
            (r#"{"jsonrpc":"2.0","id":1,"method":2}"#, "none"),
            (r#"[{"jsonrpc":"2.0","id":1,"method":"a"}]"#, "none"),
            ("\"hello\"", "none"),
        ] {
            let document = parse(text);
            let found = match shape(&document) {
                Some(Shape::Request { .. }) => "request",
                Some(Shape::Notification { .. }) => "notification",
                Some(Shape::Response { .. }) => "response",
                None => "none",
            };
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn splicing_keeps_every_other_byte() {
        let text = r#"{ "id" : 1 ,"params":{"n":1.00, "_meta":{"progressToken":"\u0041"}}}"#;
        let document = parse(text);
        let id = document.root().get("id").unwrap();
        let token = token_offered(&document).unwrap();
        assert_eq!(Name::of(token), Some(Name::Text(Arc::from("A"))));
        assert_eq!(
            splice(text, vec![(id.span(), "77"), (token.span(), "\"longer\"")]),
            r#"{ "id" : 77 ,"params":{"n":1.00, "_meta":{"progressToken":"longer"}}}"#
        );
    }
}
