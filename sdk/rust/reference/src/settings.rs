//! The settings, checked in the order that the corpus asks for. A struct that
//! derives `Deserialize` is enough for a policy that need not say it word by word.

use std::fmt;

use gatewright_sdk::{Pointer, SettingsError};
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Settings of the reference policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Stands in messages, titles, keys and labels.
    pub tag: String,
    /// Tools that are refused.
    pub closed: Vec<String>,
    /// The most that `at-most` allows.
    pub max: i64,
}

/// The most that `at-most` allows where the settings do not say.
const MAX: i64 = 100;

/// The members in the order of the text, or none for what is not an object.
struct Given(Option<Vec<(String, Value)>>);

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = deserializer
            .deserialize_any(GivenVisitor)
            .map_err(|_| Error::custom("settings are not JSON"))?;
        Self::try_from(given).map_err(Error::custom)
    }
}

impl TryFrom<Given> for Settings {
    type Error = SettingsError;

    fn try_from(given: Given) -> Result<Self, SettingsError> {
        let members = given.0.ok_or("settings are not an object")?;
        let member = |wanted: &str| {
            let found = members.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value)
        };
        let tag = match member("tag") {
            None => return Err(SettingsError::new("tag is missing")),
            Some(Value::String(tag)) if tag.is_empty() => return Err(wrong("tag", "is empty")),
            Some(Value::String(tag)) => tag.clone(),
            Some(_) => return Err(wrong("tag", "is not text")),
        };
        let closed = member("closed").map_or(Some(Vec::new()), names);
        let closed = closed.ok_or_else(|| wrong("closed", "is not a list of names"))?;
        let max = member("max").map_or(Some(MAX), Value::as_i64);
        let max = max.ok_or_else(|| wrong("max", "is not an integer"))?;
        let known = |name: &str| matches!(name, "tag" | "closed" | "max");
        match members.iter().find(|(name, _)| !known(name)) {
            Some((name, _)) => Err(SettingsError::at(
                Pointer::root().child(name).to_string(),
                format!("unknown setting {name}"),
            )),
            None => Ok(Self { tag, closed, max }),
        }
    }
}

fn wrong(name: &str, what: &str) -> SettingsError {
    SettingsError::at(format!("/{name}"), format!("{name} {what}"))
}

fn names(value: &Value) -> Option<Vec<String>> {
    let name = |value: &Value| value.as_str().map(str::to_owned);
    value.as_array()?.iter().map(name).collect()
}

struct GivenVisitor;

impl<'de> Visitor<'de> for GivenVisitor {
    type Value = Given;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Given, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Given(Some(members)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Given, A::Error> {
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Given(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Given, E> {
        Ok(Given(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Given, E> {
        Ok(Given(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Given, E> {
        Ok(Given(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Given, E> {
        Ok(Given(None))
    }

    fn visit_str<E>(self, _: &str) -> Result<Given, E> {
        Ok(Given(None))
    }

    fn visit_unit<E>(self) -> Result<Given, E> {
        Ok(Given(None))
    }
}
