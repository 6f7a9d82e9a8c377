//! Mutations of seeds, the same for the same number.

/// A generator of numbers (`SplitMix64`), so that a run can be had again.
pub struct Numbers(u64);

/// Longest input, in bytes.
const BYTES_MAX: usize = 64 << 10;

/// Texts that parsers look for.
const WORDS: [&[u8]; 24] = [
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b"null",
    b"1e999",
    b"-0",
    b"\r",
    b"\n\n",
    b"data: ",
    b"id: \0",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\0asm\x01\0\0\0",
    b"\x7f\xff\xff\xff\x0f",
    b"jsonrpc",
    b"../",
    b"\0",
    b".",
    b"=",
];

// === impl Numbers ===

impl Numbers {
    /// A generator that begins at a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, or 0 if that is 0.
    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or_default()
    }

    /// One of the seeds with some changes; or, where there is none, noise.
    pub fn input(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = match seeds.len() {
            0 => Vec::new(),
            count => seeds[self.below(count)].clone(),
        };
        for _ in 0..=self.below(3) {
            self.change(&mut bytes, seeds);
        }
        bytes.truncate(BYTES_MAX);
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let place = self.below(bytes.len() + 1);
        let end = place + self.below((bytes.len() - place).min(64) + 1);
        match self.below(8) {
            0 if place < bytes.len() => bytes[place] ^= 1 << self.below(8),
            1 if place < bytes.len() => bytes[place] = self.next().to_le_bytes()[0],
            2 => drop(bytes.drain(place..end)),
            3 => {
                let again = bytes[place..end].to_vec();
                bytes.splice(end..end, again);
            }
            4 if !seeds.is_empty() => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len() + 1);
                let to = from + self.below((other.len() - from).min(256) + 1);
                bytes.splice(place..end, other[from..to].iter().copied());
            }
            5 => bytes.truncate(place),
            6 => {
                let noise = self.next().to_le_bytes();
                bytes.splice(place..place, noise);
            }
            _ => {
                let word = WORDS[self.below(WORDS.len())];
                bytes.splice(place..place, word.iter().copied());
            }
        }
    }
}
