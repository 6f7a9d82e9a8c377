//! The tiles beside a record, as far as they are there.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::hashes::{Node, Peaks, parent};

/// Hashes in a full tile.
pub(super) const WIDTH: u64 = 256;

/// Attempts at a tile that a gate replaces while it is read.
const ATTEMPTS: usize = 4;

/// The folder of a tree.
#[derive(Debug)]
pub(super) struct Tiles {
    folder: PathBuf,
    /// The tile of each level that was read last.
    last: Vec<Option<(u64, Vec<Node>)>>,
}

// === impl Tiles ===

impl Tiles {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            last: vec![None; 8],
        }
    }

    /// The path of a tile, as it is told.
    pub(super) fn name(level: u32, tile: u64) -> String {
        let (low, middle, high) = (tile % 1000, tile / 1000 % 1000, tile / 1_000_000);
        match (high, middle) {
            (0, 0) => format!("tile/{level}/{low:03}"),
            (0, _) => format!("tile/{level}/x{middle:03}/{low:03}"),
            (high, _) if high < 1000 => {
                format!("tile/{level}/x{high:03}/x{middle:03}/{low:03}")
            }
            (high, _) => {
                let (top, high) = (high / 1000, high % 1000);
                format!("tile/{level}/x{top:03}/x{high:03}/x{middle:03}/{low:03}")
            }
        }
    }

    /// What there is of a tile.
    pub(super) fn row(&mut self, level: u32, tile: u64) -> io::Result<&[Node]> {
        let slot = usize::try_from(level).ok();
        let slot = slot.and_then(|slot| self.last.get_mut(slot));
        let slot = slot.ok_or(ErrorKind::InvalidInput)?;
        if slot.as_ref().is_none_or(|(kept, _)| *kept != tile) {
            let row = read_row(&self.folder, &Self::name(level, tile))?;
            *slot = Some((tile, row));
        }
        Ok(slot.as_ref().map_or(&[], |(_, row)| row.as_slice()))
    }

    /// The hash at a place of a level, if it is there.
    pub(super) fn node(&mut self, level: u32, index: u64) -> io::Result<Option<Node>> {
        let row = self.row(level, index / WIDTH)?;
        let place = usize::try_from(index % WIDTH).unwrap_or_default();
        Ok(row.get(place).copied())
    }

    /// The subtree of 2^height entries at a place, if its tile is there.
    pub(super) fn subtree(&mut self, height: u32, index: u64) -> io::Result<Option<Node>> {
        if height.is_multiple_of(8) {
            return self.node(height / 8, index);
        }
        let left = self.subtree(height - 1, 2 * index)?;
        let right = self.subtree(height - 1, 2 * index + 1)?;
        Ok(left.zip(right).map(|(left, right)| parent(&left, &right)))
    }

    /// The peaks of the tree of this size, if its tiles are there.
    pub(super) fn peaks(&mut self, size: u64) -> io::Result<Option<Peaks>> {
        let mut peaks = Vec::new();
        for height in (0..u64::BITS).rev() {
            if size >> height & 1 == 1 {
                match self.subtree(height, (size >> height) - 1)? {
                    Some(peak) => peaks.push(peak),
                    None => return Ok(None),
                }
            }
        }
        Ok(Some(Peaks::of(size, peaks)))
    }
}

fn read_row(folder: &Path, name: &str) -> io::Result<Vec<Node>> {
    let full = folder.join(name);
    let parts = folder.join(format!("{name}.p"));
    for _ in 0..ATTEMPTS {
        if let Some(row) = read_hashes(&full)? {
            return Ok(row);
        }
        let Some(widest) = widest(&parts)? else {
            break;
        };
        if let Some(row) = read_hashes(&parts.join(widest.to_string()))? {
            return Ok(row);
        }
    }
    Ok(read_hashes(&full)?.unwrap_or_default())
}

fn widest(parts: &Path) -> io::Result<Option<u64>> {
    let Some(entries) = found(fs::read_dir(parts))? else {
        return Ok(None);
    };
    let mut widest = None;
    for entry in entries {
        let name = entry?.file_name();
        let width = name.to_str().and_then(|name| name.parse().ok());
        widest = widest.max(width.filter(|width| *width < WIDTH));
    }
    Ok(widest)
}

fn read_hashes(path: &Path) -> io::Result<Option<Vec<Node>>> {
    let Some(file) = found(File::open(path))? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    file.take(WIDTH * 32).read_to_end(&mut bytes)?;
    Ok(Some(bytes.as_chunks().0.to_vec()))
}

fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
