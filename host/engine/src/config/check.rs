//! Reading a configuration, and everything that can be wrong with it.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use gatewright_policy::{Digest, Mode};

use super::{Config, Loaded, Said, ServerConfig, budgets, issuers, limits_check, packs, pins};

/// Longest configuration file, in bytes.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// Longest server or binding name, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// Everything that is wrong with a configuration.
#[derive(Debug, Clone)]
pub struct ConfigError {
    /// At least one.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// Where in it, starting at 1; none when it concerns the whole file.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// What of the message a policy wrote.
    pub said: Option<Said>,
}

/// Collects problems with their places.
pub(crate) struct Problems<'a> {
    file: &'a Path,
    text: &'a str,
    found: Vec<Problem>,
}

pub(super) fn read(path: &Path) -> Result<Loaded, ConfigError> {
    let unreadable = |error: std::io::Error| {
        let mut problems = Problems::new(path, "");
        problems.whole_file(
            format!("cannot be read: {error}"),
            "check the path, or write one: see `docs/platform-teams.md`".to_owned(),
        );
        ConfigError {
            problems: problems.found,
        }
    };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > FILE_BYTES_MAX {
        return Err(unreadable(std::io::Error::other(format!(
            "it is larger than {FILE_BYTES_MAX} bytes"
        ))));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    read_text(path, text)
}

pub(super) fn read_text(path: &Path, text: String) -> Result<Loaded, ConfigError> {
    let config = parse(path, &text)?;
    let loaded = Loaded {
        config,
        path: path.to_owned(),
        text,
    };
    check(&loaded)?;
    Ok(loaded)
}

fn parse(path: &Path, text: &str) -> Result<Config, ConfigError> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let mut problems = Problems::new(path, text);
        let message = error.message().trim().replace('\n', "; ");
        let hint = if message.contains("unknown field") {
            "remove the key, or use one of those named here".to_owned()
        } else {
            "see `docs/configuration.md` for every key and an example".to_owned()
        };
        match error.span() {
            Some(span) => problems.at(span, message, hint),
            None => problems.whole_file(message, hint),
        }
        ConfigError {
            problems: problems.found,
        }
    })
}

fn check(loaded: &Loaded) -> Result<(), ConfigError> {
    let config = &loaded.config;
    let mut problems = Problems::new(&loaded.path, &loaded.text);
    if !config.gate.admin.ip().is_loopback() {
        problems.whole_file(
            format!(
                "`gate.admin` is `{}`, which is not a loopback address",
                config.gate.admin
            ),
            "use `127.0.0.1:8701`, and a tunnel to reach it from elsewhere".to_owned(),
        );
    }
    limits_check::check(loaded, &mut problems);
    issuers::check(loaded, &mut problems);
    let mut names = HashSet::new();
    for server in &config.servers {
        let (name, span) = (server.name.get_ref(), server.name.span());
        check_name("server", name, span.clone(), &mut names, &mut problems);
        pins::check(server, &span, &mut problems);
        check_server(server, span, &mut problems);
    }
    let mut names = HashSet::new();
    for binding in &config.bindings {
        let (name, span) = (binding.name.get_ref(), binding.name.span());
        check_name("binding", name, span.clone(), &mut names, &mut problems);
        let policy = loaded.resolve(binding.policy.get_ref());
        if binding.pack.is_none() && !policy.is_file() {
            problems.at(
                binding.policy.span(),
                format!("policy file `{}` does not exist", policy.display()),
                "build it with `gatewright build`, or mend the path (it starts at the folder of this file)".to_owned(),
            );
        }
        if let Some(digest) = &binding.digest
            && let Err(error) = digest.get_ref().parse::<Digest>()
        {
            problems.at(
                digest.span(),
                error.to_string(),
                "`gatewright build` prints it".to_owned(),
            );
        }
        for pattern in &binding.servers {
            let fits = |server: &ServerConfig| pattern.get_ref().matches(server.name.get_ref());
            if !config.servers.iter().any(fits) {
                problems.at(
                    pattern.span(),
                    format!("pattern `{}` matches no server", pattern.get_ref()),
                    format!("the servers are: {}", server_names(config)),
                );
            }
        }
        if let (Mode::Observe, Some(canary)) = (binding.mode, &binding.canary) {
            problems.at(
                canary.span(),
                format!("binding `{name}` is observed, and has a `canary`"),
                "leave `mode` out: a canary counts for its share and is observed for the others"
                    .to_owned(),
            );
        }
        budgets::check(binding, &mut problems);
        if binding.tools.is_empty() || binding.servers.is_empty() {
            problems.at(
                span.clone(),
                format!("binding `{name}` judges nothing: `servers` or `tools` is empty"),
                "leave the key out for all of them".to_owned(),
            );
        }
        if binding.settings.is_some() && binding.settings_file.is_some() {
            problems.at(
                span,
                format!("binding `{name}` has both `settings` and `settings_file`"),
                "keep one".to_owned(),
            );
        }
        if let Some(file) = &binding.settings_file
            && !loaded.resolve(file.get_ref()).is_file()
        {
            let path = loaded.resolve(file.get_ref());
            problems.at(
                file.span(),
                format!("settings file `{}` does not exist", path.display()),
                "mend the path (it starts at the folder of this file)".to_owned(),
            );
        }
    }
    packs::check(config, &mut problems);
    problems.into_result()
}

fn check_server(server: &ServerConfig, span: Range<usize>, problems: &mut Problems<'_>) {
    let name = server.name.get_ref();
    match (&server.command, &server.url) {
        (Some(command), None) => {
            if command.get_ref().first().is_none_or(String::is_empty) {
                problems.at(
                    command.span(),
                    "`command` is empty".to_owned(),
                    "write program and arguments: `command = [\"npx\", \"server\"]`".to_owned(),
                );
            }
            if let Some(credential) = &server.credential {
                problems.at(
                    credential.span(),
                    "`credential` is for servers with a `url`".to_owned(),
                    "hand it to the program with `env_pass` instead".to_owned(),
                );
            }
        }
        (None, Some(url)) => {
            if !(url.get_ref().starts_with("http://") || url.get_ref().starts_with("https://")) {
                problems.at(
                    url.span(),
                    format!("`{}` is not an http or https URL", url.get_ref()),
                    "write the server's MCP endpoint, for example `http://127.0.0.1:9000/mcp`"
                        .to_owned(),
                );
            }
        }
        (None, None) | (Some(_), Some(_)) => problems.at(
            span,
            format!("server `{name}` needs exactly one of `command` and `url`"),
            "`command` runs it over stdio, `url` reaches it over HTTP".to_owned(),
        ),
    }
    if server.timeout.0.is_zero() {
        problems.at(
            server.name.span(),
            format!("server `{name}` has no time to answer: `timeout` is 0"),
            "leave the key out for its default".to_owned(),
        );
    }
    if let Some(credential) = &server.credential
        && credential.get_ref().env.is_some() == credential.get_ref().file.is_some()
    {
        problems.at(
            credential.span(),
            "`credential` needs exactly one of `env` and `file`".to_owned(),
            "name the variable or the file that holds the secret; never write it here".to_owned(),
        );
    }
}

/// Whether a tool server, or a binding, can be called so.
pub fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(plain)
}

fn check_name<'a>(
    what: &str,
    name: &'a str,
    span: Range<usize>,
    names: &mut HashSet<&'a str>,
    problems: &mut Problems<'_>,
) {
    if !is_name(name) {
        problems.at(
            span,
            format!("`{name}` is not a {what} name"),
            format!("use letters, digits, `-`, `_` and `.`; at most {NAME_BYTES_MAX} of them"),
        );
    } else if !names.insert(name) {
        problems.at(
            span,
            format!("there are two {what}s with the name `{name}`"),
            "rename one".to_owned(),
        );
    }
}

pub(super) fn server_names(config: &Config) -> String {
    let names: Vec<_> = config
        .servers
        .iter()
        .map(|server| server.name.get_ref().as_str())
        .collect();
    if names.is_empty() {
        "none; add a [[server]]".to_owned()
    } else {
        names.join(", ")
    }
}

// === impl Problems ===

impl<'a> Problems<'a> {
    /// About a configuration that was read.
    pub(crate) fn of(loaded: &'a Loaded) -> Self {
        Self::new(&loaded.path, &loaded.text)
    }

    /// What was found, as the error of an activation.
    pub(crate) fn into_error(self) -> crate::snapshot::BuildError {
        ConfigError {
            problems: self.found,
        }
        .into()
    }

    pub(crate) fn new(file: &'a Path, text: &'a str) -> Self {
        Self {
            file,
            text,
            found: Vec::new(),
        }
    }

    pub(crate) fn at(&mut self, span: Range<usize>, message: String, hint: String) {
        let before = self.text.get(..span.start).unwrap_or_default();
        self.found.push(Problem {
            file: self.file.to_owned(),
            line: Some(before.matches('\n').count() + 1),
            message,
            hint,
            said: None,
        });
    }

    /// A policy wrote something of the last message.
    pub(crate) fn said(&mut self, said: Option<Said>) {
        if let Some(last) = self.found.pop() {
            self.found.push(last.with(said));
        }
    }

    pub(super) fn at_or_whole(
        &mut self,
        span: Option<Range<usize>>,
        message: String,
        hint: String,
    ) {
        match span {
            Some(span) => self.at(span, message, hint),
            None => self.whole_file(message, hint),
        }
    }

    fn whole_file(&mut self, message: String, hint: String) {
        self.found.push(Problem {
            file: self.file.to_owned(),
            line: None,
            message,
            hint,
            said: None,
        });
    }

    pub(crate) fn into_result(self) -> Result<(), ConfigError> {
        if self.found.is_empty() {
            Ok(())
        } else {
            Err(ConfigError {
                problems: self.found,
            })
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}\n  hint: {}", self.message, self.hint)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, problem) in self.problems.iter().enumerate() {
            if place > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
