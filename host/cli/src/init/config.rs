//! The gate's configuration, for people to read.

use std::fmt::Write as _;

use gatewright_policy::Digest;
use toml::Value;

use super::guards::{Guard, of_results};
use super::launch::Launch;
use super::offer::Offer;
use super::policies::{ALLOW_FILE, FOLDER};
use super::rewrite::variable;
use super::secret::{shown, shown_url};
use super::servers::Server;
use crate::output::visible;

/// Who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// The gate.
    Gate,
    /// Somebody at a terminal: what may be secret is not there.
    Terminal,
}

/// Which guards are at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guards {
    /// That of results, and perhaps others.
    OfResults,
    /// Others.
    Others,
    /// None at all.
    None,
}

/// Variables that tool servers are commonly started with, besides those of the gate.
const USUAL: [&str; 12] = [
    "USER",
    "LOGNAME",
    "SHELL",
    "DISPLAY",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
];

/// Who calls, and what watches all servers.
pub(super) fn header(principal: Option<&str>, guards: Guards) -> String {
    let mut text = String::from(
        "# Begun by `gatewright init`. It is yours: change what you like, and ask `gatewright check`\n\
         # whether it is good. `gatewright docs configuration` has every key.\n\n\
         # Whoever starts `gatewright wrap` on this machine is this agent; there is no credential.\n\
         [local]\n\
         agent = \"desktop\"\n",
    );
    if let Some(principal) = principal {
        line(&mut text, "principal", &Value::from(principal));
    }
    match guards {
        Guards::OfResults => text.push_str(&guard_text(None, &of_results())),
        Guards::Others => {}
        Guards::None => text.push_str(
            "\n# No guards were at hand. `make plugins` builds them, and `--policies <FOLDER>` names where\n\
             # they are; `gatewright docs platform-teams` says how they are bound.\n",
        ),
    }
    text
}

/// A tool server.
pub(super) fn server(server: &Server, reader: Reader) -> String {
    let mut text = String::new();
    let files: Vec<_> = server.files.iter().map(|file| visible(file)).collect();
    let _ = writeln!(text, "\n# Found in {}.\n[[server]]", files.join(", "));
    line(&mut text, "name", &Value::from(server.name.as_str()));
    match &server.launch {
        Launch::Program {
            command,
            directory,
            variables,
        } => {
            let command = match reader {
                Reader::Gate => command.clone(),
                Reader::Terminal => shown(command),
            };
            line(&mut text, "command", &list(command));
            let directory = directory.to_string_lossy().into_owned();
            line(&mut text, "directory", &Value::from(directory));
            let usual = USUAL
                .into_iter()
                .filter(|name| !variables.contains(*name) && std::env::var_os(name).is_some());
            let passed: Vec<_> = variables
                .iter()
                .cloned()
                .chain(usual.map(str::to_owned))
                .collect();
            if !passed.is_empty() {
                text.push_str(
                    "# Names only: the values are those that the client starts the gate with.\n",
                );
                line(&mut text, "env_pass", &list(passed));
            }
        }
        Launch::Endpoint { url, credential } => {
            let url = match reader {
                Reader::Gate => url.clone(),
                Reader::Terminal => shown_url(url),
            };
            line(&mut text, "url", &Value::from(url));
            if let Some(header) = credential {
                text.push_str("# The secret stays in the client's file, as a variable.\n");
                let _ = writeln!(
                    text,
                    "credential = {{ header = {}, scheme = {}, env = {} }}",
                    Value::from(header.name.as_str()),
                    Value::from(header.scheme.as_str()),
                    Value::from(variable(&server.name)),
                );
            }
        }
    }
    text.push_str(
        "# What it may ask of the client, as without a gate. Take out what it does not need.\n\
         client_requests = [\"roots\", \"elicitation\", \"sampling\"]\n",
    );
    text
}

/// A tool server with what is pinned about its tools, what lets them through, and what
/// watches them.
pub(super) fn block(it: &Server, offer: &Offer, guards: &[Guard], reader: Reader) -> String {
    let mut text = server(it, reader);
    text.push_str(
        "# A tool that is not listed here is none, whatever it is called, until you pin it.\n\
         definitions = \"operator\"\n",
    );
    if !offer.tools.is_empty() {
        text.push_str(
            "\n# What each tool is today. One that becomes another tool needs your word: look with\n\
             # `gatewright check --connect`, and put the new digest here.\n[server.tools]\n",
        );
        for (name, digest) in &offer.tools {
            let _ = writeln!(text, "{} = {{ definition = {} }}", key(name), pin(digest));
        }
    }
    text.push_str(
        "\n# What was there when it was asked goes through. What is not listed is refused: the gate\n\
         # lets nothing through that nobody allowed.\n[[binding]]\n",
    );
    line(
        &mut text,
        "name",
        &Value::from(format!("{}.listed", it.name)),
    );
    line(
        &mut text,
        "policy",
        &Value::from(format!("{FOLDER}/{ALLOW_FILE}")),
    );
    line(&mut text, "servers", &list(vec![it.name.clone()]));
    text.push_str("tools = [\n");
    for name in offer.names() {
        let _ = writeln!(text, "    {},", Value::from(name));
    }
    text.push_str("]\nauthority = [\"allow\"]\n");
    for guard in guards {
        text.push_str(&guard_text(Some(&it.name), guard));
    }
    text
}

/// A guard that only watches.
fn guard_text(server: Option<&str>, guard: &Guard) -> String {
    let mut text = format!(
        "\n# Watches for {}.\n\
         # It refuses nothing yet: `gatewright flips` shows what it would. Take `mode` out when that\n\
         # is right.\n[[binding]]\n",
        guard.about
    );
    let name = match server {
        Some(server) => format!("{server}.{}", guard.suffix),
        None => guard.suffix.to_owned(),
    };
    line(&mut text, "name", &Value::from(name));
    line(
        &mut text,
        "policy",
        &Value::from(format!("{FOLDER}/{}.wasm", guard.policy)),
    );
    if let Some(server) = server {
        line(&mut text, "servers", &list(vec![server.to_owned()]));
    }
    let authority = guard.authority.iter().map(|&power| power.to_owned());
    line(&mut text, "authority", &list(authority.collect()));
    line(&mut text, "mode", &Value::from("observe"));
    if !guard.settings.is_empty() {
        line(&mut text, "settings", &Value::Table(guard.settings.clone()));
    }
    text
}

fn line(text: &mut String, key: &str, value: &Value) {
    // Writing to a `String` does not fail.
    let _ = writeln!(text, "{key} = {value}");
}

fn list(texts: Vec<String>) -> Value {
    Value::Array(texts.into_iter().map(Value::String).collect())
}

fn pin(digest: &Digest) -> Value {
    Value::from(digest.to_string())
}

/// A key, whatever the name: one line in any case, which values need not be.
fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(is_bare) {
        return name.to_owned();
    }
    serde_json::Value::from(name).to_string()
}
