//! The tiles of a tree in a folder, as they are read.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::hash::Hash;
use crate::proof::Nodes;
use crate::tile::{TILE_WIDTH, Tile};

/// Tiles that are kept in memory.
const KEPT_MAX: usize = 64;

/// Bytes of a hash.
const HASH_BYTES: usize = 32;

/// The folder of a tree.
#[derive(Debug)]
pub struct TileFolder {
    folder: PathBuf,
    kept: HashMap<Tile, Vec<Hash>>,
}

// === impl TileFolder ===

impl TileFolder {
    /// The tree in this folder.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            kept: HashMap::new(),
        }
    }

    /// What there is of a tile: nothing, a part of it, or all.
    pub fn row(&self, tile: Tile) -> io::Result<Vec<Hash>> {
        let path = self.folder.join(tile.path());
        if let Some(row) = read(&path)? {
            return Ok(row);
        }
        let parts = self.folder.join(tile.partial_folder());
        match self.widest(&parts)? {
            Some(width) => Ok(read(&parts.join(width.to_string()))?.unwrap_or_default()),
            // It became full meanwhile, or there is nothing of it.
            None => Ok(read(&path)?.unwrap_or_default()),
        }
    }

    fn widest(&self, parts: &Path) -> io::Result<Option<usize>> {
        let entries = match fs::read_dir(parts) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut widest = None;
        for entry in entries {
            let name = entry?.file_name();
            let width = name.to_str().and_then(|name| name.parse::<usize>().ok());
            widest = widest.max(width.filter(|width| *width < TILE_WIDTH));
        }
        Ok(widest)
    }
}

impl Nodes for TileFolder {
    type Error = io::Error;

    fn hash(&mut self, level: u8, index: u64) -> io::Result<Hash> {
        let (tile, place) = Tile::of(level, index);
        if !self.kept.contains_key(&tile) {
            let row = self.row(tile)?;
            if self.kept.len() >= KEPT_MAX {
                self.kept.clear();
            }
            self.kept.insert(tile, row);
        }
        let hash = self.kept.get(&tile).and_then(|row| row.get(place));
        hash.copied().ok_or_else(|| {
            let path = self.folder.join(tile.path());
            let problem = format!("hash {place} of tile `{}` is missing", path.display());
            io::Error::new(io::ErrorKind::NotFound, problem)
        })
    }
}

/// The whole hashes in a file; none where there is no file.
fn read(path: &Path) -> io::Result<Option<Vec<Hash>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    let most = TILE_WIDTH * HASH_BYTES;
    file.take(most as u64).read_to_end(&mut bytes)?;
    let (hashes, _torn) = bytes.as_chunks::<HASH_BYTES>();
    Ok(Some(hashes.iter().copied().map(Hash::from_bytes).collect()))
}
