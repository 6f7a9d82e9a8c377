//! Entries and tiles, held against checkpoints: which of them was changed.

use super::finding::{Findings, Kind};
use super::note::Head;
use super::tiles::{Tiles, WIDTH};

/// Differences between entries and tiles that are kept.
const DIFFERENCES_MAX: usize = 1000;

/// A checkpoint that is good.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) name: String,
    /// Whether it lies beside the record.
    pub(super) is_own: bool,
    /// The sequence of the first entry of its tree.
    pub(super) first: u64,
    pub(super) head: Head,
}

/// An entry that is not what its tile says.
struct Difference {
    /// Its place in the tree.
    index: u64,
    file: String,
    line: u64,
}

/// What a checkpoint was held against.
struct Held {
    given: Given,
    /// The entries have its root.
    fits: bool,
    /// The tiles have its root.
    tiles_fit: bool,
}

/// How entries, tiles and checkpoints stand to each other.
#[derive(Default)]
pub(super) struct Compared {
    held: Vec<Held>,
    differences: Vec<Difference>,
    /// Tiles above that are not what the entries make of them: their place in the tree.
    uneven: Vec<(u64, String)>,
}

// === impl Compared ===

impl Compared {
    /// A checkpoint was reached.
    pub(super) fn hold(&mut self, given: Given, fits: bool, tiles_fit: bool) {
        self.held.push(Held {
            given,
            fits,
            tiles_fit,
        });
    }

    /// An entry is not what its tile says.
    pub(super) fn differs(&mut self, index: u64, file: &str, line: u64) {
        if self.differences.len() < DIFFERENCES_MAX {
            self.differences.push(Difference {
                index,
                file: file.to_owned(),
                line,
            });
        }
    }

    /// A tile is not what the tiles below it make of it.
    pub(super) fn is_uneven(&mut self, index: u64, tile: String) {
        if self.uneven.len() < DIFFERENCES_MAX {
            self.uneven.push((index, tile));
        }
    }

    /// What all of it means, for a tree that begins with this sequence. Where reading
    /// `stopped`, nothing more can be held against later checkpoints.
    pub(super) fn judge(&mut self, origin: u64, stopped: bool, findings: &mut Findings) {
        let good = self.held.iter().filter(|held| held.fits);
        // What the largest of these is over is as it was signed.
        let good = good.map(|held| held.given.head.size).max().unwrap_or(0);
        let bad = std::mem::take(&mut self.held)
            .into_iter()
            .filter(|held| !held.fits);
        let (forked, changed): (Vec<_>, Vec<_>) =
            bad.partition(|held| held.given.head.size <= good);
        for held in forked {
            let problem = "it tells of other entries than later checkpoints do";
            findings.of_checkpoint(Kind::Fork, &held.given.name, problem);
        }
        self.tiles(good, origin, findings);
        self.entries(good, origin, &changed, stopped, findings);
    }

    fn tiles(&mut self, good: u64, origin: u64, findings: &mut Findings) {
        let uneven = std::mem::take(&mut self.uneven).into_iter();
        for (index, tile) in uneven.filter(|(index, _)| *index < good) {
            let problem = "it is not what the tiles below it make of it";
            let sequence = Some(origin + index);
            findings.push(Kind::Tile, sequence, &tile, None, problem);
        }
        if let Some(edited) = self.differences.iter().find(|it| it.index < good) {
            let tile = Tiles::name(0, edited.index / WIDTH);
            let (line, file) = (edited.line, &edited.file);
            let problem = format!("it is not what line {line} of `{file}`, as signed, makes of it");
            let sequence = Some(origin + edited.index);
            findings.push(Kind::Tile, sequence, &tile, None, &problem);
        }
    }

    fn entries(
        &self,
        good: u64,
        origin: u64,
        changed: &[Held],
        stopped: bool,
        findings: &mut Findings,
    ) {
        let first = self.differences.iter().find(|it| it.index >= good);
        let held = changed.iter().min_by_key(|held| held.given.head.size);
        match (first, held) {
            (Some(first), held) if held.is_some() || stopped => {
                let problem = match held.is_some_and(|held| held.tiles_fit) {
                    true => "it is not the entry that was signed",
                    false => "it is not the entry that its tile was made of",
                };
                let sequence = Some(origin + first.index);
                let line = Some(first.line);
                findings.push(Kind::Changed, sequence, &first.file, line, problem);
            }
            (_, Some(held)) => {
                let (from, name) = (origin + good, &held.given.name);
                let until = origin + held.given.head.size;
                let problem = format!(
                    "entries from sequence {from} to {until} are not those that it signs for"
                );
                findings.push(Kind::Changed, Some(from), name, None, &problem);
            }
            (_, None) => {}
        }
    }
}
