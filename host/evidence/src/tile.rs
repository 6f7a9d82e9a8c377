//! Tiles: rows of up to 256 neighbours of the tree, as files, where C2SP `tlog-tiles`
//! puts them.

use std::path::PathBuf;

/// Hashes in a tile that is full.
pub const TILE_WIDTH: usize = 256;

/// The place of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tile {
    /// 0 for hashes of entries; each hash of a level stands for a full tile below it.
    pub level: u8,
    /// Its place in its level.
    pub index: u64,
}

// === impl Tile ===

impl Tile {
    /// The tile in which a hash of this level is, and its place there.
    pub fn of(level: u8, hash: u64) -> (Self, usize) {
        let width = TILE_WIDTH as u64;
        let place = usize::try_from(hash % width).unwrap_or_default();
        let index = hash / width;
        (Self { level, index }, place)
    }

    /// Where it is when it is full, below the folder of the tree.
    pub fn path(&self) -> PathBuf {
        let mut elements = vec![format!("{:03}", self.index % 1000)];
        let mut rest = self.index / 1000;
        while rest > 0 {
            elements.push(format!("x{:03}", rest % 1000));
            rest /= 1000;
        }
        let mut path = PathBuf::from("tile");
        path.push(self.level.to_string());
        path.extend(elements.into_iter().rev());
        path
    }

    /// The folder of what there is of it until it is full.
    pub fn partial_folder(&self) -> PathBuf {
        let mut path = self.path().into_os_string();
        path.push(".p");
        PathBuf::from(path)
    }

    /// Where it is while it has this width.
    pub fn partial_path(&self, width: usize) -> PathBuf {
        self.partial_folder().join(width.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_is_where_the_specification_puts_it() {
        for (level, index, path) in [
            (0, 0, "tile/0/000"),
            (1, 67, "tile/1/067"),
            (0, 1_000, "tile/0/x001/000"),
            (2, 1_234_067, "tile/2/x001/x234/067"),
            (0, 999_999_999, "tile/0/x999/x999/999"),
        ] {
            let tile = Tile { level, index };
            assert_eq!(tile.path(), PathBuf::from(path));
            let partial = tile.partial_path(112);
            assert_eq!(partial, PathBuf::from(format!("{path}.p/112")));
        }
        let (tile, place) = Tile::of(0, 511);
        assert_eq!((tile.index, place), (1, 255));
    }
}
