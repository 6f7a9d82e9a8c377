//! Where the names stand that tie messages together: an id, a progress token, a
//! subscription.

use std::ops::Range;
use std::sync::Arc;

use gatewright_policy::json::{Document, Kind, Value};

/// The member of `_meta` that names the `subscriptions/listen` request.
const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

/// The member of `_meta` that asks for log messages.
const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";

/// An id or a progress token, as JSON-RPC compares them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    Number(i64),
    Text(Arc<str>),
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

/// Whether a request asks for log messages.
pub(super) fn wants_logs(request: &Document) -> bool {
    at(request, &["params", "_meta", LOG_LEVEL]).is_some()
}

/// The code of an error response.
pub(super) fn error_code(response: &Document) -> Option<i64> {
    response.root().get("error")?.get("code")?.as_i64()
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

/// The message under the names that the caller knows.
pub(super) fn restored(text: &Arc<str>, places: Vec<(Range<usize>, &str)>) -> Arc<str> {
    let is_same = |(span, json): &(Range<usize>, &str)| text.get(span.clone()) == Some(*json);
    match places.iter().all(is_same) {
        true => Arc::clone(text),
        false => Arc::from(splice(text, places)),
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
