//! A ledger's file and its segments, read at a place: an entry is found by halving, since
//! every line has its sequence.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use gatewright_engine::ledger::sealed_segments;
use gatewright_policy::record::{LINE_BYTES_MAX, sequence_of};

use super::{Record, RecordError};

/// Bytes that are looked at together.
const CHUNK: usize = 4096;

/// Bytes of entries that are read at once, besides the last of them.
const LINES_BYTES_MAX: usize = 8 << 20;

/// Lines that are no entries and that are passed over in the search for one.
const DAMAGED_MAX: usize = 64;

/// A ledger.
#[derive(Clone, Debug)]
pub struct FileRecord(PathBuf);

/// A file of it, as long as it was when it was opened.
struct Segment {
    file: File,
    bytes: u64,
}

impl FileRecord {
    /// The ledger at a path.
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> BoxFuture<'_, Result<T, RecordError>> {
        let path = self.0.clone();
        let reading = tokio::task::spawn_blocking(move || read(&path));
        let failed = |error: &dyn std::error::Error| RecordError(error.to_string());
        async move {
            match reading.await {
                Ok(read) => read.map_err(|error| failed(&error)),
                Err(error) => Err(failed(&error)),
            }
        }
        .boxed()
    }
}

impl Record for FileRecord {
    fn span(&self) -> BoxFuture<'_, Result<Range<u64>, RecordError>> {
        self.read(span)
    }

    fn lines(&self, from: u64, count: usize) -> BoxFuture<'_, Result<Vec<String>, RecordError>> {
        self.read(move |path| lines(path, from, count))
    }
}

fn span(path: &Path) -> io::Result<Range<u64>> {
    let newest = Segment::open(path)?;
    let end = match newest.last()? {
        Some(last) => last.saturating_add(1),
        None => 0,
    };
    let oldest = sealed_segments(path)?.first().map(|(first, _)| *first);
    let first = newest.entry_from(0)?.map(|(_, sequence)| sequence);
    Ok(oldest.or(first).unwrap_or(end)..end)
}

fn lines(path: &Path, from: u64, count: usize) -> io::Result<Vec<String>> {
    // Opened before the others are looked for: what is sealed meanwhile is not missed.
    let newest = Segment::open(path)?;
    let newest_from = newest.entry_from(0)?.map(|(_, sequence)| sequence);
    let mut found = Lines::new(count);
    let sealed = sealed_segments(path)?;
    let mut older = sealed.iter().peekable();
    while let Some((first, name)) = older.next() {
        let next = older.peek().map(|(next, _)| *next).or(newest_from);
        // It is the newest one, which has its next name already; or it ends before.
        if Some(*first) == newest_from || next.is_some_and(|next| next <= from) {
            continue;
        }
        match Segment::open(name) {
            Ok(segment) => segment.lines(from, &mut found)?,
            // Somebody archived it meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    newest.lines(from, &mut found)?;
    Ok(found.lines)
}

/// What is collected.
struct Lines {
    lines: Vec<String>,
    count: usize,
    bytes: usize,
}

impl Lines {
    const fn new(count: usize) -> Self {
        Self {
            lines: Vec::new(),
            count,
            bytes: 0,
        }
    }

    const fn is_full(&self) -> bool {
        self.lines.len() >= self.count || self.bytes >= LINES_BYTES_MAX
    }
}

impl Segment {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self { file, bytes })
    }

    /// Collects entries from this sequence on.
    fn lines(&self, from: u64, found: &mut Lines) -> io::Result<()> {
        if found.is_full() {
            return Ok(());
        }
        let mut file = &self.file;
        let at = self.find(from)?;
        file.seek(SeekFrom::Start(at))?;
        let mut reader = BufReader::new(file.take(self.bytes.saturating_sub(at)));
        while !found.is_full() {
            let mut line = Vec::new();
            let room = LINE_BYTES_MAX as u64;
            reader.by_ref().take(room).read_until(b'\n', &mut line)?;
            // The end, or a line that is being written.
            if line.pop() != Some(b'\n') {
                return Ok(());
            }
            found.bytes += line.len();
            found
                .lines
                .push(String::from_utf8_lossy(&line).into_owned());
        }
        Ok(())
    }

    /// Where the first entry begins whose sequence is this or a later one.
    fn find(&self, sequence: u64) -> io::Result<u64> {
        let (mut low, mut high) = (0, self.bytes);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.entry_from(middle)? {
                Some((at, found)) if found < sequence => low = at + 1,
                Some(_) | None => high = middle,
            }
        }
        Ok(self.entry_from(low)?.map_or(self.bytes, |(at, _)| at))
    }

    /// The first entry that begins here or later.
    fn entry_from(&self, from: u64) -> io::Result<Option<(u64, u64)>> {
        let mut at = match from.checked_sub(1) {
            None => 0,
            Some(before) => match self.line_feed(before)? {
                Some(line_feed) => line_feed + 1,
                None => return Ok(None),
            },
        };
        for _ in 0..DAMAGED_MAX {
            if let Some(sequence) = self.sequence_at(at)? {
                return Ok(Some((at, sequence)));
            }
            match self.line_feed(at)? {
                Some(line_feed) => at = line_feed + 1,
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The sequence of the last whole entry.
    fn last(&self) -> io::Result<Option<u64>> {
        let mut back = CHUNK as u64;
        loop {
            let from = self.bytes.saturating_sub(back);
            let mut last = None;
            let mut next = self.entry_from(from)?;
            while let Some((at, sequence)) = next {
                let Some(line_feed) = self.line_feed(at)? else {
                    break;
                };
                last = Some(sequence);
                next = self.entry_from(line_feed + 1)?;
            }
            if last.is_some() || from == 0 || back > LINE_BYTES_MAX as u64 {
                return Ok(last);
            }
            back = back.saturating_mul(8);
        }
    }

    /// The sequence of the entry whose line begins here; none where it is no entry, or not
    /// whole.
    fn sequence_at(&self, at: u64) -> io::Result<Option<u64>> {
        let Some(line_feed) = self.line_feed(at)? else {
            return Ok(None);
        };
        let bytes = usize::try_from(line_feed.saturating_sub(at)).unwrap_or(usize::MAX);
        if bytes > LINE_BYTES_MAX {
            return Ok(None);
        }
        let mut line = vec![0; bytes];
        self.file.read_exact_at(&mut line, at)?;
        Ok(sequence_of(&line))
    }

    /// The first line feed here or later.
    fn line_feed(&self, from: u64) -> io::Result<Option<u64>> {
        let (mut at, mut bytes) = (from, [0; CHUNK]);
        while at < self.bytes {
            let read = self.file.read_at(&mut bytes, at)?;
            let read = bytes.get(..read).unwrap_or_default();
            if read.is_empty() {
                return Ok(None);
            }
            if let Some(place) = read.iter().position(|byte| *byte == b'\n') {
                return Ok(Some(at + place as u64));
            }
            at += read.len() as u64;
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::fs;

    use super::*;

    /// Entries of different lengths, some longer than what is looked at together.
    fn text(sequences: Range<u64>) -> String {
        let mut text = String::new();
        for sequence in sequences {
            let long = "x".repeat(match sequence % 7 {
                0 => CHUNK * 2,
                other => usize::try_from(other).unwrap(),
            });
            match sequence < 20 {
                // As older gates wrote it.
                true => writeln!(text, "{{\"sequence\":{sequence},\"long\":\"{long}\"}}"),
                false => writeln!(text, "{{\"long\":\"{long}\",\"sequence\":{sequence}}}"),
            }
            .unwrap();
        }
        text
    }

    fn sequences(lines: &[String]) -> Vec<u64> {
        let sequence = |line: &String| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            value["sequence"].as_u64().unwrap()
        };
        lines.iter().map(sequence).collect()
    }

    #[test]
    fn entries_are_found_in_every_segment() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        fs::write(path.with_extension("jsonl.000000000005"), text(5..40)).unwrap();
        fs::write(path.with_extension("jsonl.000000000040"), text(40..41)).unwrap();
        fs::write(&path, text(41..90)).unwrap();
        assert_eq!(span(&path).unwrap(), 5..90);
        for from in 0..95 {
            for count in [1, 3, 60] {
                let found = sequences(&lines(&path, from, count).unwrap());
                let expected: Vec<_> = (from.max(5)..90).take(count).collect();
                assert_eq!(found, expected, "{count} from {from}");
            }
        }
    }

    #[test]
    fn what_is_no_whole_entry_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        fs::write(&path, "").unwrap();
        assert_eq!(span(&path).unwrap(), 0..0);
        assert!(lines(&path, 0, 9).unwrap().is_empty());
        let damaged = format!("{}damaged\n\n{}", text(0..9), text(9..12));
        fs::write(&path, format!("{damaged}{{\"sequence\":12,\"at\"")).unwrap();
        assert_eq!(span(&path).unwrap(), 0..12);
        assert_eq!(sequences(&lines(&path, 9, 9).unwrap()), [9, 10, 11]);
    }
}
