//! The list of what was copied: by it an update knows which files an author changed.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Component, Path};

use anyhow::{Context as _, Result, bail, ensure};
use gatewright_policy::Digest;

/// What stands before the version.
const TITLE: &str = "# gatewright ";

/// Far more than any SDK has, and an end for a list that somebody else wrote.
const FILES_MAX: usize = 4096;

/// Which version the files are of, and the digest of each, by its path in the policy.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct List {
    pub(super) version: String,
    pub(super) files: BTreeMap<String, Digest>,
}

// === impl List ===

impl List {
    /// Of what this program carries.
    pub(super) fn of(files: &BTreeMap<String, Vec<u8>>) -> Self {
        let files = files.iter();
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            files: files
                .map(|(path, bytes)| (path.clone(), Digest::of(bytes)))
                .collect(),
        }
    }

    /// Reads one. What it names is below `folder`, by a path without turns: it is
    /// deleted by that path.
    pub(super) fn read(text: &str, folder: &str) -> Result<Self> {
        let mut lines = text.lines();
        let version = lines.next().and_then(|line| line.strip_prefix(TITLE));
        let version = version.context("its first line names no version")?;
        let mut files = BTreeMap::new();
        for line in lines {
            let (digest, path) = line
                .split_once("  ")
                .with_context(|| format!("`{line}` is not a digest and a path"))?;
            if !is_below(path, folder) {
                bail!("`{path}` is not below `{folder}/`");
            }
            let digest = digest
                .parse()
                .with_context(|| format!("`{digest}` is not a digest"))?;
            files.insert(path.to_owned(), digest);
            ensure!(
                files.len() <= FILES_MAX,
                "it names more than {FILES_MAX} files"
            );
        }
        Ok(Self {
            version: version.to_owned(),
            files,
        })
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    let mut parts = Path::new(path).components();
    let begins = parts.next() == Some(Component::Normal(folder.as_ref()));
    let rest: Vec<_> = parts.collect();
    let is_plain = |part: &Component<'_>| matches!(part, Component::Normal(_));
    begins && !rest.is_empty() && rest.iter().all(is_plain)
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{TITLE}{}", self.version)?;
        for (path, digest) in &self.files {
            writeln!(f, "{digest}  {path}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::List;

    #[test]
    fn a_list_is_read_as_it_is_written() {
        let files = BTreeMap::from([
            ("gatewright/wit/a".to_owned(), b"1".to_vec()),
            ("gatewright/sdk/c/b c".to_owned(), b"2".to_vec()),
        ]);
        let list = List::of(&files);
        assert_eq!(List::read(&list.to_string(), "gatewright").unwrap(), list);
    }

    /// Somebody else's repository does not say what is deleted elsewhere.
    #[test]
    fn a_list_that_leads_out_is_refused() {
        let digest = gatewright_policy::Digest::of(b"");
        for path in [
            "../gatewright/a",
            "gatewright/../src/lib.rs",
            "/gatewright/a",
            "gatewright",
            "src/lib.rs",
            "",
        ] {
            let text = format!("# gatewright 0.1.0\n{digest}  {path}\n");
            assert!(List::read(&text, "gatewright").is_err(), "{path}");
        }
        for text in [
            "",
            "# other 1\n",
            "# gatewright 1\nx\n",
            "# gatewright 1\nx  gatewright/y\n",
        ] {
            assert!(List::read(text, "gatewright").is_err(), "{text}");
        }
    }
}
