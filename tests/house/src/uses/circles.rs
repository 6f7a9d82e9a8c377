//! Files that use each other, directly or through others.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Files;

/// The circles among the files: each as the files in it, in order.
pub fn circles(files: &Files) -> Vec<Vec<PathBuf>> {
    let mut circles: Vec<Vec<PathBuf>> = Vec::new();
    for file in files.keys() {
        if circles.iter().any(|circle| circle.contains(file)) {
            continue;
        }
        let others = reached(files, file).into_iter();
        let circle: Vec<_> = others
            .filter(|other| reached(files, other).contains(file.as_path()))
            .map(Path::to_owned)
            .collect();
        if circle.len() > 1 {
            circles.push(circle);
        }
    }
    circles
}

/// Every file that this one uses, and what those use.
fn reached<'a>(files: &'a Files, from: &Path) -> BTreeSet<&'a Path> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&Path> = vec![from];
    while let Some(file) = open.pop() {
        for used in files.get(file).into_iter().flat_map(|uses| uses.keys()) {
            if reached.insert(used.as_path()) {
                open.push(used);
            }
        }
    }
    reached
}
