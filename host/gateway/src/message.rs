//! One JSON-RPC message, parsed strictly, with its bytes kept.

use std::borrow::Cow;
use std::fmt;

use gatewright_policy::json::{Document, JsonError, JsonLimits, Kind, Value};
use serde::{Serialize, Serializer};

/// A message that every reader understands in the same way.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// The text, and where everything stands in it.
    pub(crate) document: Document,
    /// What kind of message it is.
    pub(crate) shape: Shape,
}

/// The kinds of message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Wants an answer.
    Request { id: Id, method: String },
    /// Wants none.
    Notification { method: String },
    /// Is one. `failed`: it has an `error` in place of a `result`.
    Response { id: Option<Id>, failed: bool },
}

/// The id of a request. Two texts for the same string are the same id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Id {
    /// A JSON integer, as written.
    Number(String),
    /// A JSON string, unescaped.
    Text(String),
}

/// Why bytes are not a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MessageError {
    /// Not strict JSON, or over a limit.
    #[error("the message is {0}")]
    Json(JsonError),
    /// An array.
    #[error("batches are refused; hint: send one message in each request")]
    Batch,
    /// JSON, but not one unambiguous JSON-RPC 2.0 message.
    #[error("not a JSON-RPC message: {0}")]
    Envelope(String),
    /// A message whose `params` are not what MCP gives its method.
    #[error("not what MCP knows: {0}")]
    Params(String),
}

impl From<JsonError> for MessageError {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}

impl MessageError {
    /// What is wrong, without a word of the message.
    pub(crate) fn unquoted(&self) -> Cow<'static, str> {
        match self {
            Self::Json(error) => Cow::Owned(format!("the message is {}", error.unquoted())),
            Self::Batch => Cow::Borrowed("a batch"),
            Self::Envelope(_) => Cow::Borrowed("not a JSON-RPC message"),
            Self::Params(_) => Cow::Borrowed("`params` are not what MCP gives this method"),
        }
    }
}

/// Longest id, in bytes: it is kept while a call is in flight.
const ID_BYTES_MAX: usize = 256;

/// Longest method name, in bytes: longer ones are not MCP.
const METHOD_BYTES_MAX: usize = 128;

/// Members that give a message its meaning.
const ENVELOPE: [&str; 6] = ["jsonrpc", "id", "method", "params", "result", "error"];

impl Message {
    /// Reads one message.
    pub(crate) fn parse(bytes: &[u8], limits: &JsonLimits) -> Result<Self, MessageError> {
        Self::of(Document::parse_bytes(bytes, limits)?)
    }

    /// Reads one message out of text.
    pub(crate) fn parse_text(text: &str, limits: &JsonLimits) -> Result<Self, MessageError> {
        Self::of(Document::parse(text, limits)?)
    }

    /// The message that a document is, which is not parsed again.
    pub(crate) fn of(document: Document) -> Result<Self, MessageError> {
        let root = document.root();
        match root.kind() {
            Kind::Object(_) => {}
            Kind::Array(_) => return Err(MessageError::Batch),
            Kind::Null | Kind::Boolean(_) | Kind::Number | Kind::Text => {
                return Err(envelope("expected an object"));
            }
        }
        refuse_lookalikes(root, &ENVELOPE)?;
        if root.get("jsonrpc").and_then(|v| v.as_text()).as_deref() != Some("2.0") {
            return Err(envelope("`jsonrpc` is not `2.0`"));
        }
        let shape = shape(root)?;
        Ok(Self { document, shape })
    }

    /// Refuses members beside those that give a message its meaning: no reader
    /// of the specification expects them, and no policy sees them.
    pub(crate) fn refuse_unknown_members(&self) -> Result<(), MessageError> {
        let mut members = self.document.root().members();
        if members.any(|(name, _)| !ENVELOPE.contains(&&*name)) {
            return Err(envelope(
                "a member that JSON-RPC does not know stands beside `method`",
            ));
        }
        Ok(())
    }

    /// The id as it stands in the message: of a request, or of an answer that has one.
    pub(crate) fn id(&self) -> Option<Value<'_>> {
        self.document.root().get("id")
    }

    /// Whether it begins a session of the legacy era.
    pub(crate) fn is_initialize(&self) -> bool {
        matches!(&self.shape, Shape::Request { method, .. } if method == "initialize")
    }

    /// The `params`, if there are any.
    pub(crate) fn params(&self) -> Option<Value<'_>> {
        self.document.root().get("params")
    }
}

fn shape(root: Value<'_>) -> Result<Shape, MessageError> {
    let (result, error) = (root.get("result"), root.get("error"));
    let Some(method) = root.get("method") else {
        return response(root, result, error);
    };
    if result.is_some() || error.is_some() {
        return Err(envelope("both `method` and an answer"));
    }
    let method = method
        .as_text()
        .filter(|method| !method.is_empty() && method.len() <= METHOD_BYTES_MAX)
        .ok_or_else(|| envelope("`method` is not a method name"))?
        .into_owned();
    if let Some(params) = root.get("params")
        && !matches!(params.kind(), Kind::Object(_))
    {
        return Err(envelope("`params` is not an object"));
    }
    match root.get("id") {
        Some(id) => Ok(Shape::Request {
            id: Id::read(id)?,
            method,
        }),
        None => Ok(Shape::Notification { method }),
    }
}

fn response(
    root: Value<'_>,
    result: Option<Value<'_>>,
    error: Option<Value<'_>>,
) -> Result<Shape, MessageError> {
    let failed = match (result, error) {
        (Some(_), None) => false,
        (None, Some(error)) => {
            let is_error = error.get("code").and_then(|code| code.as_i64()).is_some()
                && error
                    .get("message")
                    .is_some_and(|text| text.kind() == Kind::Text);
            if !is_error {
                return Err(envelope("`error` has no `code` or `message`"));
            }
            true
        }
        (Some(_), Some(_)) => return Err(envelope("both `result` and `error`")),
        (None, None) => return Err(envelope("neither `method` nor an answer")),
    };
    if root.get("params").is_some() {
        return Err(envelope("an answer with `params`"));
    }
    let id = match root.get("id") {
        // An error about a request whose id could not be read.
        Some(id) if failed && id.kind() == Kind::Null => None,
        None if failed => None,
        Some(id) => Some(Id::read(id)?),
        None => return Err(envelope("an answer without `id`")),
    };
    Ok(Shape::Response { id, failed })
}

/// Refuses members that differ from a known one only by case: some parsers read
/// them as the known one.
pub(crate) fn refuse_lookalikes(object: Value<'_>, known: &[&str]) -> Result<(), MessageError> {
    for (name, _) in object.members() {
        if known.contains(&&*name) {
            continue;
        }
        if known.iter().any(|known| differ_in_case_only(known, &name)) {
            return Err(envelope(&format!(
                "member `{name}` is written with another case"
            )));
        }
    }
    Ok(())
}

/// Whether some parsers read two names as one.
pub(crate) fn differ_in_case_only(one: &str, other: &str) -> bool {
    one != other && fold(one) == fold(other)
}

/// Simple case folding, the signs that fold into ASCII (long s, Kelvin) too.
fn fold(name: &str) -> String {
    let upper = name.chars().flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).collect()
}

fn envelope(problem: &str) -> MessageError {
    MessageError::Envelope(problem.to_owned())
}

// === impl Id ===

impl Id {
    /// The id in a text that is no message, so that whoever asked learns that it was this
    /// request. Nothing is done by it.
    pub(crate) fn glimpsed(text: &[u8]) -> Option<Self> {
        #[derive(serde::Deserialize)]
        struct Glimpse {
            id: serde_json::Value,
        }
        let Glimpse { id } = serde_json::from_slice(text).ok()?;
        match id {
            serde_json::Value::Number(number) if !number.is_f64() => {
                Some(Self::Number(number.to_string()))
            }
            serde_json::Value::String(text) if text.len() <= ID_BYTES_MAX => Some(Self::Text(text)),
            _other => None,
        }
    }

    /// Reads an id: a string, or an integer in its plain form.
    pub(crate) fn read(value: Value<'_>) -> Result<Self, MessageError> {
        let text = value.json();
        if text.len() > ID_BYTES_MAX {
            return Err(envelope("`id` is too long"));
        }
        if let Some(text) = value.as_text() {
            return Ok(Self::Text(text.into_owned()));
        }
        match value.kind() {
            Kind::Number if text != "-0" && !text.contains(['.', 'e', 'E']) => {
                Ok(Self::Number(text.to_owned()))
            }
            Kind::Number
            | Kind::Text
            | Kind::Null
            | Kind::Boolean(_)
            | Kind::Array(_)
            | Kind::Object(_) => Err(envelope("`id` is neither a string nor an integer")),
        }
    }
}

/// As JSON.
impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => f.write_str(number),
            Self::Text(text) => f.write_str(&serde_json::Value::from(text.as_str()).to_string()),
        }
    }
}

/// For messages that the gate itself writes.
impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => match serde_json::from_str::<serde_json::Number>(number) {
                Ok(number) => number.serialize(serializer),
                Err(error) => Err(serde::ser::Error::custom(error)),
            },
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Shape, MessageError> {
        Message::parse(text.as_bytes(), &JsonLimits::default()).map(|message| message.shape)
    }

    #[test]
    fn ambiguous_messages_are_refused() {
        for text in [
            "",
            "nonsense",
            "\u{feff}{}",
            "1",
            "null",
            "{}",
            r#"{"id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
            r#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1}"#,
            r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1.0,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1e2,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":-0,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":""}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":7}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":null}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","id":2}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":""}}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":1}}"#,
            r#"{"jsonrpc":"2.0","result":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{},"params":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","PARAMS":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","paramſ":{}}"#,
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(
            parse(r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#),
            Err(MessageError::Batch)
        );
    }

    #[test]
    fn ids_are_equal_when_they_mean_the_same() {
        let id = |text: &str| match parse(text) {
            Ok(Shape::Request { id, .. }) => id,
            other => panic!("{other:?}"),
        };
        let one = id(r#"{"jsonrpc":"2.0","id":"\u0061\"","method":"ping"}"#);
        let two = id(r#"{"jsonrpc":"2.0","id":"a\"","method":"ping"}"#);
        assert_eq!(one, two);
        assert_eq!(one.to_string(), r#""a\"""#);
        let number = id(r#"{"jsonrpc":"2.0","id":12345678901234567890123,"method":"ping"}"#);
        assert_eq!(number.to_string(), "12345678901234567890123");
        assert_ne!(
            id(r#"{"jsonrpc":"2.0","id":"1","method":"p"}"#),
            Id::Number("1".into())
        );
    }

    #[test]
    fn the_id_of_a_request_that_cannot_be_read_is_found_where_there_is_one() {
        let id = |text: &str| Id::glimpsed(text.as_bytes()).map(|id| id.to_string());
        let expected = |text: &str| Some(text.to_owned());
        assert_eq!(id(r#"{"id":7,"a":1,"a":2}"#), expected("7"));
        assert_eq!(id(r#"{"id":"x","a":"\ud83d"}"#), expected("\"x\""));
        for text in [
            r#"{"id":1,"id":2}"#,
            r#"{"id":1.5,"a":1,"a":2}"#,
            r#"{"id":null}"#,
            r#"{"id":[1]}"#,
            r#"{"id":1"#,
            r#"[{"id":1}]"#,
            "{}",
        ] {
            assert_eq!(id(text), None, "{text}");
        }
        let long = format!(r#"{{"id":"{}"}}"#, "x".repeat(ID_BYTES_MAX + 1));
        assert_eq!(id(&long), None);
    }

    #[test]
    fn errors_may_lack_an_id_and_results_may_not() {
        let error = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}"#;
        assert_eq!(
            parse(error),
            Ok(Shape::Response {
                id: None,
                failed: true
            })
        );
    }
}
