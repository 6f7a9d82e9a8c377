//! Members of a policy's settings that stand in files of their own.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatewright_sandbox::SETTINGS_BYTES_MAX;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::file_pattern::{FilePattern, Matches};

/// Most bytes that the files of one policy have together: as many as its settings may have.
const BYTES_MAX: u64 = SETTINGS_BYTES_MAX as u64;

/// Where a member of the settings stands: in a file, in those of a list or pattern by their
/// paths, or in those of a table by their names.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "a path, a list of paths, or a table of paths by name"
)]
pub enum Files {
    /// What the file holds; by its path where the path is a pattern.
    One(PathBuf),
    /// What each holds, by its path.
    Listed(Vec<PathBuf>),
    /// What each holds, by a name.
    Named(BTreeMap<String, PathBuf>),
}

/// What is on disk for a member of the settings.
#[derive(Debug, Default)]
pub(crate) struct OnDisk {
    /// The files, by what the settings call them.
    pub(crate) files: BTreeMap<String, PathBuf>,
    /// The folders whose entries are looked at.
    pub(crate) folders: Vec<PathBuf>,
    /// Whether it is what the one file holds.
    is_one: bool,
}

// === impl Files ===

impl Files {
    /// The settings with these members besides, as JSON text. The error says which file.
    pub fn put_into(
        settings: &str,
        files: &BTreeMap<String, Self>,
        folder: &Path,
    ) -> Result<String, String> {
        let own: BTreeMap<String, IgnoredAny> = serde_json::from_str(settings)
            .map_err(|error| format!("the settings are no object in JSON: {error}"))?;
        let mut bytes_left = BYTES_MAX;
        let mut members = Vec::with_capacity(files.len());
        for (name, files) in files {
            if own.contains_key(name) {
                return Err(format!("`{name}` stands in the settings too"));
            }
            let on_disk = files.on_disk(folder)?;
            let value = on_disk.read(folder, &mut bytes_left)?;
            members.push(format!("{}:{value}", json(name)));
        }
        // What the settings say is handed on as it is written.
        let rest = settings.trim_start().strip_prefix('{').unwrap_or_default();
        let comma = if own.is_empty() { "" } else { "," };
        Ok(format!("{{{}{comma}{rest}", members.join(",")))
    }

    /// Whether all of them are below a folder, also behind links: what somebody else wrote
    /// names nothing beside it.
    pub fn are_below(&self, folder: &Path) -> Result<(), String> {
        let beside =
            |path: &Path| format!("`{}` is not below the folder of this file", path.display());
        let named: Vec<&PathBuf> = match self {
            Self::One(path) => vec![path],
            Self::Listed(paths) => paths.iter().collect(),
            Self::Named(paths) => paths.values().collect(),
        };
        let is_inside =
            |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        if let Some(path) = named.iter().find(|path| !path.components().all(is_inside)) {
            return Err(beside(path));
        }
        // An empty path is this folder, and has no name for the system.
        let folder = folder.join(".");
        let real = |path: &Path| {
            let real = path.canonicalize();
            real.map_err(|error| format!("`{}`: {error}", path.display()))
        };
        let top = real(&folder)?;
        for path in self.on_disk(&folder)?.files.values() {
            if !real(&folder.join(path))?.starts_with(&top) {
                return Err(beside(path));
            }
        }
        Ok(())
    }

    /// The files that are there now.
    pub fn paths(&self, folder: &Path) -> Vec<PathBuf> {
        let found = self.on_disk(folder).unwrap_or_default().files;
        found.into_values().map(|path| folder.join(path)).collect()
    }

    /// What is there now; nothing that fits is an error.
    pub(crate) fn on_disk(&self, folder: &Path) -> Result<OnDisk, String> {
        let mut on_disk = OnDisk::default();
        match self {
            Self::One(path) => on_disk.is_one = !on_disk.add_path(path, folder)?,
            Self::Listed(paths) => {
                for path in paths {
                    on_disk.add_path(path, folder)?;
                }
            }
            Self::Named(paths) => {
                for (name, path) in paths {
                    if pattern(path)?.is_some() {
                        let path = path.display();
                        return Err(format!(
                            "`{path}` may be several files, and `{name}` is one"
                        ));
                    }
                    on_disk.files.insert(name.clone(), path.clone());
                }
            }
        }
        match on_disk.files.is_empty() {
            true => Err("the list of files is empty".to_owned()),
            false => Ok(on_disk),
        }
    }
}

// === impl OnDisk ===

impl OnDisk {
    /// Adds a file, or those that a pattern finds; the answer is whether it is a pattern.
    fn add_path(&mut self, path: &Path, folder: &Path) -> Result<bool, String> {
        let Some(pattern) = pattern(path)? else {
            self.files.insert(name(path)?, path.to_owned());
            return Ok(false);
        };
        let shown = path.display();
        let Matches { files, folders, .. } =
            pattern
                .matches(folder)
                .map_err(|error| match error.kind() {
                    io::ErrorKind::NotFound => format!("the folder of `{shown}` does not exist"),
                    _ => format!("`{shown}`: {error}"),
                })?;
        if files.is_empty() {
            return Err(format!("no file fits `{shown}`"));
        }
        for file in files {
            self.files.insert(name(&file)?, file);
        }
        self.folders.extend(folders);
        Ok(true)
    }

    /// Whether the files are there.
    pub(super) fn check(&self, folder: &Path) -> Result<(), String> {
        match self
            .files
            .values()
            .find(|path| !folder.join(path).is_file())
        {
            None => Ok(()),
            Some(path) => Err(format!("file `{}` does not exist", path.display())),
        }
    }

    fn read(&self, folder: &Path, bytes_left: &mut u64) -> Result<String, String> {
        let mut members = Vec::with_capacity(self.files.len());
        for (name, path) in &self.files {
            let shown = path.display();
            let value = read(&folder.join(path), bytes_left)
                .map_err(|error| format!("file `{shown}`: {error}"))?;
            if self.is_one {
                return Ok(value);
            }
            members.push(format!("{}:{value}", json(name)));
        }
        Ok(format!("{{{}}}", members.join(",")))
    }
}

fn pattern(path: &Path) -> Result<Option<FilePattern>, String> {
    FilePattern::of(path).map_err(|error| format!("`{}`: {error}", path.display()))
}

fn name(path: &Path) -> Result<String, String> {
    let name = path.to_str().map(str::to_owned);
    name.ok_or_else(|| format!("`{}`: its name is not UTF-8", path.display()))
}

/// The document of a `.json`, the text of any other file, base64 of what is no text.
fn read(path: &Path, bytes_left: &mut u64) -> Result<String, String> {
    let bytes = bounded(path, *bytes_left).map_err(|error| error.to_string())?;
    *bytes_left = u64::try_from(bytes.len())
        .ok()
        .and_then(|length| bytes_left.checked_sub(length))
        .ok_or_else(|| {
            format!(
                "the files have more than {BYTES_MAX} bytes together; leave out what no rule reads"
            )
        })?;
    let is_json = path.extension().is_some_and(|ending| ending == "json");
    match (String::from_utf8(bytes), is_json) {
        (Ok(text), true) => match serde_json::from_str::<IgnoredAny>(&text) {
            Ok(IgnoredAny) => Ok(text),
            Err(error) => Err(format!("it is not JSON: {error}")),
        },
        (Ok(text), false) => Ok(json(&text)),
        (Err(_), true) => Err("it is not UTF-8".to_owned()),
        (Err(error), false) => Ok(json(&STANDARD.encode(error.as_bytes()))),
    }
}

/// One byte more than fits shows that it does not fit.
fn bounded(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(bytes_max.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(settings: &str, files: &str, folder: &Path) -> Result<String, String> {
        let files = toml::from_str(files).unwrap();
        Files::put_into(settings, &files, folder)
    }

    #[test]
    fn what_somebody_else_wrote_names_nothing_beside_its_folder() {
        let top = tempfile::tempdir().unwrap();
        let folder = top.path().join("policy");
        std::fs::create_dir_all(folder.join("in")).unwrap();
        std::fs::write(top.path().join("secret.json"), "{}").unwrap();
        std::fs::write(folder.join("in/own.json"), "{}").unwrap();
        std::os::unix::fs::symlink("../secret.json", folder.join("link.json")).unwrap();
        std::os::unix::fs::symlink("..", folder.join("up")).unwrap();
        std::os::unix::fs::symlink("in/own.json", folder.join("near.json")).unwrap();
        let below = |files: &str| {
            let files: BTreeMap<String, Files> = toml::from_str(files).unwrap();
            files["x"].are_below(&folder)
        };
        let absolute = format!("x = {:?}", top.path().join("secret.json"));
        for files in [
            "x = '../secret.json'",
            "x = ['in/own.json', 'in/../../secret.json']",
            "x = { a = '../secret.json' }",
            "x = '../*.json'",
            "x = '/etc/*'",
            "x = 'link.json'",
            "x = 'up/secret.json'",
            "x = '*.json'",
            &absolute,
        ] {
            let error = below(files).unwrap_err();
            assert!(
                error.contains("is not below the folder"),
                "{files}: {error}"
            );
        }
        for files in ["x = 'in/own.json'", "x = './in/*.json'", "x = 'near.json'"] {
            assert_eq!(below(files), Ok(()), "{files}");
        }
    }

    #[test]
    fn files_stand_beside_what_the_settings_say() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        std::fs::create_dir_all(folder.join("p/q/.hidden")).unwrap();
        for (name, bytes) in [
            ("a.json", &b"{\"n\": 1.0e400}\n"[..]),
            ("p/a.rego", b"package a\n"),
            ("p/q/b.rego", b"package b"),
            ("p/q/.c.rego", b"hidden"),
            ("p/q/.hidden/d.rego", b"hidden"),
            ("b.tar.gz", b"\x1f\x8b"),
            ("wrong.json", b"{} {}"),
        ] {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
        let b = r#""p/q/b.rego":"package b""#;
        let a = r#""p/a.rego":"package a\n""#;
        for (settings, files, whole) in [
            (
                "{}",
                "x = 'a.json'",
                "{\"x\":{\"n\": 1.0e400}\n}".to_owned(),
            ),
            (
                " { \"y\": 0.10 }",
                "x = 'b.tar.gz'",
                "{\"x\":\"H4s=\", \"y\": 0.10 }".to_owned(),
            ),
            ("{}", "x = ['p/q/b.rego']", format!("{{\"x\":{{{b}}}}}")),
            ("{}", "x = 'p/**/*.rego'", format!("{{\"x\":{{{a},{b}}}}}")),
            (
                "{}",
                "x = ['p/*.rego', 'p/q/*.rego']",
                format!("{{\"x\":{{{a},{b}}}}}"),
            ),
            (
                "{}",
                "x = { b = 'p/q/b.rego' }",
                "{\"x\":{\"b\":\"package b\"}}".to_owned(),
            ),
        ] {
            assert_eq!(put(settings, files, folder), Ok(whole), "{files}");
        }
        for (settings, files, problem) in [
            (
                "{\"x\": 1}",
                "x = 'a.json'",
                "`x` stands in the settings too",
            ),
            ("[]", "x = 'a.json'", "no object in JSON"),
            (
                "{}",
                "x = 'wrong.json'",
                "file `wrong.json`: it is not JSON",
            ),
            ("{}", "x = 'none.rego'", "file `none.rego`"),
            ("{}", "x = 'p'", "it is no file"),
            ("{}", "x = []", "the list of files is empty"),
            ("{}", "x = 'p/*.md'", "no file fits `p/*.md`"),
            (
                "{}",
                "x = 'none/*.md'",
                "the folder of `none/*.md` does not exist",
            ),
            ("{}", "x = { b = 'p/*.rego' }", "may be several files"),
        ] {
            let error = put(settings, files, folder).unwrap_err();
            assert!(error.contains(problem), "{files}: {error}");
        }
    }
}
