//! Where a drill is played: a gate, the tools behind it, and who vouches for its agents.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use ed25519_dalek::SigningKey;
use gatewright_engine::config::Loaded;
use gatewright_policy::credential::did_key;
use serde_json::Value;
use tempfile::TempDir;
use toml::Table;

use super::agent::{Endpoint, key};
use super::tools::Tools;
use crate::failure::Advise as _;
use crate::key::file;
use crate::key::passphrase::Passphrase;
use crate::output::visible_lines;

/// Roles that scenarios ask of the approver, beside those of the configuration.
const ROLES: [&str; 3] = ["owner", "security", "finance"];

/// What of the gate's log is told when it does not open, in bytes.
const LOG_BYTES_MAX: u64 = 4096;

/// A gate that is running, and the keys that it trusts.
pub(super) struct Running<'a> {
    /// Its URL.
    pub(super) gate: &'a str,
    /// Its admin listener.
    pub(super) admin: Option<SocketAddr>,
    /// Of an issuer.
    pub(super) issuer_key: &'a Path,
    /// Of an approver.
    pub(super) approver_key: Option<&'a Path>,
    pub(super) passphrase: &'a Passphrase,
}

/// A gate, and the tools behind it.
pub(super) struct Stage {
    pub(super) tools: Tools,
    pub(super) issuer: SigningKey,
    approver: Option<(SocketAddr, SigningKey)>,
    address: SocketAddr,
    base: String,
    /// The gate, where it is one of our own.
    gate: Option<Child>,
    _folder: Option<TempDir>,
}

// === impl Stage ===

impl Stage {
    /// A gate of its own, with the policies of a configuration.
    pub(super) fn set(config: &Path, tools: Tools) -> Result<Self> {
        let loaded = Loaded::read(config)?;
        let folder = TempDir::with_prefix("gatewright-drill-")?;
        let (issuer, approver) = (key()?, key()?);
        let text = fs::read_to_string(config)
            .with_context(|| format!("`{}` cannot be read", config.display()))?;
        let cast = Cast {
            issuer: did_key(&issuer.verifying_key()),
            approver: did_key(&approver.verifying_key()),
            tools: &tools,
            folder: folder.path(),
        };
        let ours = cast.configuration(&loaded, toml::from_str(&text)?)?;
        let path = folder.path().join("gatewright.toml");
        fs::write(&path, toml::to_string(&ours)?)?;
        let (gate, opened) = open(&path, &folder.path().join("gate.log"))?;
        let mut stage = Self {
            tools,
            issuer,
            approver: None,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            base: String::new(),
            gate: Some(gate),
            _folder: Some(folder),
        };
        let address = |name: &str| -> Result<SocketAddr> {
            let text = opened.get(name).and_then(Value::as_str);
            Ok(text
                .context("the gate does not say where it listens")?
                .parse()?)
        };
        stage.address = address("listen")?;
        stage.base = format!("http://{}", stage.address);
        stage.approver = Some((address("admin")?, approver));
        Ok(stage)
    }

    /// A gate that is running.
    pub(super) fn on(running: &Running<'_>, tools: Tools) -> Result<Self> {
        let gate = running.gate;
        let address = gate.strip_prefix("http://");
        let address = address.map(|rest| rest.trim_end_matches('/'));
        let address = address
            .and_then(|address| address.parse().ok())
            .with_context(|| format!("`{gate}` is not `http://<address>:<port>`"))
            .hint("run the drill on the machine of the gate, or through a tunnel")?;
        let read = |path: &Path| file::read(path, running.passphrase);
        let issuer = read(running.issuer_key)?;
        let approver = match (running.admin, running.approver_key) {
            (Some(admin), Some(key)) => Some((admin, read(key)?)),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                bail!("`--admin` and `--approver-key` belong together")
            }
        };
        Ok(Self {
            tools,
            issuer,
            approver,
            address,
            base: gate.trim_end_matches('/').to_owned(),
            gate: None,
            _folder: None,
        })
    }

    pub(super) fn endpoint(&self) -> Endpoint<'_> {
        Endpoint {
            address: self.address,
            base: &self.base,
        }
    }

    /// The approver agrees to a held call.
    pub(super) fn approve(&self, id: &str) -> Result<()> {
        let approver = self.approver.as_ref();
        let (admin, key) = approver.context("there is no approver: `--approver-key`")?;
        crate::approvals::agree(*admin, key.clone(), id)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(gate) = &mut self.gate {
            // Nothing that it recorded is kept: it need not stop in good order.
            let _ = gate.kill();
            let _ = gate.wait();
        }
    }
}

/// Who is in the configuration of a drill.
struct Cast<'a> {
    issuer: String,
    approver: String,
    tools: &'a Tools,
    folder: &'a Path,
}

// === impl Cast ===

impl Cast<'_> {
    /// The policies, servers and pins of a configuration, with everybody else replaced.
    fn configuration(&self, loaded: &Loaded, mut config: Table) -> Result<Table> {
        // Nobody is told of what is only played.
        for table in ["memory", "console", "agents", "local", "webhook"] {
            config.remove(table);
        }
        let gate = self.section(&mut config, "gate")?;
        for name in ["public_url", "audience", "authorization_servers"] {
            gate.remove(name);
        }
        for name in ["listen", "admin"] {
            gate.insert(name.to_owned(), "127.0.0.1:0".into());
        }
        if let Some(cache) = gate.get("cache").and_then(|it| it.as_str()) {
            let cache = shown(&absolute(loaded, cache)?)?;
            gate.insert("cache".to_owned(), cache.into());
        }
        let path = shown(&self.folder.join("state/audit.jsonl"))?;
        let audit = Table::from_iter([("path".to_owned(), path.into())]);
        config.insert("audit".to_owned(), audit.into());
        let limits = self.section(&mut config, "limits")?;
        limits.insert("approval_wait".to_owned(), "0s".into());
        let roles = loaded.approvers().into_iter();
        let roles = roles.flat_map(|(_, approver)| approver.roles);
        let roles: Vec<_> = roles.chain(ROLES.map(str::to_owned)).collect();
        let issuer = toml::toml! { scopes = ["*:*"] lifetime_max = "1h" };
        let approver = toml::toml! { name = "user:drill-approver" };
        self.replace(
            &mut config,
            "issuer",
            issuer,
            ("id", self.issuer.as_str().into()),
        );
        let keys = vec![self.approver.clone()];
        let with_keys = ("keys", keys.into());
        self.replace(&mut config, "approver", approver, with_keys);
        for approver in tables(&mut config, "approver") {
            approver.insert("roles".to_owned(), roles.clone().into());
        }
        for server in tables(&mut config, "server") {
            for name in [
                "command",
                "env",
                "env_pass",
                "directory",
                "credential",
                "url",
            ] {
                server.remove(name);
            }
            let name = server.get("name").and_then(|name| name.as_str());
            let url = self.tools.url(name.context("a server has no name")?);
            server.insert("url".to_owned(), url.into());
        }
        for binding in tables(&mut config, "binding") {
            let is_of_pack = binding.contains_key("pack");
            for name in ["policy", "settings_file"] {
                let path = binding.get(name).and_then(|path| path.as_str());
                if let Some(path) = path.filter(|_| !is_of_pack || name != "policy") {
                    let path = shown(&absolute(loaded, path)?)?;
                    binding.insert(name.to_owned(), path.into());
                }
            }
            if let Some(files) = binding.get_mut("files") {
                absolute_paths(loaded, files)?;
            }
        }
        if !loaded.config.packs_used.is_empty() {
            // A gate writes into its store what it has in force.
            let (from, to) = (&loaded.config.packs.store, self.folder.join("packs"));
            copy(&absolute(loaded, &shown(from)?)?, &to, 0)?;
            let packs = self.section(&mut config, "packs")?;
            packs.insert("store".to_owned(), shown(&to)?.into());
        }
        Ok(config)
    }

    fn section<'t>(&self, config: &'t mut Table, name: &str) -> Result<&'t mut Table> {
        let section = config
            .entry(name)
            .or_insert_with(|| Table::new().into())
            .as_table_mut();
        section.with_context(|| format!("`{name}` is no table"))
    }

    fn replace(
        &self,
        config: &mut Table,
        name: &str,
        mut table: Table,
        (key, value): (&str, toml::Value),
    ) {
        table.insert(key.to_owned(), value);
        config.insert(name.to_owned(), vec![toml::Value::from(table)].into());
    }
}

fn tables<'t>(config: &'t mut Table, name: &str) -> impl Iterator<Item = &'t mut Table> {
    let array = config.get_mut(name).and_then(|it| it.as_array_mut());
    array
        .into_iter()
        .flatten()
        .filter_map(|it| it.as_table_mut())
}

fn absolute(loaded: &Loaded, path: &str) -> Result<PathBuf> {
    Ok(std::path::absolute(loaded.resolve(Path::new(path)))?)
}

/// Every path in a value, wherever it stands.
fn absolute_paths(loaded: &Loaded, value: &mut toml::Value) -> Result<()> {
    match value {
        toml::Value::String(path) => {
            *path = shown(&absolute(loaded, path)?)?;
            Ok(())
        }
        toml::Value::Array(values) => values
            .iter_mut()
            .try_for_each(|value| absolute_paths(loaded, value)),
        toml::Value::Table(values) => values
            .iter_mut()
            .try_for_each(|(_, value)| absolute_paths(loaded, value)),
        _ => Ok(()),
    }
}

fn shown(path: &Path) -> Result<String> {
    let text = path.to_str();
    Ok(text.context("a path is not UTF-8")?.to_owned())
}

/// Deepest folder of a store of packs.
const DEPTH_MAX: usize = 8;

fn copy(from: &Path, to: &Path, depth: usize) -> Result<()> {
    ensure!(
        depth <= DEPTH_MAX,
        "the store of packs is nested too deeply"
    );
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("`{}`", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &target, depth + 1)?,
            false => fs::copy(entry.path(), &target).map(drop)?,
        }
    }
    Ok(())
}

/// Opens a gate; what it says where it listens.
fn open(config: &Path, log: &Path) -> Result<(Child, Value)> {
    let mut gate = Command::new(std::env::current_exe()?)
        .arg("serve")
        .arg(config)
        .args(["--format", "json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(fs::File::create(log)?)
        .spawn()?;
    let mut line = String::new();
    if let Some(stdout) = gate.stdout.take() {
        BufReader::new(stdout.take(1 << 20)).read_line(&mut line)?;
    }
    match serde_json::from_str(&line) {
        Ok(opened) => Ok((gate, opened)),
        Err(_) => {
            let _ = gate.kill();
            let _ = gate.wait();
            let mut said = String::new();
            let log = fs::File::open(log)?.take(LOG_BYTES_MAX);
            BufReader::new(log).read_to_string(&mut said)?;
            bail!("the gate does not open: {}", visible_lines(said.trim()))
        }
    }
}
