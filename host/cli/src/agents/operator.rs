//! Who asks a running gate for a change, and the gate that is asked.

use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use gatewright_engine::config::Loaded;
use serde_json::{Value, json};

use crate::failure::Advise as _;
use crate::status::{Asking, ask};

/// A gate that takes longer is not well: a change is on disk within milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// The gate that is meant.
#[derive(clap::Args)]
pub(crate) struct Gate {
    /// The configuration of the gate.
    #[arg(short, long, value_name = "FILE", default_value = "gatewright.toml")]
    config: PathBuf,
    /// The admin listener, instead of the one in the configuration.
    #[arg(long, value_name = "ADDRESS")]
    admin: Option<SocketAddr>,
}

/// Who asks for a change, and why: both are recorded.
#[derive(clap::Args)]
pub(crate) struct Operator {
    #[command(flatten)]
    gate: Gate,
    /// Why: it stands in the record.
    #[arg(long, value_name = "WORDS")]
    why: String,
    /// Who asks; the user who runs this command by default.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

// === impl Gate ===

impl Gate {
    /// A page of the gate.
    pub(crate) fn page(&self, path: &str) -> anyhow::Result<Value> {
        let admin = match self.admin {
            Some(admin) => admin,
            None => Loaded::read(&self.config)?.config.gate.admin,
        };
        ask(admin, &format!("GET {path}"), PATIENCE)
    }
}

// === impl Operator ===

impl Operator {
    /// Asks the gate for a change about agents; gives how much of it changed.
    pub(crate) fn change(&self, what: &Value) -> anyhow::Result<u64> {
        self.ask("POST /agents", &json!({ "what": what }))
    }

    /// A page of the gate.
    pub(crate) fn page(&self, path: &str) -> anyhow::Result<Value> {
        self.gate.page(path)
    }

    /// Asks the gate for a change, with who asks and why.
    pub(crate) fn ask(&self, path: &str, what: &Value) -> anyhow::Result<u64> {
        let loaded = Loaded::read(&self.gate.config)?;
        let admin = self.gate.admin.unwrap_or(loaded.config.gate.admin);
        let secret = crate::memory::operator(&loaded)?;
        let by = match &self.by {
            Some(by) => by.clone(),
            None => user()?,
        };
        let mut asked = what.clone();
        if let Some(asked) = asked.as_object_mut() {
            asked.insert("by".to_owned(), Value::from(by));
            asked.insert("why".to_owned(), Value::from(self.why.as_str()));
        }
        let asking = Asking {
            what: path,
            body: Some(&asked),
            secret: Some(&secret),
            patience: PATIENCE,
        };
        let answer = asking.of(admin)?;
        let changed = answer.get("changed").and_then(Value::as_u64);
        changed.context("the gate does not say what it changed")
    }
}

/// The name of the user who runs this program; where it has none, the number.
fn user() -> anyhow::Result<String> {
    let names = ["SUDO_USER", "USER", "LOGNAME"];
    let mut found = names.iter().filter_map(|name| std::env::var(name).ok());
    if let Some(name) = found.find(|name| !name.trim().is_empty()) {
        return Ok(name);
    }
    let number = std::fs::metadata("/proc/self").map(|process| process.uid());
    number
        .map(|number| format!("uid {number}"))
        .hint("say who asks with `--by`: it stands in the record")
}

/// Text in the query of a URL.
pub(crate) fn encoded(text: &str) -> String {
    let bytes = text.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    });
    bytes.collect()
}
