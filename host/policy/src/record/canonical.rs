//! Values as the record writes them: canonical JSON (RFC 8785), in one pass.
//!
//! Members are put in order where their object ends. So no type has to declare its members
//! in any order, and none can get it wrong. Those that fill a record do it all the same:
//! then nothing changes places.

mod look;
mod member;
mod serializer;

use serde::Serialize;
use serde::ser::Error as _;
use serde_json::{Error, Result};

use self::look::Look;
use self::member::Member;

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

    /// Of an object that was written: where a member of this name goes. One that is there
    /// already is an error: whoever reads the line would refuse it.
    pub(super) fn place_of(&self, name: &'static str) -> Result<usize> {
        let mut place = 1;
        for member in &self.members {
            if member.is_named(name, &self.text) {
                return Err(twice());
            }
            if !member.is_before(name, &self.text) {
                break;
            }
            place = member.end;
        }
        Ok(place)
    }

    /// Adds a number to an object that was written, where it goes. INVARIANT: the object has
    /// a member.
    pub(super) fn add<T: Serialize>(&mut self, name: &'static str, number: &T) -> Result<()> {
        let (place, end) = (self.place_of(name)?, self.text.len());
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
        if self.text.get(begin) != Some(&b'"') {
            return Err(Error::custom("the name of a member is a text"));
        }
        let member = Member::begun(&self.text, begin, self.is_plain);
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

// === impl Object ===

impl Object<'_> {
    fn name<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<()> {
        let writer = &mut *self.writer;
        if writer.members.len() > self.first {
            writer.text.push(b',');
        }
        let begin = writer.text.len();
        // Only a name that is written as a text says otherwise.
        writer.is_plain = false;
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
mod tests;
