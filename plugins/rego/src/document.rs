//! A document of data as it is written, read into what the interpreter works on: each text
//! that comes again and again is kept once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use regorus::Value;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// How many texts are remembered while a document is read; a power of two.
const TEXTS: usize = 1 << 12;

/// The longest text that is remembered, in bytes: names of members, and words that are
/// values of many.
const TEXT_BYTES_MAX: usize = 64;

/// A document.
#[derive(Clone, Debug)]
pub(crate) struct Document(pub(crate) Value);

/// The texts that were read last, each in a place of its own.
struct Texts(Vec<Option<Arc<str>>>);

/// Reads one value.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a RefCell<Texts>);

// === impl Document ===

impl Default for Document {
    fn default() -> Self {
        Self(Value::new_object())
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = RefCell::new(Texts(vec![None; TEXTS]));
        Reader(&texts).deserialize(deserializer).map(Self)
    }
}

// === impl Texts ===

impl Texts {
    fn of(&mut self, text: &str) -> Arc<str> {
        if text.len() > TEXT_BYTES_MAX {
            return Arc::from(text);
        }
        // FNV-1a: which texts meet in one place does not matter.
        let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        let place = usize::try_from(hash ^ (hash >> 16)).unwrap_or_default() & (TEXTS - 1);
        let Some(kept) = self.0.get_mut(place) else {
            return Arc::from(text);
        };
        match kept {
            Some(kept) if **kept == *text => Arc::clone(kept),
            _ => Arc::clone(kept.insert(Arc::from(text))),
        }
    }
}

// === impl Reader ===

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// The name of a member.
struct Name<'a>(&'a RefCell<Texts>);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_str(Reader(self.0))
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a document")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        match value.is_finite() {
            true => Ok(Value::from(value)),
            false => Err(E::custom("a number is not finite")),
        }
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(self.0.borrow_mut().of(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(self)? {
            array.push(element);
        }
        array.shrink_to_fit();
        Ok(Value::from(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Vec::new();
        while let Some(name) = members.next_key_seed(Name(self.0))? {
            object.push((name, members.next_value_seed(self)?));
        }
        // In one go: where the names are in order, nothing is looked for.
        Ok(Value::from(BTreeMap::from_iter(object)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_what_the_interpreter_would_read() {
        let long = "x".repeat(TEXT_BYTES_MAX + 1);
        let many: Vec<String> = (0..3 * TEXTS).map(|it| format!("\"{it}\":{it}")).collect();
        for text in [
            "null".to_owned(),
            "{}".to_owned(),
            "[]".to_owned(),
            r#"[true,false,0,-1,1.5,1e300,18446744073709551615,9007199254740993,-0.0]"#.to_owned(),
            r#"{"b":1,"a":{"b":"a"},"b":2,"":[{"a":"b"},{"a":"b"}],"\u00e9":"\ud83d\ude00"}"#
                .to_owned(),
            format!(r#"{{"{long}":"{long}"}}"#),
            format!("{{{}}}", many.join(",")),
        ] {
            let Document(read) = serde_json::from_str(&text).unwrap();
            assert_eq!(read, Value::from_json_str(&text).unwrap(), "{text}");
        }
        for text in ["1e999", "{\"a\":}", "[1,]", "{1:2}"] {
            assert!(serde_json::from_str::<Document>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_comes_again_is_kept_once() {
        let text = r#"[{"role":"admin"},{"role":"admin"},"admin","admin"]"#;
        let Document(read) = serde_json::from_str(text).unwrap();
        let elements = read.as_array().unwrap();
        let (Value::String(first), Value::String(second)) = (&elements[2], &elements[3]) else {
            panic!("{read}");
        };
        assert!(Arc::ptr_eq(first, second));
    }
}
