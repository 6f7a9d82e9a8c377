//! A document of data as it is written, read into what the interpreter works on: each text
//! that comes again and again is kept once, and the names of a large object lie as they are
//! looked for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use gatewright_sdk::data;
use regorus::Value;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// How many texts are remembered while a document is read; a power of two.
const TEXTS: usize = 1 << 12;

/// The longest text that is remembered, in bytes: names of members, and words that are
/// values of many.
const TEXT_BYTES_MAX: usize = 64;

/// An object with more members is large.
const MEMBERS_MAX: usize = 256;

/// So many names of a large object are those that most lookups pass.
const PASSED_NAMES: usize = 1 << 11;

/// A document.
#[derive(Clone, Debug)]
pub(crate) struct Document(pub(crate) Value);

/// What is known while a document is read.
struct Texts {
    /// The texts that were read last, each in a place of its own.
    last: Vec<Option<Arc<str>>>,
    /// The names of the objects that are open, one behind the other.
    names: String,
}

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
        data::apart(|| {
            let texts = RefCell::new(Texts {
                last: vec![None; TEXTS],
                names: String::new(),
            });
            Reader(&texts).deserialize(deserializer).map(Self)
        })
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
        let Some(kept) = self.last.get_mut(place) else {
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

/// The name of a member: put behind the others; gives where it ends.
struct Name<'a>(&'a RefCell<Texts>);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<usize, E> {
        let names = &mut self.0.borrow_mut().names;
        names.push_str(name);
        Ok(names.len())
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
        let begin = self.0.borrow().names.len();
        let mut object = Vec::new();
        while let Some(end) = members.next_key_seed(Name(self.0))? {
            object.push((end, members.next_value_seed(self)?));
        }
        let mut texts = self.0.borrow_mut();
        let object = match object.len() > MEMBERS_MAX {
            true => texts.large(begin, object),
            false => texts.small(begin, object),
        };
        texts.names.truncate(begin);
        // In one go: where the names are in order, nothing is looked for.
        Ok(Value::from(BTreeMap::from_iter(object)))
    }
}

impl Texts {
    /// The members with their names, of which the first begins there.
    fn small(&mut self, mut begin: usize, members: Vec<(usize, Value)>) -> Vec<(Value, Value)> {
        let names = std::mem::take(&mut self.names);
        let members = members.into_iter().map(|(end, value)| {
            let name = names.get(begin..end).unwrap_or_default();
            begin = end;
            (Value::String(self.of(name)), value)
        });
        let members = members.collect();
        self.names = names;
        members
    }

    /// The members in the order of their names. A lookup halves the object again and again:
    /// the names that most lookups pass lie side by side, and so do the others in their
    /// order. So one comes to few places of the memory.
    fn large(&self, mut begin: usize, members: Vec<(usize, Value)>) -> Vec<(Value, Value)> {
        let members = members.into_iter().map(|(end, value)| {
            let name = self.names.get(begin..end).unwrap_or_default();
            begin = end;
            (name, value)
        });
        let mut members: Vec<(&str, Value)> = members.collect();
        members.sort_by_key(|(name, _)| *name);
        // Of several with one name, the last counts.
        members.dedup_by(|later, kept| {
            let is_same = later.0 == kept.0;
            if is_same {
                std::mem::swap(later, kept);
            }
            is_same
        });
        let mut names: Vec<Option<Arc<str>>> = vec![None; members.len()];
        for place in passed(members.len()).into_iter().chain(0..members.len()) {
            if let (Some(name), Some((text, _))) = (names.get_mut(place), members.get(place)) {
                name.get_or_insert_with(|| Arc::from(*text));
            }
        }
        let named = names.into_iter().zip(members);
        named
            .filter_map(|(name, (_, value))| Some((Value::String(name?), value)))
            .collect()
    }
}

/// The places in a sorted list that a search by halves comes to first.
fn passed(members: usize) -> Vec<usize> {
    let mut places = vec![0];
    let mut size = members;
    while size > 1 && places.len() < PASSED_NAMES {
        let half = size / 2;
        let next: Vec<usize> = places.iter().map(|place| place + half).collect();
        places.extend(next);
        size -= half;
    }
    places
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
            format!("{{{},\"7\":[],\"7\":{{\"7\":null}}}}", many.join(",")),
        ] {
            let Document(read) = serde_json::from_str(&text).unwrap();
            assert_eq!(read, Value::from_json_str(&text).unwrap(), "{text}");
        }
        for text in ["1e999", "{\"a\":}", "[1,]", "{1:2}"] {
            assert!(serde_json::from_str::<Document>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_search_comes_to_the_first_places_first() {
        for members in [0, 1, 2, 3, 255, 256, 257, 600_000] {
            let places = passed(members);
            assert!(
                places.iter().all(|place| *place < members.max(1)),
                "{members}"
            );
            for wanted in [0, members / 3, members.saturating_sub(1)] {
                let mut seen = Vec::new();
                let all: Vec<usize> = (0..members).collect();
                let _ = all.binary_search_by(|place| {
                    seen.push(*place);
                    place.cmp(&wanted)
                });
                let first = seen.iter().take(11);
                assert!(
                    first.clone().all(|place| places.contains(place)),
                    "{members}"
                );
            }
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
