//! One entry of a ledger, found without reading the others.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use gatewright_engine::ledger::sealed_segments;
use gatewright_policy::record::{LINE_BYTES_MAX, sequence_of};

/// A part of a file that is read line by line rather than halved again.
const SMALL: u64 = 1 << 16;

/// The line of the entry with this sequence, without its line feed; none where no file
/// has it.
pub(super) fn entry(ledger: &Path, sequence: u64) -> io::Result<Option<Vec<u8>>> {
    let sealed = sealed_segments(ledger)?;
    let mut segments: Vec<PathBuf> = Vec::from_iter(open_if_there(ledger)?);
    let older = sealed.into_iter().filter(|(first, _)| *first <= sequence);
    segments.extend(older.map(|(_, path)| path).next_back());
    for path in segments {
        if let Some(line) = in_file(&path, sequence)? {
            return Ok(Some(line));
        }
    }
    Ok(None)
}

fn open_if_there(ledger: &Path) -> io::Result<Option<PathBuf>> {
    Ok(ledger.try_exists()?.then(|| ledger.to_owned()))
}

/// Sequences only grow in a file, so halves of it can be left out.
fn in_file(path: &Path, sequence: u64) -> io::Result<Option<Vec<u8>>> {
    let file = File::open(path)?;
    let mut end = file.metadata()?.len();
    let mut reader = BufReader::new(file);
    // A line begins there, and none before it is the one.
    let mut begin = 0;
    while end - begin > SMALL {
        let middle = begin + (end - begin) / 2;
        reader.seek(SeekFrom::Start(middle))?;
        let skipped = next_line(&mut reader)?.len() as u64;
        let at = middle + skipped;
        let found = sequence_of(&next_line(&mut reader)?).filter(|_| at < end);
        match found {
            Some(found) if found <= sequence => begin = at,
            Some(_) => end = middle,
            // A line is longer than the half, or none at all.
            None => break,
        }
    }
    reader.seek(SeekFrom::Start(begin))?;
    loop {
        let mut line = next_line(&mut reader)?;
        if line.is_empty() {
            return Ok(None);
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        match sequence_of(&line) {
            Some(found) if found == sequence => return Ok(Some(line)),
            Some(found) if found > sequence => return Ok(None),
            _before => {}
        }
    }
}

fn next_line(reader: &mut BufReader<File>) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    reader
        .by_ref()
        .take(LINE_BYTES_MAX as u64)
        .read_until(b'\n', &mut line)?;
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_found_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let line = |sequence: u64| {
            let more = "x".repeat(usize::try_from(sequence % 97 * 13).unwrap());
            match sequence < 900 {
                // As older gates wrote it.
                true => format!("{{\"sequence\":{sequence},\"more\":\"{more}\"}}"),
                false => format!("{{\"more\":\"{more}\",\"sequence\":{sequence}}}"),
            }
        };
        let text = |from, to| (from..to).map(|at| line(at) + "\n").collect::<String>();
        std::fs::write(folder.path().join("audit.jsonl.000000000000"), text(0, 700)).unwrap();
        std::fs::write(&path, text(700, 2000)).unwrap();
        for sequence in 0..2000 {
            let found = entry(&path, sequence).unwrap().unwrap();
            assert_eq!(String::from_utf8(found).unwrap(), line(sequence));
        }
        assert_eq!(entry(&path, 2000).unwrap(), None);
    }
}
