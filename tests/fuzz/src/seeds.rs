//! What mutations begin with: the files of `tests/fuzz/seeds/<target>`, in which
//! every input that broke a law stays, and what can only be made.

use std::fs;
use std::path::Path;

use crate::targets::made_seeds;

/// The seeds of a target, in the order of their names. WebAssembly stands there as
/// text (`.wat`).
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("seeds")
        .join(target);
    // A target whose seeds are all made has no folder.
    let mut files: Vec<_> = fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut seeds: Vec<Vec<u8>> = files.iter().map(|file| read(file)).collect();
    seeds.extend(made_seeds(target));
    seeds
}

fn read(file: &Path) -> Vec<u8> {
    let bytes = fs::read(file).unwrap();
    if file.extension().is_some_and(|ending| ending == "wat") {
        return wat::parse_bytes(&bytes)
            .unwrap_or_else(|error| panic!("`{}`: {error}", file.display()))
            .into_owned();
    }
    bytes
}
