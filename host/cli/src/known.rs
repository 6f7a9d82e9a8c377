//! What can be known of a gate from its configuration while that is being mended: where
//! its operators look, and where its record is. A gate goes on with what was good, and
//! these commands must find it then of all times.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use gatewright_engine::config::{AuditConfig, ConfigError, GateConfig, Loaded};
use gatewright_store::MemoryAt;

use crate::config_file::ConfigFile;
use crate::output::visible_lines;
use crate::records;

/// What commands about a running gate need.
pub(crate) struct Known {
    pub(crate) admin: SocketAddr,
    pub(crate) audit: PathBuf,
    /// Records of processes of `wrap` with this configuration.
    pub(crate) wrapped: Vec<PathBuf>,
    pub(crate) memory: Option<MemoryAt>,
}

impl Known {
    /// Reads a configuration; where it has problems, as much of it as is needed. Says so
    /// on stderr then.
    pub(crate) fn read(config: &ConfigFile) -> anyhow::Result<Self> {
        let path = config.path();
        let error = match Loaded::read(path) {
            Ok(loaded) => return Ok(Self::of(&loaded)),
            Err(error) => error,
        };
        let Ok(text) = std::fs::read_to_string(path) else {
            return Self::without(config, error);
        };
        for problem in &error.problems {
            eprintln!("{}", visible_lines(&problem.to_string()));
        }
        eprintln!(
            "warning: the configuration has problems; a gate that runs goes on with what it \
             had, and is looked for where this file says"
        );
        let admin = value(&text, "gate", "admin").and_then(|admin| admin.parse().ok());
        let audit = value(&text, "audit", "path").map(PathBuf::from);
        let folder = path.parent().unwrap_or(Path::new(""));
        Ok(Self {
            admin: admin.unwrap_or_else(|| GateConfig::default().admin),
            audit: folder.join(audit.unwrap_or_else(|| AuditConfig::default().path)),
            wrapped: records::of(path),
            memory: value(&text, "memory", "url").map(|url| MemoryAt {
                url,
                folder: folder.to_owned(),
                password_file: value(&text, "memory", "password_file").map(PathBuf::from),
                gate: value(&text, "memory", "gate").unwrap_or_default(),
                salt: value(&text, "memory", "salt").map(PathBuf::from),
                patience: crate::memory::PATIENCE,
            }),
        })
    }

    fn of(loaded: &Loaded) -> Self {
        Self {
            admin: loaded.config.gate.admin,
            audit: loaded.resolve(&loaded.config.audit.path),
            wrapped: records::of(&loaded.path),
            memory: crate::memory::of(loaded),
        }
    }

    /// There is no configuration here; a user of `wrap` may have records all the same.
    fn without(config: &ConfigFile, error: ConfigError) -> anyhow::Result<Self> {
        let wrapped = records::all();
        if config.is_named() || wrapped.is_empty() {
            return Err(error.into());
        }
        Ok(Self {
            admin: GateConfig::default().admin,
            audit: AuditConfig::default().path,
            wrapped,
            memory: None,
        })
    }
}

/// The text that a key of a table has, if it can be read whatever else is wrong: the whole
/// file, or else the lines of the table one by one.
fn value(text: &str, table: &str, key: &str) -> Option<String> {
    let whole = toml::from_str::<toml::Table>(text).ok();
    let in_whole = whole.as_ref().and_then(|whole| whole.get(table)?.get(key));
    if let Some(value) = in_whole {
        return value.as_str().map(str::to_owned);
    }
    let mut inside = false;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with('[') {
            let header = line.split('#').next().unwrap_or_default().trim();
            inside = header == format!("[{table}]");
            continue;
        }
        if !inside {
            continue;
        }
        let value = toml::from_str::<toml::Table>(line).ok();
        let value = value.as_ref().and_then(|line| line.get(key)?.as_str());
        if let Some(value) = value {
            return Some(value.to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn what_is_needed_is_found_beside_what_is_wrong() {
        let good = "[gate]\nadmin = \"127.0.0.1:9\" # here\n[audit]\npath = 'a'\n";
        for text in [
            good.to_owned(),
            format!("{good}nonsense\n"),
            format!("listen = \n{good}"),
            good.replace("# here", "\nlisten = \"127.0.0.1"),
            format!("{good}[[server]]\nadmin = \"1.1.1.1:1\"\n[[server]\n"),
        ] {
            assert_eq!(
                value(&text, "gate", "admin").as_deref(),
                Some("127.0.0.1:9")
            );
            assert_eq!(value(&text, "audit", "path").as_deref(), Some("a"));
            assert_eq!(value(&text, "memory", "url"), None);
        }
        assert_eq!(value("[gate]\nadmin = 7\n", "gate", "admin"), None);
    }
}
