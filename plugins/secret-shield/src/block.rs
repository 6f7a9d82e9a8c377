//! Sets of bytes, and which of sixty-four bytes belong to them: one bit for each byte.
//! All of a result is read here, most of it nowhere else.

/// So many bytes are looked up together.
pub(crate) const BLOCK: usize = 64;

/// Bytes of a text that are looked up together; behind its end they are zero.
pub(crate) type Block = [u8; BLOCK];

/// A set of ASCII bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Set {
    /// By the low half of a byte: one bit for each high half that it may have.
    by_low: [u8; 16],
}

/// The bit of a high half; none beyond ASCII.
const HIGH: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0];
/// The same, with the highest bit of a byte taken for nothing.
const HIGH_FOLDED: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];

impl Set {
    /// The set of these bytes, which are ASCII.
    pub(crate) const fn of(mut bytes: &[u8]) -> Self {
        let mut by_low = [0; 16];
        while let [byte, rest @ ..] = bytes {
            #[expect(clippy::indexing_slicing, reason = "half a byte is below 16")]
            {
                by_low[(*byte & 15) as usize] |= HIGH[(*byte >> 4) as usize];
            }
            bytes = rest;
        }
        Self { by_low }
    }

    /// The bytes of both.
    pub(crate) fn or(self, other: Self) -> Self {
        let mut both = self;
        for (mine, others) in both.by_low.iter_mut().zip(other.by_low) {
            *mine |= others;
        }
        both
    }

    /// All of ASCII that a test holds for.
    pub(crate) fn all(belongs: impl Fn(u8) -> bool) -> Self {
        (0..128)
            .filter(|byte| belongs(*byte))
            .fold(Self::default(), |set, byte| set.or(Self::of(&[byte])))
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn contains(&self, byte: u8, high: &[u8; 16]) -> bool {
        let of =
            |table: &[u8; 16], half: u8| table.get(usize::from(half)).copied().unwrap_or_default();
        of(&self.by_low, byte & 15) & of(high, byte >> 4) != 0
    }
}

/// Places of a text, from left to right, block by block: what `look` finds in one.
pub(crate) struct Places<'t, L> {
    bytes: &'t [u8],
    /// Where the next block begins.
    next: usize,
    /// What is left of the block before.
    left: u64,
    look: L,
}

impl<'t, L: FnMut(&Block) -> u64> Places<'t, L> {
    pub(crate) fn of(bytes: &'t [u8], look: L) -> Self {
        Self {
            bytes,
            next: 0,
            left: 0,
            look,
        }
    }
}

impl<L: FnMut(&Block) -> u64> Iterator for Places<'_, L> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.left == 0 {
            let rest = self
                .bytes
                .get(self.next..)
                .filter(|rest| !rest.is_empty())?;
            self.left = match rest.first_chunk() {
                Some(block) => (self.look)(block),
                None => {
                    let mut block = [0; BLOCK];
                    block
                        .iter_mut()
                        .zip(rest)
                        .for_each(|(to, from)| *to = *from);
                    (self.look)(&block)
                }
            };
            self.next = self.next.wrapping_add(BLOCK);
        }
        let place = self.left.trailing_zeros() as usize;
        self.left &= self.left.wrapping_sub(1);
        Some(self.next.wrapping_sub(BLOCK).wrapping_add(place))
    }
}

/// Which bytes of a block belong to each set.
pub(crate) fn places<const N: usize>(block: &Block, sets: &[Set; N]) -> [u64; N] {
    looked_up(block, sets, &HIGH)
}

/// Which bytes of a block belong to a set, or would without their highest bit.
pub(crate) fn places_folded(block: &Block, set: Set) -> u64 {
    let [places] = looked_up(block, &[set], &HIGH_FOLDED);
    places
}

#[cfg(target_arch = "wasm32")]
#[target_feature(enable = "simd128")]
fn looked_up<const N: usize>(block: &Block, sets: &[Set; N], high: &[u8; 16]) -> [u64; N] {
    use std::arch::wasm32::{
        u8x16_bitmask, u8x16_ne, u8x16_shr, u8x16_splat, u8x16_swizzle, u64x2, v128, v128_and,
    };
    #[target_feature(enable = "simd128")]
    fn vector(bytes: &[u8; 16]) -> v128 {
        let ([low, high], _) = bytes.as_chunks() else {
            return u64x2(0, 0);
        };
        u64x2(u64::from_le_bytes(*low), u64::from_le_bytes(*high))
    }
    let mut places = [0; N];
    let tables = sets.each_ref().map(|set| vector(&set.by_low));
    let bits = vector(high);
    let (quarters, _) = block.as_chunks();
    for (quarter, bytes) in quarters.iter().enumerate() {
        let bytes = vector(bytes);
        let low = v128_and(bytes, u8x16_splat(15));
        let bit = u8x16_swizzle(bits, u8x16_shr(bytes, 4));
        for (places, table) in places.iter_mut().zip(tables) {
            let belongs = v128_and(u8x16_swizzle(table, low), bit);
            let belongs = u8x16_bitmask(u8x16_ne(belongs, u8x16_splat(0)));
            *places |= u64::from(belongs) << (quarter * 16);
        }
    }
    places
}

#[cfg(not(target_arch = "wasm32"))]
fn looked_up<const N: usize>(block: &Block, sets: &[Set; N], high: &[u8; 16]) -> [u64; N] {
    sets.each_ref().map(|set| {
        let belongs = block.iter().rev();
        let belongs = belongs.map(|byte| u64::from(set.contains(*byte, high)));
        belongs.fold(0, |places, belongs| places << 1 | belongs)
    })
}

/// Where `length` places in a row begin, 8 to 16 of them. Those that reach the end of
/// a block may go on behind it.
pub(crate) fn rows(places: u64, length: u32) -> u64 {
    let behind = |places: u64, by: u32| places >> by | !(u64::MAX >> by);
    let two = places & behind(places, 1);
    let four = two & behind(two, 2);
    let eight = four & behind(four, 4);
    eight & behind(eight, length.saturating_sub(8))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_set_holds_its_bytes_and_no_others() {
        let set = Set::of(b"az09_-\x1b");
        for byte in 0..=u8::MAX {
            assert_eq!(
                set.contains(byte, &HIGH),
                b"az09_-\x1b".contains(&byte),
                "{byte}"
            );
            let folded = b"az09_-\x1b".contains(&(byte & 127));
            assert_eq!(set.contains(byte, &HIGH_FOLDED), folded, "{byte}");
        }
        let letters = Set::all(|byte| byte.is_ascii_alphabetic());
        for byte in 0..=u8::MAX {
            assert_eq!(
                letters.contains(byte, &HIGH),
                byte.is_ascii_alphabetic(),
                "{byte}"
            );
        }
    }

    proptest! {
        #[test]
        fn places_are_where_the_bytes_stand(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let set = Set::all(|byte| byte.is_ascii_alphanumeric());
            let look = |block: &Block| {
                let [found] = places(block, &[set]);
                found
            };
            let found: Vec<usize> = Places::of(&bytes, look).collect();
            let expected: Vec<usize> =
                (0..bytes.len()).filter(|at| bytes[*at].is_ascii_alphanumeric()).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn rows_are_long_enough_or_reach_the_end(places in any::<u64>(), length in 8_u32..=16) {
            for at in 0..64 {
                let is_row = (at..64.min(at + length)).all(|at| places >> at & 1 == 1);
                prop_assert_eq!(rows(places, length) >> at & 1 == 1, is_row);
            }
        }
    }
}
