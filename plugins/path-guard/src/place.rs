//! Where a path leads, judged by its text alone.

use crate::choice::{ParentSteps, Platform};
use crate::glob::Names;
use crate::{Refused, letters, sameness};

/// An absolute path without `.` and `..`: the names below the file system root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(Vec<String>);

/// Trees of the kernel whose entries are not what their paths say: links into
/// other processes, open files, devices.
const KERNEL_TREES: &[&str] = &["proc", "dev", "sys", ".vol"];

/// Entries that lead out of a kernel tree, even where a root lies in it.
const KERNEL_LINKS: &[&str] = &[
    "root",
    "cwd",
    "fd",
    "exe",
    "map_files",
    "task",
    "self",
    "thread-self",
    "stdin",
    "stdout",
    "stderr",
];

impl Place {
    /// Reads a plain path. A relative one starts at `base`.
    pub(crate) fn read(
        path: &str,
        base: Option<&Self>,
        platform: Platform,
        steps: ParentSteps,
    ) -> Result<Self, Refused> {
        let (mut names, rest) = match (start(path, platform), base) {
            (Some((drive, rest)), _) => (drive.into_iter().collect(), rest),
            // `\Windows` starts at the root of whatever drive the server is on.
            (None, Some(_)) if path.starts_with('/') => return Err(Refused::Relative),
            (None, Some(base)) => (base.0.clone(), path),
            (None, None) => return Err(Refused::Relative),
        };
        let fixed = match platform {
            Platform::Unix | Platform::Macos => 0,
            Platform::Windows => 1,
        };
        for name in rest.split('/') {
            match (name, steps) {
                ("" | ".", _) => {}
                ("..", ParentSteps::Refuse) => return Err(Refused::ParentStep),
                ("..", ParentSteps::Resolve) if names.len() > fixed => {
                    names.pop();
                }
                ("..", ParentSteps::Resolve) => return Err(Refused::OutsideRoots),
                (name, _) => names.push(name.to_owned()),
            }
        }
        Ok(Self(names))
    }

    /// The names below `root`, if this place is `root` or lies in it.
    pub fn below<'a>(&'a self, root: &Self, platform: Platform) -> Option<&'a [String]> {
        let (head, rest) = self.0.split_at_checked(root.0.len())?;
        head.iter()
            .zip(&root.0)
            .all(|(name, of_root)| sameness::is_one_entry(name, of_root, platform))
            .then_some(rest)
    }

    /// The names in their widest spelling, in each way that a program could take
    /// them apart.
    pub(crate) fn widest(&self, root: &Self) -> Vec<Names> {
        let of_root = root.0.len();
        let mut all: Vec<String> = Vec::with_capacity(self.0.len());
        let mut has_stream = false;
        for (at, name) in self.0.iter().enumerate() {
            match letters::simplified(name) {
                Some(names) if at >= of_root => {
                    has_stream |= !name.contains(':') && names.iter().any(|n| n.contains(':'));
                    let bare = names.iter().map(|name| name.trim_end_matches(['.', ' ']));
                    all.extend(bare.map(sameness::widest));
                }
                Some(_) | None => all.push(sameness::widest(name)),
            }
        }
        let mut readings = vec![Names { all, of_root }];
        if has_stream && let Some(whole) = readings.first().cloned() {
            let before = |name: String| match name.split_once(':') {
                Some((before, _)) => before.to_owned(),
                None => name,
            };
            readings.push(Names {
                all: whole.all.into_iter().map(before).collect(),
                of_root,
            });
        }
        readings
    }

    /// Whether the path leads through a tree of the kernel that `root` does
    /// not lie in, or through one of its links.
    pub(crate) fn is_kernel_link(&self, root: &Self) -> bool {
        let is_tree = |place: &Self| {
            let name = place.0.first().map(|name| sameness::widest(name));
            name.is_some_and(|name| KERNEL_TREES.contains(&name.as_str()))
        };
        if !is_tree(self) {
            return false;
        }
        // Below a root within the tree, its links still lead out.
        !is_tree(root)
            || self
                .0
                .iter()
                .skip(1)
                .any(|name| KERNEL_LINKS.contains(&sameness::widest(name).as_str()))
    }

    /// The names from the file system root down.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.first() {
            Some(drive) if drive.ends_with(':') && self.0.len() == 1 => write!(f, "{drive}/"),
            Some(drive) if drive.ends_with(':') => f.write_str(&self.0.join("/")),
            _ => write!(f, "/{}", self.0.join("/")),
        }
    }
}

/// The drive of an absolute path, where the platform has drives, and the rest.
fn start(path: &str, platform: Platform) -> Option<(Option<String>, &str)> {
    match platform {
        Platform::Unix | Platform::Macos => path.strip_prefix('/').map(|rest| (None, rest)),
        Platform::Windows => {
            let (drive, rest) = path.split_once('/')?;
            drive
                .ends_with(':')
                .then(|| (Some(drive.to_ascii_uppercase()), rest))
        }
    }
}
