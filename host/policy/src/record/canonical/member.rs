//! Members of an object, as they stand in its text, and their order: that of the UTF-16 code
//! units of their names.

use std::cmp::Ordering;

use super::look::eight;

/// A member, as it stands in the text.
#[derive(Clone, Copy)]
pub(super) struct Member {
    /// The first eight bytes of its name: most names differ there.
    first: u64,
    /// Its name sorts as its bytes do: it is ASCII, and nothing in it is escaped.
    is_plain: bool,
    /// Where it begins, with the quote before its name.
    pub(super) begin: usize,
    /// After the quote that ends its name.
    name_end: usize,
    /// After its value.
    pub(super) end: usize,
}

// === impl Member ===

impl Member {
    /// One of which the text ends with the name, in its quotes.
    pub(super) fn begun(text: &[u8], begin: usize, is_plain: bool) -> Self {
        let mut member = Self {
            first: 0,
            is_plain,
            begin,
            name_end: text.len(),
            end: text.len(),
        };
        member.first = first(member.name(text));
        member
    }

    /// Its name, as it is written between its quotes.
    fn name<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        let name = self.begin + 1..self.name_end.saturating_sub(1);
        text.get(name).unwrap_or_default()
    }

    pub(super) const fn move_to(&mut self, begin: usize) {
        self.name_end = begin + (self.name_end - self.begin);
        self.end = begin + (self.end - self.begin);
        self.begin = begin;
    }

    pub(super) fn is_named(&self, name: &'static str, text: &[u8]) -> bool {
        self.name(text) == name.as_bytes()
    }

    /// Whether it stands before a member of this name.
    pub(super) fn is_before(&self, name: &'static str, text: &[u8]) -> bool {
        let first = first(name.as_bytes());
        match self.is_plain && self.first != first {
            true => self.first < first,
            false => order(self.name(text), name.as_bytes()).is_lt(),
        }
    }

    #[inline]
    pub(super) fn compare(&self, other: &Self, text: &[u8]) -> Ordering {
        match self.is_plain && other.is_plain && self.first != other.first {
            true => self.first.cmp(&other.first),
            false => order(self.name(text), other.name(text)),
        }
    }
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
