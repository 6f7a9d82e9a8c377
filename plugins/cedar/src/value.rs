//! JSON text as a Cedar value, in one pass. What the agent writes is data:
//! `__entity` and `__extn` are names like others.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;

use cedar_policy_core::ast::{Set, Value, ValueKind};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use smol_str::SmolStr;

use crate::number::{self, Decimals};

/// Reads the arguments of a call. The error is for the agent.
pub(crate) fn read(json: &str, decimals: &Decimals) -> Result<Value, String> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let value = Json(Some(decimals))
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| format!("the arguments cannot be read: {error}"))?;
    value.ok_or_else(|| "the arguments are null".to_owned())
}

/// A set of texts.
pub(crate) fn texts(texts: &[String]) -> Value {
    Value::set_of_lits(texts.iter().map(|text| text.as_str().into()), None)
}

/// A value, with what holds for the numbers at its place. Null is no value.
#[derive(Clone, Copy)]
struct Json<'a>(Option<&'a Decimals>);

/// The name of a member: short ones need no memory of their own.
struct MemberName;

// === impl Json ===

impl<'de> DeserializeSeed<'de> for Json<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Json<'_> {
    fn is_decimal(self) -> bool {
        self.0.is_some_and(Decimals::is_decimal)
    }
}

impl<'de> Visitor<'de> for Json<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Some(Value::from(flag)))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        if self.is_decimal() {
            return decimal(&number.to_string());
        }
        Ok(Some(Value::from(number)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        match i64::try_from(number) {
            Ok(number) => self.visit_i64(number),
            Err(_) if self.is_decimal() => decimal(&number.to_string()),
            Err(_) => Ok(Some(number::opaque(number.to_string()))),
        }
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        if self.is_decimal() {
            return decimal(&number.to_string());
        }
        let text = serde_json::to_string(&number).map_err(E::custom)?;
        Ok(Some(number::opaque(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Value::from(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let element = Json(self.0.and_then(Decimals::element));
        let mut values = Vec::new();
        while let Some(value) = elements.next_element_seed(element)? {
            values.push(value.ok_or_else(|| A::Error::custom("null is an element of a list"))?);
        }
        Ok(Some(set(values)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut record = BTreeMap::new();
        while let Some(name) = members.next_key_seed(MemberName)? {
            let place = self.0.and_then(|decimals| decimals.member(&name));
            let Some(value) = members.next_value_seed(Json(place))? else {
                continue;
            };
            if record.insert(name, value).is_some() {
                return Err(A::Error::custom("a member stands there twice"));
            }
        }
        Ok(Some(Value::record_arc(Arc::new(record), None)))
    }
}

/// A set, made with room for all its elements: a list may be long.
fn set(values: Vec<Value>) -> Value {
    let mut literals = HashSet::with_capacity(values.len());
    let all = values.iter().all(|value| match value.value_kind() {
        ValueKind::Lit(literal) => {
            literals.insert(literal.clone());
            true
        }
        ValueKind::Set(_) | ValueKind::Record(_) | ValueKind::ExtensionValue(_) => false,
    });
    let set = Set {
        // INVARIANT: there exactly if all elements are literals.
        fast: all.then(|| Arc::new(literals)),
        authoritative: Arc::new(values.into_iter().collect()),
    };
    Value::new(ValueKind::Set(set), None)
}

fn decimal<E: Error>(text: &str) -> Result<Option<Value>, E> {
    number::decimal(text).map(Some).map_err(E::custom)
}

// === impl MemberName ===

impl<'de> DeserializeSeed<'de> for MemberName {
    type Value = SmolStr;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<SmolStr, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for MemberName {
    type Value = SmolStr;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<SmolStr, E> {
        Ok(SmolStr::new(text))
    }
}
