//! Values as the record writes them: canonical JSON (RFC 8785), in one pass.
//!
//! Members are put in order where their object ends. So no type has to declare its members
//! in any order, and none can get it wrong. Those that fill a record do it all the same:
//! then nothing changes places.

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
    /// How often members of an object had to change places.
    #[cfg(test)]
    pub(super) sorts: usize,
    /// The text that was written last sorts as its bytes do, if it is the name of a member.
    is_plain: bool,
}

/// A member, as it stands in the text.
#[derive(Clone, Copy)]
struct Member {
    /// The first eight bytes of its name: most names differ there.
    first: u64,
    /// Its name sorts as its bytes do: it is ASCII, and nothing in it is escaped.
    is_plain: bool,
    /// Where it begins, with the quote before its name.
    begin: usize,
    /// After the quote that ends its name.
    name_end: usize,
    /// After its value.
    end: usize,
}

/// What a look at the bytes of a text says.
struct Look {
    is_ascii: bool,
    /// JSON has it as it is, between quotes.
    is_unescaped: bool,
}

/// An object that is being written.
pub(super) struct Object<'a> {
    writer: &'a mut Canonical,
    /// Where it begins.
    begin: usize,
    /// Its first member, of those that are open.
    first: usize,
    order: Order,
    /// It is what a variant holds, and ends with it.
    in_variant: bool,
}

/// How the members of an object came so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Each after the one that goes before it.
    Right,
    /// The same, but for the first one: the tag of a variant.
    AfterFirst,
    /// Otherwise.
    Wrong,
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
            #[cfg(test)]
            sorts: 0,
            is_plain: false,
        }
    }

    /// Of an object that was written: where a member of this name goes, which is not there
    /// yet.
    pub(super) fn place_of(&self, name: &'static str) -> usize {
        let before = self
            .members
            .iter()
            .take_while(|it| self.is_before(it, name));
        before.last().map_or(1, |member| member.end)
    }

    /// Adds a number to an object that was written, where it goes. INVARIANT: the object has
    /// a member, and none of this name.
    pub(super) fn add<T: Serialize>(&mut self, name: &'static str, number: &T) -> Result<()> {
        let (place, end) = (self.place_of(name), self.text.len());
        let is_first = place == 1;
        if !is_first {
            self.text.push(b',');
        }
        self.string(name)?;
        self.text.push(b':');
        number.serialize(&mut *self)?;
        if is_first {
            self.text.push(b',');
        }
        let added = self.text.len() - end;
        if let Some(rest) = self.text.get_mut(place..) {
            rest.rotate_right(added);
        }
        for later in self.members.iter_mut().filter(|it| it.begin >= place) {
            later.move_to(later.begin + added);
        }
        Ok(())
    }

    fn is_before(&self, member: &Member, name: &'static str) -> bool {
        let first = first(name.as_bytes());
        match member.is_plain && member.first != first {
            true => member.first < first,
            false => order(member.name(&self.text), name.as_bytes()).is_lt(),
        }
    }

    pub(super) fn into_text(self) -> Vec<u8> {
        self.text
    }

    /// `serde_json` writes texts, and numbers that have no fraction, as RFC 8785 wants them.
    fn plain(&mut self, value: &(impl Serialize + ?Sized)) -> Result<()> {
        serde_json::to_writer(&mut self.text, value)
    }

    /// A text. Hardly any has something to escape: those are copied as they are.
    fn string(&mut self, text: &str) -> Result<()> {
        let look = Look::at(text.as_bytes());
        self.is_plain = look.is_ascii && look.is_unescaped;
        if !look.is_unescaped {
            return self.plain(text);
        }
        // Room once for all of it.
        self.text.reserve(text.len() + 2);
        self.text.push(b'"');
        self.text.extend_from_slice(text.as_bytes());
        self.text.push(b'"');
        Ok(())
    }

    /// A number as a text.
    fn number_as_text(&mut self, number: &impl Serialize) -> Result<()> {
        self.text.push(b'"');
        self.plain(number)?;
        self.text.push(b'"');
        Ok(())
    }

    fn object(&mut self, in_variant: bool) -> Object<'_> {
        let (begin, first) = (self.text.len(), self.members.len());
        self.text.push(b'{');
        Object {
            writer: self,
            begin,
            first,
            order: Order::Right,
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
        self.string(name)?;
        self.text.push(b':');
        Ok(())
    }

    /// Begins a member, whose name was written just now.
    fn begin_member(&mut self, begin: usize) -> Result<Member> {
        let name_end = self.text.len();
        if self.text.get(begin) != Some(&b'"') {
            return Err(Error::custom("the name of a member is a text"));
        }
        let mut member = Member {
            first: 0,
            is_plain: std::mem::take(&mut self.is_plain),
            begin,
            name_end,
            end: name_end,
        };
        member.first = first(member.name(&self.text));
        self.text.push(b':');
        Ok(member)
    }

    /// Puts the first member of an object where it goes between the others, which are in
    /// order.
    fn sort_first(&mut self, first: usize) -> Result<()> {
        let Self { text, members, .. } = self;
        let members = members.get_mut(first..).unwrap_or_default();
        let Some((tag, others)) = members.split_first_mut() else {
            return Ok(());
        };
        let before = others.iter().take_while(|it| it.compare(tag, text).is_lt());
        let before = before.count();
        let (others, after) = others.split_at_mut(before);
        if after
            .first()
            .is_some_and(|next| next.compare(tag, text).is_eq())
        {
            return Err(twice());
        }
        let (begin, end) = (tag.begin, others.last().map_or(tag.end, |last| last.end));
        let length = tag.end - begin;
        if let Some(text) = text.get_mut(begin..end) {
            text.rotate_left(length);
            // The comma that stood after the first stands before the others now.
            let (others, _tag) = text.split_at_mut(text.len() - length);
            others.rotate_left(1);
        }
        tag.move_to(end - length);
        for other in others {
            other.move_to(other.begin - length - 1);
        }
        if let Some(moved) = members.get_mut(..=before) {
            moved.rotate_left(1);
        }
        Ok(())
    }

    /// Puts the members of an object, from this one on, in order.
    fn sort(&mut self, object: usize, first: usize) -> Result<()> {
        #[cfg(test)]
        {
            self.sorts += 1;
        }
        let (text, sorted) = (&mut self.text, &mut self.sorted);
        let members = self.members.get_mut(first..).unwrap_or_default();
        members.sort_unstable_by(|one, other| one.compare(other, text));
        let mut pairs = members.iter().zip(members.iter().skip(1));
        if pairs.any(|(one, next)| one.compare(next, text).is_eq()) {
            return Err(twice());
        }
        sorted.clear();
        sorted.reserve(text.len() - object);
        for member in members {
            if !sorted.is_empty() {
                sorted.push(b',');
            }
            let moved_to = object + 1 + sorted.len();
            let moved = text.get(member.begin..member.end);
            sorted.extend_from_slice(moved.unwrap_or_default());
            member.move_to(moved_to);
        }
        text.truncate(object + 1);
        text.extend_from_slice(sorted);
        Ok(())
    }
}

fn twice() -> Error {
    Error::custom("a member stands there twice")
}

// === impl Member ===

impl Member {
    /// Its name, as it is written between its quotes.
    fn name<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        let name = self.begin + 1..self.name_end.saturating_sub(1);
        text.get(name).unwrap_or_default()
    }

    const fn move_to(&mut self, begin: usize) {
        self.name_end = begin + (self.name_end - self.begin);
        self.end = begin + (self.end - self.begin);
        self.begin = begin;
    }

    #[inline]
    fn compare(&self, other: &Self, text: &[u8]) -> Ordering {
        match self.is_plain && other.is_plain && self.first != other.first {
            true => self.first.cmp(&other.first),
            false => order(self.name(text), other.name(text)),
        }
    }
}

// === impl Look ===

impl Look {
    fn at(text: &[u8]) -> Self {
        let (words, _rest) = text.as_chunks();
        // The end is looked at again with what is before it, which changes nothing.
        let end = text.last_chunk().copied();
        let end = end.unwrap_or_else(|| eight(text, b' '));
        let (mut all, mut escaped) = (0, 0);
        let mut take_in = |word: [u8; 8]| {
            let word = u64::from_le_bytes(word);
            all |= word;
            escaped |= escaped_in(word);
        };
        words.iter().for_each(|word| take_in(*word));
        take_in(end);
        Self {
            is_ascii: all & HIGH_BITS == 0,
            is_unescaped: escaped == 0,
        }
    }
}

/// The lowest bit of each of eight bytes.
const LOW_BITS: u64 = u64::MAX / 0xff;

/// The highest one.
const HIGH_BITS: u64 = LOW_BITS << 7;

/// Of eight bytes, zero if JSON has all of them as they are: no control character, no quote
/// and no backslash. Eight at once, as in "Bit Twiddling Hacks" (hasless): what one byte
/// borrows from the next is found there only where it was found before.
const fn escaped_in(word: u64) -> u64 {
    const fn each(byte: u8) -> u64 {
        LOW_BITS * byte as u64
    }
    let (quote, backslash) = (word ^ each(b'"'), word ^ each(b'\\'));
    let control = word.wrapping_sub(each(b' ')) & !word;
    let quote = quote.wrapping_sub(LOW_BITS) & !quote;
    let backslash = backslash.wrapping_sub(LOW_BITS) & !backslash;
    (control | quote | backslash) & HIGH_BITS
}

/// The first eight bytes of a text that may be shorter.
fn eight(text: &[u8], more: u8) -> [u8; 8] {
    if let Some(first) = text.first_chunk() {
        return *first;
    }
    let mut eight = [more; 8];
    for (to, from) in eight.iter_mut().zip(text) {
        *to = *from;
    }
    eight
}

/// The beginning of a name as a number, in the order of names.
fn first(name: &[u8]) -> u64 {
    u64::from_be_bytes(eight(name, 0))
}

/// The order of two names as they are written: that of their UTF-16 code units.
fn order(one: &[u8], other: &[u8]) -> Ordering {
    let is_plain = |name: &[u8]| name.is_ascii() && !name.contains(&b'\\');
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
        let before = writer.members.get(self.first..).unwrap_or_default();
        if let Some(last) = before.last()
            && last.compare(&member, &writer.text).is_ge()
        {
            self.order = match before.len() {
                1 => Order::AfterFirst,
                _more => Order::Wrong,
            };
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
        match self.order {
            Order::Right => {}
            Order::AfterFirst => writer.sort_first(self.first)?,
            Order::Wrong => writer.sort(self.begin, self.first)?,
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
        for more in [
            &[("a", 1)][..],
            &[("A", 1), ("a", 2)],
            &[("A", 1), ("B", 2), ("a", 3)],
        ] {
            let more = more.iter().copied().collect();
            assert!(text(&Twice { a: 0, more }).is_err());
        }
    }

    #[test]
    fn a_member_that_comes_later_has_its_place() {
        for (value, expected) in [
            (json!({"at": 1, "z": 2}), r#"{"at":1,"m":0,"n":9,"z":2}"#),
            (
                json!({"z": {"a": 1}, "b": [{"y": 2}]}),
                r#"{"b":[{"y":2}],"m":0,"n":9,"z":{"a":1}}"#,
            ),
            (json!({"a": "m"}), r#"{"a":"m","m":0,"n":9}"#),
            (json!({"z": "m"}), r#"{"m":0,"n":9,"z":"m"}"#),
            (json!({"m ": 1, "mm": 2}), r#"{"m":0,"m ":1,"mm":2,"n":9}"#),
            (
                json!({"\n": 1, "\u{e9}": 2}),
                "{\"\\n\":1,\"m\":0,\"n\":9,\"\u{e9}\":2}",
            ),
        ] {
            let mut canonical = Canonical::new();
            value.serialize(&mut canonical).unwrap();
            canonical.add("n", &9).unwrap();
            canonical.add("m", &0).unwrap();
            let text = String::from_utf8(canonical.into_text()).unwrap();
            assert_eq!(text, expected);
        }
    }

    /// A variant has its tag first, wherever it belongs.
    #[derive(Serialize)]
    #[serde(tag = "m")]
    enum Tagged {
        Alone,
        Before { n: u8, z: Box<Tagged> },
        Between { a: u8, b: (), z: u8 },
        After { a: Box<Tagged>, b: u8 },
        Wrong { z: u8, a: u8 },
    }

    #[test]
    fn a_tag_goes_where_it_belongs() {
        use Tagged::{After, Alone, Before, Between, Wrong};
        for (value, expected, sorts) in [
            (Alone, r#"{"m":"Alone"}"#, 0),
            (
                Before {
                    n: 1,
                    z: Box::new(Alone),
                },
                r#"{"m":"Before","n":1,"z":{"m":"Alone"}}"#,
                0,
            ),
            (
                Between { a: 1, b: (), z: 2 },
                r#"{"a":1,"b":null,"m":"Between","z":2}"#,
                0,
            ),
            (
                After {
                    a: Box::new(Between { a: 1, b: (), z: 2 }),
                    b: 3,
                },
                r#"{"a":{"a":1,"b":null,"m":"Between","z":2},"b":3,"m":"After"}"#,
                0,
            ),
            (Wrong { z: 1, a: 2 }, r#"{"a":2,"m":"Wrong","z":1}"#, 1),
        ] {
            let mut canonical = Canonical::new();
            value.serialize(&mut canonical).unwrap();
            assert_eq!(canonical.sorts, sorts, "{expected}");
            let text = String::from_utf8(canonical.into_text()).unwrap();
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn a_text_is_looked_at_to_its_end() {
        for length in 0..40 {
            for at in 0..length {
                for odd in ["\"", "\\", "\u{1}", "\u{1f}", "\u{7f}", "\u{e9}", "!"] {
                    let mut value = "x".repeat(length);
                    value.replace_range(at..=at, odd);
                    let theirs = serde_json_canonicalizer::to_string(&value).unwrap();
                    assert_eq!(text(&value).unwrap(), theirs);
                }
            }
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
