//! The walk over every entry, from the first to the last.

use std::io;

use super::compared::{Compared, Given};
use super::entry::Entry;
use super::finding::{Findings, Kind};
use super::hashes::{Peaks, leaf};
use super::history::History;
use super::lines::{Lines, Next};
use super::older::Older;
use super::place::{Place, PlaceError, Segment};
use super::tiles::{Tiles, WIDTH};

/// How a walk ended.
pub(super) struct Walked {
    pub(super) segments: usize,
    pub(super) entries: u64,
    pub(super) first: u64,
    /// The sequence after the last entry.
    pub(super) next: u64,
    pub(super) torn: bool,
    pub(super) approvals: u64,
    pub(super) passkeys: u64,
    /// Entries that say that a key followed another.
    pub(super) rotations: Vec<(u64, String)>,
    /// It ended before the last entry.
    pub(super) stopped: bool,
    pub(super) findings: Findings,
}

pub(super) struct Walk {
    /// The sequence of the first entry of the tree.
    origin: u64,
    /// Checkpoints that were not reached, the largest first.
    left: Vec<Given>,
    compared: Compared,
    /// The size of the largest one that lies beside the record.
    size: u64,
    tiles: Tiles,
    /// The tree of the entries, and that of the tiles.
    entries: Peaks,
    tiled: Peaks,
    history: History,
    older: Older,
    findings: Findings,
    read: u64,
}

/// Whether to go on.
enum Then {
    Next,
    Stop,
}

// === impl Walk ===

impl Walk {
    pub(super) fn new(
        origin: u64,
        mut given: Vec<Given>,
        tiles: Tiles,
        findings: Findings,
    ) -> Self {
        given.sort_by_key(|given| std::cmp::Reverse(given.head.size));
        let own = given.iter().filter(|given| given.is_own);
        let size = own.map(|given| given.head.size).max().unwrap_or_default();
        Self {
            origin,
            left: given,
            compared: Compared::default(),
            size,
            tiles,
            entries: Peaks::default(),
            tiled: Peaks::default(),
            history: History::default(),
            older: Older::default(),
            findings,
            read: 0,
        }
    }

    pub(super) fn run(mut self, place: &Place) -> Result<Walked, PlaceError> {
        let mut previous: Option<(String, String)> = None;
        let (mut segments, mut torn) = (0, false);
        let mut first = None;
        for segment in place.segments() {
            let mut lines = segment
                .file()
                .and_then(|file| Lines::new(file).map_err(|error| segment.failed(error)))?;
            // What is before the tree is linked to it by its digest alone.
            let is_before = first.is_none() && self.is_before(place, segment);
            if !is_before {
                segments += 1;
                let then = self.segment(segment, &mut lines, previous.as_ref(), &mut first);
                match then.map_err(|error| segment.failed(error))? {
                    (Then::Next, is_torn) => torn = is_torn,
                    (Then::Stop, _) => return Ok(self.end(segments, first, torn, true)),
                }
            }
            let digest = lines.digest().map_err(|error| segment.failed(error))?;
            previous = Some((segment.name.clone(), digest));
        }
        Ok(self.end(segments, first, torn, false))
    }

    /// Whether a segment and everything in it came before the tree.
    fn is_before(&self, place: &Place, segment: &Segment) -> bool {
        let after = place
            .segments()
            .iter()
            .skip_while(|other| other.name != segment.name)
            .nth(1);
        match (segment.first, after.map(|after| after.first)) {
            (Some(_), Some(Some(next))) => next <= self.origin,
            (Some(first), Some(None)) => first < self.origin,
            (_, _) => false,
        }
    }

    fn segment(
        &mut self,
        segment: &Segment,
        lines: &mut Lines,
        previous: Option<&(String, String)>,
        first: &mut Option<u64>,
    ) -> io::Result<(Then, bool)> {
        loop {
            let next = lines.next()?;
            let expected = first.map(|_| self.origin + self.entries.size());
            match next {
                Next::End => return Ok((Then::Next, false)),
                Next::TooLong => {
                    self.bad(Kind::NotAnEntry, expected, segment, lines, "it is too long");
                    return Ok((Then::Stop, false));
                }
                // Only the newest can be in the middle of a line, and nobody signed it.
                Next::Unended if segment.first.is_none() && self.entries.size() >= self.size => {
                    return Ok((Then::Next, true));
                }
                Next::Line | Next::Unended => {}
            }
            let line = std::mem::take(&mut lines.line);
            let then = self.line(&line, segment, lines, previous, first)?;
            lines.line = line;
            if matches!(then, Then::Stop) {
                return Ok((Then::Stop, false));
            }
        }
    }

    fn line(
        &mut self,
        line: &[u8],
        segment: &Segment,
        lines: &Lines,
        previous: Option<&(String, String)>,
        first: &mut Option<u64>,
    ) -> io::Result<Then> {
        let expected = first.map(|_| self.origin + self.entries.size());
        let entry = match serde_json::from_slice::<Entry<'_>>(line) {
            Ok(entry) => entry,
            Err(error) => {
                let at = error.column();
                let problem = format!("it is no entry (character {at})");
                self.bad(Kind::NotAnEntry, expected, segment, lines, &problem);
                return Ok(Then::Stop);
            }
        };
        let expected = match expected {
            Some(expected) => expected,
            None => match self.begin(entry.sequence, segment, lines)? {
                Some(begun) => *first.insert(begun),
                None => return Ok(Then::Stop),
            },
        };
        if entry.sequence != expected {
            let problem = format!("it has sequence {} and not {expected}", entry.sequence);
            self.bad(Kind::Sequence, Some(expected), segment, lines, &problem);
            return Ok(Then::Stop);
        }
        if lines.number == 1 {
            self.follows(&entry, segment, lines, previous);
        }
        if let Some((kind, problem)) = self.history.take_in(&entry) {
            self.bad(kind, Some(expected), segment, lines, &problem);
        }
        let must_be = self.history.is_canonical();
        let place = (expected, segment.name.as_str(), lines.number);
        let text = (line, must_be, place);
        self.older.judge(&entry, text, &mut self.findings);
        self.read += 1;
        self.grow(line, segment, lines)?;
        Ok(Then::Next)
    }

    /// The first entry that is here: what came before it is in tiles.
    fn begin(
        &mut self,
        sequence: u64,
        segment: &Segment,
        lines: &Lines,
    ) -> io::Result<Option<u64>> {
        let Some(before) = sequence.checked_sub(self.origin) else {
            let problem = format!("its tree begins with sequence {}", self.origin);
            self.bad(Kind::Sequence, Some(sequence), segment, lines, &problem);
            return Ok(None);
        };
        self.history.has_past = sequence > 0;
        if before == 0 {
            return Ok(Some(sequence));
        }
        if segment.first.is_some_and(|first| first != sequence) {
            let problem = format!("it has sequence {sequence}, which is not that of its file");
            self.bad(Kind::Sequence, Some(sequence), segment, lines, &problem);
            return Ok(None);
        }
        let Some(peaks) = self.tiles.peaks(before)? else {
            let problem = "tiles of the entries before it are missing, and so are they";
            self.bad(Kind::TileMissing, Some(sequence), segment, lines, problem);
            return Ok(None);
        };
        self.below(&peaks)?;
        self.entries = peaks.clone();
        self.tiled = peaks;
        self.hold();
        Ok(Some(sequence))
    }

    /// Checkpoints over entries that are not here are held against the tiles.
    fn below(&mut self, peaks: &Peaks) -> io::Result<()> {
        while let Some(given) = self.left.pop_if(|it| it.head.size < peaks.size()) {
            let old = self.tiles.peaks(given.head.size)?;
            let fits = old.is_some_and(|old| old.root() == given.head.root);
            self.compared.hold(given, fits, fits);
        }
        Ok(())
    }

    /// A segment says which file it follows.
    fn follows(
        &mut self,
        entry: &Entry<'_>,
        segment: &Segment,
        lines: &Lines,
        previous: Option<&(String, String)>,
    ) {
        let sequence = Some(entry.sequence);
        if segment.first.is_some_and(|first| first != entry.sequence) {
            let problem = format!("its first entry has sequence {}", entry.sequence);
            self.bad(Kind::Segment, sequence, segment, lines, &problem);
        }
        let Some((file, digest)) = previous else {
            return;
        };
        let problem = match &entry.previous {
            None => format!("it does not say that it follows `{file}`"),
            Some(said) if said.file != file.as_str() => {
                format!("it follows `{}`, and `{file}` is before it", said.file)
            }
            Some(said) if said.digest != digest.as_str() => {
                format!("it follows another `{file}` than the one that is here")
            }
            Some(_same) => return,
        };
        self.bad(Kind::Segment, sequence, segment, lines, &problem);
    }

    fn grow(&mut self, line: &[u8], segment: &Segment, lines: &Lines) -> io::Result<()> {
        let index = self.entries.size();
        let hash = leaf(line);
        if index.is_multiple_of(WIDTH) || self.read == 1 {
            self.is_there(0, index)?;
        }
        let tiled = self.tiles.node(0, index)?;
        if tiled.is_some_and(|tiled| tiled != hash) {
            self.compared.differs(index, &segment.name, lines.number);
        }
        self.tiled.push(tiled.unwrap_or(hash), |_, _| ());
        let mut complete = Vec::new();
        self.entries.push(hash, |height, node| {
            if height > 0 && height.is_multiple_of(8) {
                complete.push((height / 8, *node));
            }
        });
        for (level, node) in complete {
            let place = index >> (8 * level);
            if place.is_multiple_of(WIDTH) {
                self.is_there(level, place)?;
            }
            let above = self.tiles.node(level, place)?;
            if above.is_some_and(|above| above != node) {
                let tile = Tiles::name(level, place / WIDTH);
                self.compared.is_uneven(index, tile);
            }
        }
        self.hold();
        Ok(())
    }

    /// Whether the tile from this place on has all that it must have.
    fn is_there(&mut self, level: u32, place: u64) -> io::Result<()> {
        let tile = place / WIDTH;
        let end = self.size.checked_shr(8 * level).unwrap_or_default();
        let wanted = end.saturating_sub(tile * WIDTH).min(WIDTH);
        let there = self.tiles.row(level, tile)?.len() as u64;
        if there < wanted {
            let name = Tiles::name(level, tile);
            let problem = format!("it has {there} hashes of {wanted}");
            let sequence = self.origin + ((tile * WIDTH) << (8 * level));
            self.findings
                .push(Kind::TileMissing, Some(sequence), &name, None, &problem);
        }
        Ok(())
    }

    /// Holds the trees against the checkpoints of their size.
    fn hold(&mut self) {
        let size = self.entries.size();
        let mut roots = None;
        while let Some(given) = self.left.pop_if(|given| given.head.size <= size) {
            let is_empty = given.head.size == 0;
            let nothing = || (Peaks::default().root(), Peaks::default().root());
            let (entries, tiled) = match is_empty {
                true => nothing(),
                false => *roots.get_or_insert_with(|| (self.entries.root(), self.tiled.root())),
            };
            let (fits, tiles_fit) = (entries == given.head.root, tiled == given.head.root);
            self.compared.hold(given, fits, tiles_fit);
        }
    }

    /// What all of it means.
    fn end(mut self, segments: usize, first: Option<u64>, torn: bool, stopped: bool) -> Walked {
        if first.is_none() {
            self.hold();
        }
        self.older.settle(true, !stopped, &mut self.findings);
        let next = self.origin + self.entries.size();
        self.compared
            .judge(self.origin, stopped, &mut self.findings);
        if let Some(given) = self.left.first().filter(|_| !stopped) {
            let until = self.origin + given.head.size;
            let problem = format!(
                "entries from sequence {next} on are missing: `{}` signs for those before {until}",
                given.name
            );
            let file = given.name.clone();
            self.findings
                .push(Kind::Missing, Some(next), &file, None, &problem);
        }
        Walked {
            segments,
            entries: self.read,
            first: first.unwrap_or(self.origin),
            next,
            torn,
            approvals: self.history.approvals,
            passkeys: self.history.passkeys,
            rotations: self.history.rotations,
            stopped,
            findings: self.findings,
        }
    }

    fn bad(
        &mut self,
        kind: Kind,
        sequence: Option<u64>,
        segment: &Segment,
        lines: &Lines,
        problem: &str,
    ) {
        self.findings
            .push(kind, sequence, &segment.name, Some(lines.number), problem);
    }
}
