//! A label as files and databases have it: its name sealed, with who left it and when.

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

/// A label in an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct SealedLabel {
    /// Its name, sealed with the keys of the record.
    pub name: String,
    /// The binding that left it; none in entries of older gates.
    pub source: Option<String>,
    /// When; none in entries of older gates.
    pub at: Option<Timestamp>,
}

/// Older gates wrote the name alone.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Name(String),
    Whole(Whole),
}

#[derive(Serialize, Deserialize)]
struct Whole {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

impl From<Written> for SealedLabel {
    fn from(written: Written) -> Self {
        match written {
            Written::Name(name) => Self {
                name,
                source: None,
                at: None,
            },
            Written::Whole(Whole { label, source, at }) => Self {
                name: label,
                source,
                at,
            },
        }
    }
}

impl From<SealedLabel> for Written {
    fn from(sealed: SealedLabel) -> Self {
        let SealedLabel { name, source, at } = sealed;
        match (&source, at) {
            (None, None) => Self::Name(name),
            (Some(_), _) | (_, Some(_)) => Self::Whole(Whole {
                label: name,
                source,
                at,
            }),
        }
    }
}
