//! The files of a layout, read with bounds from a folder and written to one.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use gatewright_disk::{self as disk, Access, Target, replace};

use super::{BLOB_BYTES_MAX, BLOBS_MAX, INDEX_BYTES_MAX, LAYOUT_BYTES_MAX, LayoutError};
use crate::sha256::Sha256;

pub(super) const LAYOUT_FILE: &str = "oci-layout";
pub(super) const INDEX_FILE: &str = "index.json";
pub(super) const BLOBS_FOLDER: &str = "blobs/sha256";

/// Longest `oci-layout`, in bytes: it says a version.
const LAYOUT_FILE_BYTES_MAX: usize = 4 << 10;

/// What is in a layout. Blobs are under the digest that their name claims.
pub(super) struct Files {
    pub(super) layout: Vec<u8>,
    pub(super) index: Vec<u8>,
    pub(super) blobs: BTreeMap<Sha256, Arc<[u8]>>,
}

/// What has been read of a layout, within its bounds.
#[derive(Default)]
pub(super) struct Reading {
    layout: Option<Vec<u8>>,
    index: Option<Vec<u8>>,
    blobs: BTreeMap<Sha256, Arc<[u8]>>,
    bytes: usize,
}

/// A file of a layout.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Layout,
    Index,
    Blob(Sha256),
}

// === impl Files ===

impl Files {
    pub(super) fn of_folder(folder: &Path) -> Result<Self, LayoutError> {
        let mut reading = Reading::default();
        for place in [Place::Layout, Place::Index] {
            reading.read_file(&folder.join(place.path()), place)?;
        }
        let mut blobs = folder.to_owned();
        for step in BLOBS_FOLDER.split('/') {
            blobs.push(step);
            check_folder(&blobs)?;
        }
        let entries =
            fs::read_dir(&blobs).map_err(|error| LayoutError::unreadable(&blobs, &error))?;
        for (count, entry) in entries.enumerate() {
            let entry = entry.map_err(|error| LayoutError::unreadable(&blobs, &error))?;
            if count >= BLOBS_MAX {
                return Err(too_many());
            }
            let name = entry.file_name();
            let place = name.to_str().and_then(Sha256::from_hex).map(Place::Blob);
            let Some(place) = place else {
                return Err(LayoutError::Foreign {
                    path: entry.path().display().to_string(),
                    problem: "its name is not the SHA-256 of a blob",
                });
            };
            reading.read_file(&entry.path(), place)?;
        }
        reading.done()
    }

    pub(super) fn write_folder(&self, folder: &Path) -> io::Result<()> {
        let blobs = folder.join(BLOBS_FOLDER);
        disk::Files.create_folders(&blobs, Access::Usual)?;
        let put = |path: &Path, bytes: &[u8]| {
            // Beside the blobs, not among them: a file there is a blob.
            let target = Target::new(path, Access::Usual).with_parts_in(folder);
            replace(&disk::Files, target, bytes)
        };
        for (digest, blob) in &self.blobs {
            let path = blobs.join(digest.hex());
            if fs::read(&path).is_ok_and(|there| there == blob.as_ref()) {
                continue;
            }
            put(&path, blob)?;
        }
        put(&folder.join(LAYOUT_FILE), &self.layout)?;
        put(&folder.join(INDEX_FILE), &self.index)?;
        // What nothing names any more: signatures that were replaced.
        for entry in fs::read_dir(&blobs)? {
            let entry = entry?;
            let digest = entry.file_name().to_str().and_then(Sha256::from_hex);
            if digest.is_some_and(|digest| !self.blobs.contains_key(&digest)) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Every file, sorted by its path.
    pub(super) fn entries(&self) -> Vec<(String, &[u8])> {
        let mut entries = vec![
            (Place::Index.path(), self.index.as_slice()),
            (Place::Layout.path(), self.layout.as_slice()),
        ];
        let blobs = self.blobs.iter();
        entries.extend(blobs.map(|(digest, blob)| (Place::Blob(*digest).path(), blob.as_ref())));
        entries.sort();
        entries
    }
}

// === impl Reading ===

impl Reading {
    /// Takes a file's contents, whose size was claimed before.
    pub(super) fn take(
        &mut self,
        place: Place,
        claimed: u64,
        from: impl Read,
    ) -> Result<(), LayoutError> {
        let (path, max) = (place.path(), place.bytes_max());
        let too_large = |max| LayoutError::TooLarge {
            what: format!("`{path}`"),
            max,
        };
        let claimed = usize::try_from(claimed).unwrap_or(usize::MAX);
        if claimed > max {
            return Err(too_large(max));
        }
        if self.bytes.saturating_add(claimed) > LAYOUT_BYTES_MAX {
            return Err(LayoutError::TooLarge {
                what: "the layout".to_owned(),
                max: LAYOUT_BYTES_MAX,
            });
        }
        let mut bytes = Vec::new();
        let limit = u64::try_from(claimed).unwrap_or(u64::MAX).saturating_add(1);
        from.take(limit)
            .read_to_end(&mut bytes)
            .map_err(|error| LayoutError::Unreadable {
                path: path.clone(),
                cause: error.to_string(),
            })?;
        if bytes.len() > claimed {
            return Err(too_large(claimed));
        }
        self.bytes = self.bytes.saturating_add(bytes.len());
        let was_there = match place {
            Place::Layout => self.layout.replace(bytes).is_some(),
            Place::Index => self.index.replace(bytes).is_some(),
            Place::Blob(digest) => self.blobs.insert(digest, Arc::from(bytes)).is_some(),
        };
        match was_there {
            true => Err(LayoutError::Duplicate(path)),
            false => Ok(()),
        }
    }

    pub(super) fn done(self) -> Result<Files, LayoutError> {
        Ok(Files {
            layout: self.layout.ok_or(LayoutError::NotALayout(LAYOUT_FILE))?,
            index: self.index.ok_or(LayoutError::NotALayout(INDEX_FILE))?,
            blobs: self.blobs,
        })
    }

    /// Reads a file of a folder. A link is not followed, and what is not a file
    /// is not opened.
    fn read_file(&mut self, path: &Path, place: Place) -> Result<(), LayoutError> {
        let unreadable = |error: &io::Error| match (place, error.kind()) {
            (Place::Layout, io::ErrorKind::NotFound) => LayoutError::NotALayout(LAYOUT_FILE),
            (Place::Index, io::ErrorKind::NotFound) => LayoutError::NotALayout(INDEX_FILE),
            _ => LayoutError::unreadable(path, error),
        };
        let is_file = fs::symlink_metadata(path).map_err(|error| unreadable(&error))?;
        if !is_file.is_file() {
            return Err(LayoutError::Foreign {
                path: path.display().to_string(),
                problem: "it is not a file",
            });
        }
        let file = OpenOptions::new()
            .read(true)
            .open(path)
            .map_err(|error| unreadable(&error))?;
        let claimed = file.metadata().map_err(|error| unreadable(&error))?.len();
        self.take(place, claimed, file)
    }
}

fn check_folder(path: &Path) -> Result<(), LayoutError> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(LayoutError::Foreign {
            path: path.display().to_string(),
            problem: "it is not a folder",
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(LayoutError::NotALayout(BLOBS_FOLDER))
        }
        Err(error) => Err(LayoutError::unreadable(path, &error)),
    }
}

pub(super) fn too_many() -> LayoutError {
    LayoutError::TooMany {
        what: "files in the layout",
        max: BLOBS_MAX,
    }
}

// === impl Place ===

impl Place {
    /// The file of a path below the layout, with `/` between its parts.
    pub(super) fn of(path: &str) -> Option<Self> {
        match path {
            LAYOUT_FILE => Some(Self::Layout),
            INDEX_FILE => Some(Self::Index),
            _ => {
                let name = path.strip_prefix(BLOBS_FOLDER)?.strip_prefix('/')?;
                Sha256::from_hex(name).map(Self::Blob)
            }
        }
    }

    fn path(self) -> String {
        match self {
            Self::Layout => LAYOUT_FILE.to_owned(),
            Self::Index => INDEX_FILE.to_owned(),
            Self::Blob(digest) => format!("{BLOBS_FOLDER}/{}", digest.hex()),
        }
    }

    const fn bytes_max(self) -> usize {
        match self {
            Self::Layout => LAYOUT_FILE_BYTES_MAX,
            Self::Index => INDEX_BYTES_MAX,
            Self::Blob(_) => BLOB_BYTES_MAX,
        }
    }
}
