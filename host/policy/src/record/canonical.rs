//! Values as the record writes them: canonical JSON (RFC 8785), in one pass.
//!
//! Members are put in order where their object ends. So no type has to declare its members
//! in any order, and none can get it wrong.

mod serializer;

use std::cmp::Ordering;

use serde::Serialize;
use serde::ser::Error as _;
use serde_json::{Error, Result};

/// Bytes that most entries fit in.
const USUAL_BYTES: usize = 2048;

/// Members that most entries have open at once.
const USUAL_MEMBERS: usize = 64;

/// Writes one value.
pub(super) struct Canonical {
    text: Vec<u8>,
    /// The members of every object that is not ended yet; of the outermost one, also
    /// afterwards.
    members: Vec<Member>,
    /// Room in which members change places.
    sorted: Vec<u8>,
}

/// A member, as it stands in the text.
#[derive(Clone, Copy)]
struct Member {
    /// The first eight bytes of its name: most names differ there.
    first: u64,
    /// Where it begins, with the quote before its name.
    begin: usize,
    /// After the quote that ends its name.
    name_end: usize,
    /// After its value.
    end: usize,
}

/// An object that is being written.
pub(super) struct Object<'a> {
    writer: &'a mut Canonical,
    /// Where it begins.
    begin: usize,
    /// Its first member, of those that are open.
    first: usize,
    /// Each member so far comes after the one before it.
    in_order: bool,
    /// It is what a variant holds, and ends with it.
    in_variant: bool,
}

/// An array that is being written.
pub(super) struct Array<'a> {
    writer: &'a mut Canonical,
    is_empty: bool,
    in_variant: bool,
}

// === impl Canonical ===

impl Canonical {
    pub(super) fn new() -> Self {
        Self {
            text: Vec::with_capacity(USUAL_BYTES),
            members: Vec::with_capacity(USUAL_MEMBERS),
            sorted: Vec::new(),
        }
    }

    /// Of an object that was written: where a member of this name goes, which is not its
    /// first one and not there yet.
    pub(super) fn place_of(&self, name: &str) -> usize {
        let before = |member: &&Member| order(self.name(member), name.as_bytes()).is_lt();
        let last = self.members.iter().take_while(before).last();
        last.map_or(1, |member| member.end)
    }

    pub(super) fn into_text(self) -> Vec<u8> {
        self.text
    }

    /// The name of a member, as it is written between its quotes.
    fn name(&self, member: &Member) -> &[u8] {
        let name = member.begin + 1..member.name_end.saturating_sub(1);
        self.text.get(name).unwrap_or_default()
    }

    /// `serde_json` writes texts, and numbers that have no fraction, as RFC 8785 wants them.
    fn plain(&mut self, value: &(impl Serialize + ?Sized)) -> Result<()> {
        serde_json::to_writer(&mut self.text, value)
    }

    fn object(&mut self, in_variant: bool) -> Object<'_> {
        let (begin, first) = (self.text.len(), self.members.len());
        self.text.push(b'{');
        Object {
            writer: self,
            begin,
            first,
            in_order: true,
            in_variant,
        }
    }

    fn array(&mut self, in_variant: bool) -> Array<'_> {
        self.text.push(b'[');
        Array {
            writer: self,
            is_empty: true,
            in_variant,
        }
    }

    /// Begins the object that a variant with something in it is.
    fn variant(&mut self, name: &str) -> Result<()> {
        self.text.push(b'{');
        self.plain(name)?;
        self.text.push(b':');
        Ok(())
    }

    /// Begins a member, whose name was written just now.
    fn begin_member(&mut self, begin: usize) -> Result<Member> {
        let name_end = self.text.len();
        let mut member = Member {
            first: 0,
            begin,
            name_end,
            end: name_end,
        };
        if self.text.get(begin) != Some(&b'"') {
            return Err(Error::custom("the name of a member is a text"));
        }
        let mut first = [0; 8];
        for (to, from) in first.iter_mut().zip(self.name(&member)) {
            *to = *from;
        }
        member.first = u64::from_be_bytes(first);
        self.text.push(b':');
        Ok(member)
    }

    fn compare(&self, one: &Member, other: &Member) -> Ordering {
        // What is escaped, or is no ASCII, sorts otherwise than its bytes.
        let is_plain = |first: u64| {
            let bytes = first.to_be_bytes();
            bytes.is_ascii() && !bytes.contains(&b'\\')
        };
        match one.first.cmp(&other.first) {
            unlike if unlike.is_ne() && is_plain(one.first) && is_plain(other.first) => unlike,
            _same => order(self.name(one), self.name(other)),
        }
    }

    /// Puts the members of an object, from this one on, in order.
    fn sort(&mut self, object: usize, first: usize) -> Result<()> {
        let mut members = self.members.split_off(first);
        members.sort_by(|one, other| self.compare(one, other));
        let mut sorted = std::mem::take(&mut self.sorted);
        sorted.clear();
        let mut before: Option<Member> = None;
        for member in &mut members {
            if before.is_some_and(|before| self.compare(&before, member).is_eq()) {
                return Err(Error::custom("a member stands there twice"));
            }
            before = Some(*member);
            if !sorted.is_empty() {
                sorted.push(b',');
            }
            let moved_to = object + 1 + sorted.len();
            let text = self.text.get(member.begin..member.end);
            sorted.extend_from_slice(text.unwrap_or_default());
            *member = Member {
                first: member.first,
                begin: moved_to,
                name_end: moved_to + (member.name_end - member.begin),
                end: moved_to + (member.end - member.begin),
            };
        }
        self.text.truncate(object + 1);
        self.text.extend_from_slice(&sorted);
        self.sorted = sorted;
        self.members.append(&mut members);
        Ok(())
    }
}

/// The order of two names as they are written: that of their UTF-16 code units.
fn order(one: &[u8], other: &[u8]) -> Ordering {
    let is_plain = |name: &[u8]| name.iter().all(|byte| byte.is_ascii() && *byte != b'\\');
    match is_plain(one) && is_plain(other) {
        true => one.cmp(other),
        false => units(one).cmp(&units(other)),
    }
}

fn units(name: &[u8]) -> Vec<u16> {
    let quoted = [b"\"", name, b"\""].concat();
    let text: String = serde_json::from_slice(&quoted).unwrap_or_default();
    text.encode_utf16().collect()
}

// === impl Object ===

impl Object<'_> {
    fn name<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<()> {
        let writer = &mut *self.writer;
        if writer.members.len() > self.first {
            writer.text.push(b',');
        }
        let begin = writer.text.len();
        name.serialize(&mut *writer)?;
        let member = writer.begin_member(begin)?;
        let before = writer.members.get(self.first..).and_then(<[_]>::last);
        if before.is_some_and(|before| writer.compare(before, &member).is_ge()) {
            self.in_order = false;
        }
        writer.members.push(member);
        Ok(())
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let writer = &mut *self.writer;
        value.serialize(&mut *writer)?;
        let end = writer.text.len();
        if let Some(member) = writer.members.last_mut() {
            member.end = end;
        }
        Ok(())
    }

    fn finish(self) -> Result<()> {
        let writer = self.writer;
        if !self.in_order {
            writer.sort(self.begin, self.first)?;
        }
        if self.first > 0 {
            writer.members.truncate(self.first);
        }
        let end: &[u8] = if self.in_variant { b"}}" } else { b"}" };
        writer.text.extend_from_slice(end);
        Ok(())
    }
}

// === impl Array ===

impl Array<'_> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        if !std::mem::take(&mut self.is_empty) {
            self.writer.text.push(b',');
        }
        value.serialize(&mut *self.writer)
    }

    fn finish(self) {
        let end: &[u8] = if self.in_variant { b"]}" } else { b"]" };
        self.writer.text.extend_from_slice(end);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Serializer;
    use serde_json::{Number, Value, json};

    use super::*;
    use crate::integer::EXACT_MAX;

    fn text(value: &impl Serialize) -> Result<String> {
        let mut canonical = Canonical::new();
        value.serialize(&mut canonical)?;
        Ok(String::from_utf8(canonical.into_text()).unwrap())
    }

    #[derive(Serialize)]
    enum Every {
        Unit,
        New(u8),
        Two(u8, &'static str),
        Named { z: u8, a: Box<Every> },
    }

    #[derive(Serialize)]
    struct Twice {
        a: u8,
        #[serde(flatten)]
        more: BTreeMap<&'static str, u8>,
    }

    #[test]
    fn every_form_of_a_value_is_json() {
        let named = Every::Named {
            z: 1,
            a: Box::new(Every::Two(2, "\u{7f}\u{1}/")),
        };
        for (written, expected) in [
            (
                text(&named),
                "{\"Named\":{\"a\":{\"Two\":[2,\"\u{7f}\\u0001/\"]},\"z\":1}}",
            ),
            (
                text(&(Every::Unit, Every::New(0), ())),
                r#"["Unit",{"New":0},null]"#,
            ),
            (text(&(Some('x'), None::<u8>, true)), r#"["x",null,true]"#),
            (text(&[i64::MIN, -1]), r#"["-9223372036854775808",-1]"#),
            (
                text(&[EXACT_MAX, EXACT_MAX + 1, u64::MAX]),
                r#"[9007199254740991,"9007199254740992","18446744073709551615"]"#,
            ),
            (text(&BTreeMap::<String, u8>::new()), "{}"),
        ] {
            assert_eq!(written.unwrap(), expected);
        }
    }

    #[test]
    fn what_has_no_canonical_text_is_refused() {
        assert!(text(&1.5).is_err());
        assert!(text(&f32::NAN).is_err());
        assert!(text(&BTreeMap::from([(1, 2)])).is_err());
        let more = BTreeMap::from([("a", 1)]);
        assert!(text(&Twice { a: 0, more }).is_err());
    }

    #[test]
    fn a_member_that_comes_later_has_its_place() {
        for (value, expected) in [
            (json!({"at": 1, "z": 2}), r#"{"at":1,"m":0,"z":2}"#),
            (
                json!({"z": {"a": 1}, "b": [{"y": 2}]}),
                r#"{"b":[{"y":2}],"m":0,"z":{"a":1}}"#,
            ),
            (json!({"a": "m"}), r#"{"a":"m","m":0}"#),
        ] {
            let mut canonical = Canonical::new();
            value.serialize(&mut canonical).unwrap();
            let place = canonical.place_of("m");
            let mut text = String::from_utf8(canonical.into_text()).unwrap();
            text.insert_str(place, ",\"m\":0");
            assert_eq!(text, expected);
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (0..=EXACT_MAX).prop_map(|number| Value::Number(Number::from(number))),
            any::<String>().prop_map(Value::from),
            Just(Value::Null),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            let name = prop_oneof![any::<String>(), "[a-c\\\\\"]{0,9}", "\u{e000}|\u{10000}|\n"];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::vec((name, inner), 0..8)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn another_implementation_agrees(value in value()) {
            let theirs = serde_json_canonicalizer::to_string(&value).unwrap();
            prop_assert_eq!(text(&Shuffled(&value)).unwrap(), theirs);
        }
    }

    /// A value whose members come in another order than that of their bytes.
    struct Shuffled<'a>(&'a Value);

    impl Serialize for Shuffled<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
            match self.0 {
                Value::Array(elements) => serializer.collect_seq(elements.iter().map(Shuffled)),
                Value::Object(members) => {
                    let members = members.iter().rev();
                    serializer.collect_map(members.map(|(name, value)| (name, Shuffled(value))))
                }
                other => other.serialize(serializer),
            }
        }
    }
}
