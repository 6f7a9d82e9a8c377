//! Where a record is: its segments, and the folder of its tree.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::note::NOTE_BYTES_MAX;

/// Ends the name of the folder of a tree.
const TREE: &str = ".tree";

/// The latest checkpoint.
pub(super) const LATEST: &str = "checkpoint";

/// The folder of notes about keys that followed one another, and how many are looked at.
const KEYS: &str = "keys";
const ROTATIONS_MAX: usize = 1000;

/// Checkpoints beside the latest one that are looked at.
const CHECKPOINTS_MAX: usize = 100_000;

/// A record in files.
#[derive(Debug)]
pub(super) struct Place {
    /// Segments, oldest first.
    segments: Vec<Segment>,
    tree: PathBuf,
    /// Checkpoints that lie beside it, with a name.
    checkpoints: Vec<(String, String)>,
}

/// One file of it.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) name: String,
    /// The sequence in its name; none for the newest.
    pub(super) first: Option<u64>,
    path: PathBuf,
    /// The newest is open since before the others were looked for.
    open: Option<File>,
}

/// Why there is no record to verify.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The file system says no.
    #[error("`{path}`: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// There is none.
    #[error(
        "`{path}` has no record with a signed tree; hint: name the file of a record beside which there is a folder `<file>.tree`, or the folder that both are in"
    )]
    None {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// There are several.
    #[error("`{path}` has several records: {names}; hint: name one of them")]
    Several {
        /// Where it was looked for.
        path: PathBuf,
        /// Their names.
        names: String,
    },
}

// === impl Place ===

impl Place {
    /// The record whose newest file this is, or that is in this folder.
    pub(super) fn find(path: &Path) -> Result<Self, PlaceError> {
        let newest = match path.is_dir() {
            true => in_folder(path)?,
            false => path.to_owned(),
        };
        let mut tree = newest.as_os_str().to_owned();
        tree.push(TREE);
        let tree = PathBuf::from(tree);
        if !tree.is_dir() {
            return Err(PlaceError::None {
                path: path.to_owned(),
            });
        }
        // First: what they are over was written before.
        let checkpoints = checkpoints(&tree)?;
        let segments = segments(&newest).map_err(|cause| PlaceError::Io {
            path: newest.clone(),
            cause,
        })?;
        Ok(Self {
            segments,
            tree,
            checkpoints,
        })
    }

    pub(super) fn tree(&self) -> &Path {
        &self.tree
    }

    pub(super) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The key that lies beside it.
    pub(super) fn public_key(&self) -> Result<String, PlaceError> {
        let text = read_text(&self.tree.join("key.pub"))?;
        Ok(text.trim().to_owned())
    }

    /// Notes about keys that followed one another, with a name for each.
    pub(super) fn rotations(&self) -> Result<Vec<(String, String)>, PlaceError> {
        let folder = self.tree.join(KEYS);
        let failed = |cause| PlaceError::Io {
            path: folder.clone(),
            cause,
        };
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut names = Vec::new();
        for entry in entries.take(ROTATIONS_MAX) {
            let name = entry.map_err(failed)?.file_name();
            let name = name.to_string_lossy().into_owned();
            if name.bytes().all(|byte| byte.is_ascii_digit()) {
                names.push(name);
            }
        }
        names.sort();
        let read = names.into_iter().map(|name| {
            let text = read_text(&folder.join(&name))?;
            Ok((format!("{KEYS}/{name}"), text))
        });
        read.collect()
    }

    /// Every checkpoint that lies beside it, with a name.
    pub(super) fn checkpoints(&self) -> Vec<(String, String)> {
        self.checkpoints.clone()
    }
}

// === impl Segment ===

impl Segment {
    pub(super) fn file(&self) -> Result<File, PlaceError> {
        let opened = match &self.open {
            Some(file) => file.try_clone(),
            None => File::open(&self.path),
        };
        opened.map_err(|cause| self.failed(cause))
    }

    pub(super) fn failed(&self, cause: io::Error) -> PlaceError {
        PlaceError::Io {
            path: self.path.clone(),
            cause,
        }
    }
}

fn in_folder(folder: &Path) -> Result<PathBuf, PlaceError> {
    let failed = |cause| PlaceError::Io {
        path: folder.to_owned(),
        cause,
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let name = name.to_string_lossy().into_owned();
        found.extend(name.strip_suffix(TREE).map(str::to_owned));
    }
    found.sort();
    match found.as_slice() {
        [] => Err(PlaceError::None {
            path: folder.to_owned(),
        }),
        [one] => Ok(folder.join(one)),
        several => Err(PlaceError::Several {
            path: folder.to_owned(),
            names: several.join(", "),
        }),
    }
}

/// The newest file, if it is there, is opened before the others are looked for: what is
/// sealed meanwhile is not read twice.
fn segments(newest: &Path) -> io::Result<Vec<Segment>> {
    let open = match File::open(newest) {
        Ok(file) => Some(file),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let is = open.as_ref().map(File::metadata).transpose()?;
    let is = is.map(|is| (is.dev(), is.ino()));
    // Where it is a link, the others lie beside what it leads to.
    let place = fs::canonicalize(newest).unwrap_or_else(|_| newest.to_owned());
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let folder = place
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder.unwrap_or(Path::new(".")))? {
        let path = entry?.path();
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let digits = file
            .strip_prefix(&*name)
            .and_then(|rest| rest.strip_prefix('.'));
        let is_sealed =
            |digits: &&str| digits.len() >= 12 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let Some(first) = digits.filter(is_sealed).and_then(|it| it.parse().ok()) else {
            continue;
        };
        let metadata = fs::metadata(&path)?;
        if Some((metadata.dev(), metadata.ino())) != is {
            found.push(Segment {
                name: file.into_owned(),
                first: Some(first),
                path,
                open: None,
            });
        }
    }
    found.sort_by_key(|segment| segment.first);
    if let Some(open) = open {
        found.push(Segment {
            name: name.into_owned(),
            first: None,
            path: newest.to_owned(),
            open: Some(open),
        });
    }
    Ok(found)
}

fn checkpoints(tree: &Path) -> Result<Vec<(String, String)>, PlaceError> {
    let mut names = Vec::new();
    let sealed = tree.join("checkpoints");
    let entries = match fs::read_dir(&sealed) {
        Ok(entries) => Some(entries),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(cause) => {
            return Err(PlaceError::Io {
                path: sealed,
                cause,
            });
        }
    };
    for entry in entries.into_iter().flatten().take(CHECKPOINTS_MAX) {
        let entry = entry.map_err(|cause| PlaceError::Io {
            path: sealed.clone(),
            cause,
        })?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            names.push(format!("checkpoints/{name}"));
        }
    }
    names.sort();
    if tree.join(LATEST).exists() {
        names.push(LATEST.to_owned());
    }
    let read = names.into_iter().map(|name| {
        let text = read_text(&tree.join(&name))?;
        Ok((name, text))
    });
    read.collect()
}

/// A short file of text. What is none is told by whoever reads it.
fn read_text(path: &Path) -> Result<String, PlaceError> {
    let failed = |cause| PlaceError::Io {
        path: path.to_owned(),
        cause,
    };
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    let most = NOTE_BYTES_MAX as u64 + 1;
    file.take(most).read_to_end(&mut bytes).map_err(failed)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
