//! `[packs]`, `[[publisher]]` and `[[pack]]`: whose packs are trusted with what,
//! and where they come from.

use std::path::PathBuf;

use gatewright_policy::pattern::Pattern;
use gatewright_policy::{Power, Timestamp};
use serde::Deserialize;
use toml::Spanned;

use super::Period;

/// `[packs]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PacksConfig {
    /// Where packs are kept, and which of them are wanted.
    pub store: PathBuf,
}

/// `[[publisher]]`: who may sign which packs, and how far it is trusted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublisherConfig {
    /// Names it in messages and records.
    pub name: Spanned<String>,
    /// Its keys, each a `did:key`.
    pub keys: Vec<Spanned<String>>,
    /// How many of them must have signed.
    #[serde(default = "one")]
    pub threshold: Spanned<usize>,
    /// Its signatures count until then.
    pub expires: Option<Spanned<Expiry>>,
    /// Which packs it may sign.
    pub packs: Vec<Pattern>,
    /// The most that its policies may do.
    pub authority: Vec<Power>,
}

/// A time as RFC 3339 text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Expiry(pub Timestamp);

/// `[[pack]]`: a pack that bindings use.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackConfig {
    /// Its name, `<publisher's space>/<pack>`.
    pub name: Spanned<String>,
    /// The repository that it is followed from.
    pub from: Option<Spanned<String>>,
    /// Which tag, or which range of versions, is followed.
    pub track: Option<Spanned<String>>,
    /// How often the repository is asked.
    #[serde(default = "five_minutes")]
    pub poll: Period,
    /// Plain HTTP, for a registry on a loopback address.
    #[serde(default)]
    pub plain_http: bool,
}

// === impl PacksConfig ===

impl Default for PacksConfig {
    fn default() -> Self {
        Self {
            store: PathBuf::from("state/packs"),
        }
    }
}

fn one() -> Spanned<usize> {
    Spanned::new(0..0, 1)
}

fn five_minutes() -> Period {
    Period::seconds(300)
}

// === impl Expiry ===

impl TryFrom<String> for Expiry {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Timestamp::parse(&text)
            .map(Self)
            .ok_or_else(|| format!("`{text}` is not a time such as `2027-06-01T00:00:00Z`"))
    }
}
