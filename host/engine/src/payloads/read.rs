//! What is kept, read again: proven against the entry that commits to it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use gatewright_policy::record::{Kept, PayloadHead, PayloadKind, RecordKeys};

use super::file::{Heads, files};

/// Largest sealed payload that is read, in bytes: more than a call or a result may have.
const PAYLOAD_BYTES_MAX: u64 = 256 << 20;

/// The payloads of a folder as they are when it is opened.
#[derive(Debug)]
pub struct PayloadReader {
    files: Vec<PathBuf>,
    places: HashMap<(String, PayloadKind), Place>,
    /// The file that was read last.
    open: Option<(usize, File)>,
}

#[derive(Debug)]
struct Place {
    file: usize,
    head: PayloadHead,
    text_from: u64,
    bytes: u64,
}

/// Why a payload is not there.
#[derive(Debug, thiserror::Error)]
pub enum NotThere {
    /// It was erased, or it was old, or was never on disk.
    #[error("it is not kept any more")]
    Gone,
    /// It is not what the entry commits to, or was sealed with another salt.
    #[error("it is not what the entry commits to")]
    Changed,
    /// It cannot be read.
    #[error("it cannot be read: {cause}")]
    Io {
        /// Why.
        cause: io::Error,
    },
}

// === impl PayloadReader ===

impl PayloadReader {
    /// Those in a folder; none where there is no folder.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let mut reader = Self {
            files: Vec::new(),
            places: HashMap::new(),
            open: None,
        };
        for (_, path) in files(folder)? {
            let mut heads = match Heads::open(&path) {
                Ok(heads) => heads,
                // It was old just now.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            let file = reader.files.len();
            reader.files.push(path);
            while let Some(found) = heads.next()? {
                let key = (found.head.id.clone(), found.head.what);
                let place = Place {
                    file,
                    head: found.head,
                    text_from: found.text_from,
                    bytes: found.bytes,
                };
                reader.places.insert(key, place);
            }
        }
        Ok(reader)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// What is kept of a decision, as its entry commits to it.
    pub fn text(
        &mut self,
        keys: &RecordKeys,
        (id, what): (&str, PayloadKind),
        committed: &Kept,
    ) -> Result<String, NotThere> {
        let place = self.places.get(&(id.to_owned(), what));
        let place = place.ok_or(NotThere::Gone)?;
        if place.bytes > PAYLOAD_BYTES_MAX {
            return Err(NotThere::Changed);
        }
        let sealed =
            sealed(&mut self.open, &self.files, place).map_err(|cause| match cause.kind() {
                io::ErrorKind::NotFound => NotThere::Gone,
                _other => NotThere::Io { cause },
            })?;
        let opened = place.head.open(keys, &sealed, committed);
        opened.map_err(|_| NotThere::Changed)
    }
}

/// The bytes at a place. The file stays open for the next.
fn sealed(
    open: &mut Option<(usize, File)>,
    files: &[PathBuf],
    place: &Place,
) -> io::Result<Vec<u8>> {
    let mut file = match open.take() {
        Some((number, file)) if number == place.file => file,
        _another => File::open(files.get(place.file).ok_or(io::ErrorKind::NotFound)?)?,
    };
    let mut sealed = Vec::new();
    file.seek(SeekFrom::Start(place.text_from))?;
    (&mut file).take(place.bytes).read_to_end(&mut sealed)?;
    *open = Some((place.file, file));
    Ok(sealed)
}
