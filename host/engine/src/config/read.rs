//! Reading a configuration.

use std::path::Path;

use super::{Config, ConfigError, Loaded, Problems, check};

/// Longest configuration file, in bytes.
const FILE_BYTES_MAX: u64 = 4 << 20;

impl Loaded {
    /// Reads and checks a file. Reports every problem it finds, not the first.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |error: std::io::Error| {
            let mut problems = Problems::new(path, "");
            problems.whole_file(
                format!("cannot be read: {error}"),
                "check the path, or write one: `gatewright docs platform-teams` says how"
                    .to_owned(),
            );
            problems.into_error()
        };
        let length = std::fs::metadata(path).map_err(unreadable)?.len();
        if length > FILE_BYTES_MAX {
            return Err(unreadable(std::io::Error::other(format!(
                "it is larger than {FILE_BYTES_MAX} bytes"
            ))));
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Self::read_text(path, text)
    }

    /// Checks a text as if it stood in a file.
    pub fn read_text(path: &Path, text: String) -> Result<Self, ConfigError> {
        let config = parse(path, &text)?;
        let loaded = Self {
            config,
            path: path.to_owned(),
            text,
        };
        check::check(&loaded)?;
        Ok(loaded)
    }
}

fn parse(path: &Path, text: &str) -> Result<Config, ConfigError> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let mut problems = Problems::new(path, text);
        let message = error.message().trim().replace('\n', "; ");
        let hint = if message.contains("unknown field") {
            "remove the key, or use one of those named here".to_owned()
        } else {
            "`gatewright docs configuration` has every key and an example".to_owned()
        };
        match error.span() {
            Some(span) => problems.at(span, message, hint),
            None => problems.whole_file(message, hint),
        }
        problems.into_error()
    })
}
