//! Why settings are refused, and where.

use std::fmt;

use super::Pointer;
use super::bindings::contract::types;

/// Why settings are refused. A type of settings that gives it where serde asks for an
/// error names the place that is wrong:
///
/// ```
/// use gatewright_sdk::v0_2::SettingsError;
///
/// #[derive(serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Written {
///     most: u64,
/// }
///
/// #[derive(serde::Deserialize)]
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

    /// Out of the text that serde hands on, which is all that it hands on.
    pub(super) fn of_text(text: String) -> Self {
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
