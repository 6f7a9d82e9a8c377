//! Why settings are refused, and where.

use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use crate::Pointer;
use crate::argument::without_place;
use crate::bindings::contract::types;

/// For a policy without settings: only `{}` is accepted.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

/// Reads settings. What does not fit is named by its place among the settings: their
/// text is the gate's, and its lines and columns are nobody's.
pub(crate) fn read<S: DeserializeOwned>(text: &str) -> Result<S, SettingsError> {
    // Where each member stands is asked only if one does not fit: of long settings, that
    // takes longer than all else.
    if let Ok(settings) = serde_json::from_str(text) {
        return Ok(settings);
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let settings = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer(error.path());
        let refused = SettingsError::of_text(without_place(error.inner()));
        match refused.pointer.as_str() {
            "" => SettingsError::at(pointer, refused.message),
            _ => refused,
        }
    })?;
    reader
        .end()
        .map_err(|error| SettingsError::new(without_place(&error)))?;
    Ok(settings)
}

/// A path of serde as a JSON Pointer, as far as it is known.
fn pointer(path: &serde_path_to_error::Path) -> String {
    let mut pointer = Pointer::root();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer = pointer.child(&index.to_string()),
            Segment::Map { key } => pointer = pointer.child(key),
            Segment::Enum { .. } | Segment::Unknown => break,
        }
    }
    pointer.as_str().to_owned()
}

/// Why settings are refused, and where. The type of the settings gives it where serde asks
/// for an error, and so names the place to the operator; the pointer starts at the whole
/// of the settings. Any other error of serde refuses them too, at no single place.
///
/// ```
/// use gatewright_sdk::SettingsError;
///
/// #[derive(serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Written {
///     most: u64,
/// }
///
/// #[derive(Debug, serde::Deserialize)]
/// #[serde(try_from = "Written")]
/// struct Settings {
///     most: u64,
/// }
///
/// impl TryFrom<Written> for Settings {
///     type Error = SettingsError;
///
///     fn try_from(written: Written) -> Result<Self, SettingsError> {
///         match written.most {
///             0 => Err(SettingsError::at("/most", "must be at least 1")),
///             most => Ok(Self { most }),
///         }
///     }
/// }
///
/// let refused = serde_json::from_str::<Settings>(r#"{"most":0}"#).map_err(|error| error.to_string());
/// assert_eq!(refused.err().as_deref(), Some("at `/most`: must be at least 1"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// JSON Pointer to what is wrong; empty where it is no single place.
    pub pointer: String,
    /// For the operator.
    pub message: String,
}

impl SettingsError {
    /// What is wrong at a JSON Pointer.
    pub fn at(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            message: message.into(),
        }
    }

    /// What is wrong at no single place.
    pub fn new(message: impl Into<String>) -> Self {
        Self::at("", message)
    }

    /// Serde hands on an error as its text: what it was is read out of that again.
    fn of_text(text: String) -> Self {
        let (pointer, message) = text
            .strip_prefix("at `")
            .and_then(|rest| rest.split_once("`: "))
            .filter(|(pointer, _)| Pointer::parse(*pointer).is_ok())
            .unwrap_or_default();
        match pointer {
            "" => Self::new(text),
            pointer => Self::at(pointer, message),
        }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.as_str() {
            "" => f.write_str(&self.message),
            pointer => write!(f, "at `{pointer}`: {}", self.message),
        }
    }
}

impl std::error::Error for SettingsError {}

impl From<SettingsError> for types::SettingsError {
    fn from(error: SettingsError) -> Self {
        Self {
            pointer: error.pointer,
            message: error.message,
        }
    }
}

impl From<String> for SettingsError {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}

impl From<&str> for SettingsError {
    fn from(message: &str) -> Self {
        Self::new(message)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Limits {
        limit: u64,
        #[serde(default)]
        tools: BTreeMap<String, Vec<u8>>,
    }

    #[test]
    fn what_does_not_fit_is_named_by_its_place() {
        for (text, told) in [
            (
                r#"{"limit":"10"}"#,
                "at `/limit`: invalid type: string \"10\", expected u64",
            ),
            (
                r#"{"limit":1,"tools":{"a/b":[1,-1]}}"#,
                "at `/tools/a~1b/1`: invalid value: integer `-1`, expected u8",
            ),
            (
                r#"{"limt":1}"#,
                "at `/limt`: unknown field `limt`, expected `limit` or `tools`",
            ),
            ("{}", "missing field `limit`"),
            (r#"{"limit":1}{"#, "trailing characters"),
            ("{", "EOF while parsing an object"),
        ] {
            assert_eq!(read::<Limits>(text).unwrap_err().to_string(), told);
        }
    }

    #[test]
    fn the_place_survives_serde_and_nothing_else_becomes_one() {
        for (text, pointer, message) in [
            ("at `/a~1b/0`: is wrong", "/a~1b/0", "is wrong"),
            ("is wrong", "", "is wrong"),
            ("at `a`: is wrong", "", "at `a`: is wrong"),
            ("at `/~`: is wrong", "", "at `/~`: is wrong"),
            ("at `/a`", "", "at `/a`"),
        ] {
            let error = SettingsError::of_text(text.to_owned());
            assert_eq!(error, SettingsError::at(pointer, message));
            assert_eq!(error.to_string(), text);
        }
    }
}
