//! Paths with a `*` in them: `policies/*.rego`, and `policies/**/*.rego` at any depth.

use std::path::{Component, Path, PathBuf};

use gatewright_policy::pattern::Pattern;

/// Most files that one pattern finds, most entries that are looked at for it, and how many
/// folders stand in one another.
const FOUND_MAX: usize = 1024;
const LOOKED_AT_MAX: usize = 65_536;
const DEPTH_MAX: usize = 16;

/// A path whose last part is a pattern.
#[derive(Debug)]
pub(super) struct FilePattern {
    folder: PathBuf,
    name: Pattern,
    /// Whether folders in the folder are looked into.
    is_deep: bool,
}

/// What a pattern found.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// In the order of their paths.
    pub(super) files: Vec<PathBuf>,
    /// The folders that were looked into.
    pub(super) folders: Vec<PathBuf>,
    looked_at: usize,
}

// === impl FilePattern ===

impl FilePattern {
    /// None for a path without a `*`. A `*` that stands elsewhere is an error: no file
    /// would ever be found.
    pub(super) fn of(path: &Path) -> Result<Option<Self>, String> {
        let text = path.to_str().ok_or("its name is not UTF-8")?;
        if !text.contains('*') {
            return Ok(None);
        }
        let mut folder = PathBuf::new();
        let mut is_deep = false;
        let mut parts = path.components().peekable();
        while let Some(part) = parts.next() {
            let Component::Normal(name) = part else {
                folder.push(part);
                continue;
            };
            let name = name.to_str().unwrap_or_default();
            match (name, parts.peek().is_none()) {
                (name, true) if !name.contains("**") => {
                    let name = Pattern::new(name);
                    return Ok(Some(Self {
                        folder,
                        name,
                        is_deep,
                    }));
                }
                ("**", false) if !is_deep => is_deep = true,
                (name, false) if !name.contains('*') && !is_deep => folder.push(name),
                _ => break,
            }
        }
        Err("a `*` stands in the last part of a path, and `**` alone before it".to_owned())
    }

    /// The files that are there now, below `root`. Names that begin with a dot are left out,
    /// and folders that are links are not looked into.
    pub(super) fn matches(&self, root: &Path) -> std::io::Result<Matches> {
        let mut matches = Matches::default();
        self.search(root, &self.folder, 0, &mut matches)?;
        matches.files.sort();
        Ok(matches)
    }

    fn search(
        &self,
        root: &Path,
        folder: &Path,
        depth: usize,
        matches: &mut Matches,
    ) -> std::io::Result<()> {
        let too_many = |what: &str| Err(std::io::Error::other(format!("there are {what}")));
        if depth > DEPTH_MAX {
            return too_many(&format!("more than {DEPTH_MAX} folders in one another"));
        }
        // The folder of a configuration without a folder before it.
        let place = match root.join(folder) {
            place if place.as_os_str().is_empty() => PathBuf::from("."),
            place => place,
        };
        for entry in std::fs::read_dir(&place)? {
            let entry = entry?;
            matches.looked_at += 1;
            if matches.looked_at > LOOKED_AT_MAX {
                return too_many(&format!("more than {LOOKED_AT_MAX} files"));
            }
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                return too_many("names that are not UTF-8");
            };
            if name.starts_with('.') {
                continue;
            }
            if entry.file_type()?.is_dir() {
                if self.is_deep {
                    self.search(root, &folder.join(name), depth + 1, matches)?;
                }
            } else if self.name.matches(name) && is_file(&entry.path())? {
                matches.files.push(folder.join(name));
            }
            if matches.files.len() > FOUND_MAX {
                return too_many(&format!("more than {FOUND_MAX} that fit"));
            }
        }
        matches.folders.push(place);
        Ok(())
    }
}

/// A link that leads nowhere is an error, and not one that the folder is missing.
fn is_file(path: &Path) -> std::io::Result<bool> {
    match std::fs::metadata(path) {
        Ok(found) => Ok(found.is_file()),
        Err(error) => {
            let name = path.display();
            Err(std::io::Error::other(format!("`{name}`: {error}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("nowhere", folder.path().join("a.rego")).unwrap();
        let pattern = FilePattern::of(Path::new("*.rego")).unwrap().unwrap();
        let error = pattern.matches(folder.path()).unwrap_err();
        assert!(error.to_string().contains("a.rego"), "{error}");
        assert_ne!(error.kind(), std::io::ErrorKind::NotFound);
    }

    #[test]
    fn a_star_stands_where_files_are_found() {
        let read = |path: &str| FilePattern::of(Path::new(path));
        for plain in ["a.rego", "a/b.rego", "/a/b.rego"] {
            assert!(read(plain).unwrap().is_none(), "{plain}");
        }
        for pattern in ["*.rego", "a/*.rego", "a/**/*.rego", "/a/**/b.rego"] {
            assert!(read(pattern).unwrap().is_some(), "{pattern}");
        }
        for wrong in ["*/a.rego", "a/**", "a/**/b/*.rego", "**/**/a", "a/b**"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
