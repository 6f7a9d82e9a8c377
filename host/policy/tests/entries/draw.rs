//! Values drawn by chance, the same ones for the same seed.

use gatewright_policy::{ActionDigest, Digest, Timestamp};

pub(crate) struct Draw {
    state: u64,
    texts: Vec<String>,
}

impl Draw {
    pub(crate) fn new(seed: u64, texts: Vec<String>) -> Self {
        Self { state: seed, texts }
    }

    /// `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn one_of<T: Clone>(&mut self, values: &[T]) -> T {
        let at = self.next() % values.len() as u64;
        values[usize::try_from(at).unwrap()].clone()
    }

    pub(crate) fn coin(&mut self) -> bool {
        self.next().is_multiple_of(2)
    }

    pub(crate) fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.coin().then(|| value(self))
    }

    /// Up to three of them.
    pub(crate) fn some<T>(&mut self, mut value: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.next() % 4;
        (0..count).map(|_| value(self)).collect()
    }

    pub(crate) fn text(&mut self) -> String {
        let texts = self.texts.clone();
        self.one_of(&texts)
    }

    pub(crate) fn texts(&mut self) -> Vec<String> {
        self.some(Self::text)
    }

    /// What only grows by one at a time.
    pub(crate) fn count(&mut self) -> u64 {
        self.next() >> self.one_of(&[11, 32, 60])
    }

    /// What somebody else chooses.
    pub(crate) fn number(&mut self) -> u64 {
        let any = self.next();
        let edge = 1 << 53;
        self.one_of(&[0, any, any >> 40, edge - 1, edge, edge + 1, u64::MAX])
    }

    pub(crate) fn small(&mut self) -> u32 {
        u32::try_from(self.next() >> 32).unwrap()
    }

    pub(crate) fn time(&mut self) -> Timestamp {
        Timestamp(self.number())
    }

    pub(crate) fn digest(&mut self) -> Digest {
        Digest::of(&self.next().to_le_bytes())
    }

    pub(crate) fn action(&mut self) -> ActionDigest {
        ActionDigest(self.digest())
    }
}
