//! Why settings are refused, and where.

use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Pointer;
use crate::bindings::contract::types;

/// For a policy without settings: only `{}` is accepted.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

/// Reads settings.
pub(crate) fn read<S: DeserializeOwned>(text: &str) -> Result<S, SettingsError> {
    serde_json::from_str(text).map_err(|error| SettingsError::of_text(error.to_string()))
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
    use super::*;

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
