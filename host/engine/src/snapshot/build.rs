//! From a configuration to a snapshot: read, verify, compile, index.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gatewright_policy::{Authority, Digest, Rollout};
use gatewright_sandbox::{Guest, Limits, LoadError, Sandbox, World};
use toml::Spanned;

use super::{SecretSource, Server, Snapshot, Transport, UpstreamCredential};
use crate::binding::{Binding, default_authority};
use crate::config::Problems;
use crate::config::{BindingConfig, ConfigError, CredentialConfig, Loaded, Problem, ServerConfig};
use crate::trust::Trust;

/// Largest component file, in bytes: a Python policy is 18 MiB.
const COMPONENT_BYTES_MAX: u64 = 64 << 20;

/// Largest settings file, in bytes.
const SETTINGS_BYTES_MAX: u64 = 16 << 20;

/// Why there is no snapshot.
#[derive(Debug)]
pub struct BuildError(ConfigError);

/// What a binding is made from, besides its place in the configuration.
struct Material {
    component: Vec<u8>,
    digest: Digest,
    settings: String,
    limits: Limits,
}

/// Builds the snapshot of a configuration. Guests with the same component,
/// settings and limits are shared, with those of the `known` snapshots too: nothing
/// is compiled twice. Compiles: not for a request thread.
pub(crate) async fn build(
    loaded: &Loaded,
    sandbox: &Sandbox,
    known: &[&Arc<Snapshot>],
    generation: u64,
) -> Result<Snapshot, BuildError> {
    let mut problems = Problems::new(&loaded.path, &loaded.text);
    let mut bindings: Vec<Arc<Binding>> = Vec::new();
    let mut identity = blake3_of_rules(loaded);
    for config in &loaded.config.bindings {
        let before = known.iter().map(|snapshot| snapshot.bindings.as_slice());
        let shared: Vec<_> = std::iter::once(bindings.as_slice()).chain(before).collect();
        match bind(config, loaded, sandbox, &shared).await {
            Ok(binding) => {
                identity.update(binding.guest.digest().as_bytes());
                identity.update(binding.settings.as_bytes());
                bindings.push(Arc::new(binding));
            }
            Err((span, message, hint)) => problems.at(span, message, hint),
        }
    }
    problems.into_result().map_err(BuildError)?;
    let servers = loaded
        .config
        .servers
        .iter()
        .map(|config| {
            let server = index(config, loaded, &bindings);
            (Arc::clone(&server.name), Arc::new(server))
        })
        .collect::<HashMap<_, _>>();
    Ok(Snapshot {
        generation,
        policies: Digest::from_bytes(*identity.finalize().as_bytes()),
        gate: loaded.config.gate.clone(),
        limits: loaded.config.limits.clone(),
        local: loaded.config.local.clone(),
        bindings,
        servers,
        trust: Trust::new(loaded.trust_anchors(), loaded.config.gate.audience.clone()),
    })
}

/// A digest over the bytes of the configuration and of every file that it names:
/// as long as it is the same, there is nothing to build.
pub(crate) fn fingerprint(path: &Path) -> Option<Digest> {
    let text = std::fs::read_to_string(path).ok()?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(text.as_bytes());
    if let Ok(loaded) = Loaded::read(path) {
        for binding in &loaded.config.bindings {
            let settings = binding.settings_file.as_ref().map(Spanned::get_ref);
            for file in [Some(binding.policy.get_ref()), settings]
                .into_iter()
                .flatten()
            {
                match std::fs::read(loaded.resolve(file)) {
                    Ok(bytes) => hasher.update(blake3::hash(&bytes).as_bytes()),
                    Err(_) => hasher.update(b"unreadable"),
                };
            }
        }
    } else {
        hasher.update(b"refused");
    }
    Some(Digest::from_bytes(*hasher.finalize().as_bytes()))
}

type Misfit = (std::ops::Range<usize>, String, String);

async fn bind(
    config: &BindingConfig,
    loaded: &Loaded,
    sandbox: &Sandbox,
    known: &[&[Arc<Binding>]],
) -> Result<Binding, Misfit> {
    let name = config.name.get_ref();
    let material = read_material(config, loaded)?;
    let settings = Digest::of(material.settings.as_bytes());
    let kept = known.iter().copied().flatten().find(|binding| {
        binding.guest.digest() == material.digest
            && binding.settings == settings
            && *binding.guest.limits() == material.limits
    });
    let guest = match kept {
        Some(binding) => binding.guest.clone(),
        None => load(config, sandbox, &material).await?,
    };
    let world = guest.world();
    let authority = config.authority.as_ref().map_or_else(
        || default_authority(world),
        |powers| powers.iter().copied().collect::<Authority>(),
    );
    Ok(Binding {
        name: Arc::from(name.as_str()),
        servers: config
            .servers
            .iter()
            .map(|pattern| pattern.get_ref().clone())
            .collect(),
        tools: config.tools.clone(),
        authority,
        rollout: config.rollout(),
        settings,
        guest,
    })
}

async fn load(
    config: &BindingConfig,
    sandbox: &Sandbox,
    material: &Material,
) -> Result<Guest, Misfit> {
    let name = config.name.get_ref();
    sandbox
        .load(&material.component, &material.settings, material.limits)
        .await
        .map_err(|error: LoadError| {
            (
                config.policy.span(),
                format!("policy `{name}` ({}): {error}", material.digest),
                "try it alone with `gatewright eval`, then `gatewright check`".to_owned(),
            )
        })
}

fn read_material(config: &BindingConfig, loaded: &Loaded) -> Result<Material, Misfit> {
    let span = config.policy.span();
    let path = loaded.resolve(config.policy.get_ref());
    let component = read_bounded(&path, COMPONENT_BYTES_MAX).map_err(|error| {
        (
            span,
            format!("policy file `{}`: {error}", path.display()),
            "build it with `gatewright build`".to_owned(),
        )
    })?;
    let digest = Digest::of(&component);
    if let Some(pinned) = &config.digest
        && pinned.get_ref().parse::<Digest>().ok() != Some(digest)
    {
        return Err((
            pinned.span(),
            format!(
                "policy file `{}` is {digest}, not the pinned one",
                path.display()
            ),
            "pin the new digest if the change is wanted".to_owned(),
        ));
    }
    let settings = match (&config.settings, &config.settings_file) {
        (Some(table), _) => settings_json(table).map_err(|problem| {
            (
                config.name.span(),
                format!("settings of `{}`: {problem}", config.name.get_ref()),
                "write dates and special numbers as text".to_owned(),
            )
        })?,
        (None, Some(file)) => {
            let path = loaded.resolve(file.get_ref());
            let bytes = read_bounded(&path, SETTINGS_BYTES_MAX);
            bytes
                .and_then(|bytes| String::from_utf8(bytes).map_err(std::io::Error::other))
                .map_err(|error| {
                    (
                        file.span(),
                        format!("settings file `{}`: {error}", path.display()),
                        "it must be readable JSON in UTF-8".to_owned(),
                    )
                })?
        }
        (None, None) => "{}".to_owned(),
    };
    let defaults = Limits::default();
    let limits = Limits {
        fuel: config.limits.fuel.unwrap_or(defaults.fuel),
        memory_bytes: config
            .limits
            .memory
            .map_or(defaults.memory_bytes, |bytes| bytes.0),
        output_bytes: config
            .limits
            .output
            .map_or(defaults.output_bytes, |bytes| bytes.0),
        deadline: config
            .limits
            .deadline
            .map_or(defaults.deadline, |period| period.0),
    };
    Ok(Material {
        component,
        digest,
        settings,
        limits,
    })
}

fn index(config: &ServerConfig, loaded: &Loaded, bindings: &[Arc<Binding>]) -> Server {
    let name: Arc<str> = Arc::from(config.name.get_ref().as_str());
    let of = |world| {
        bindings
            .iter()
            .filter(|binding| binding.guest.world() == world && binding.is_on_server(&name))
            .cloned()
            .collect()
    };
    Server {
        transport: transport(config, loaded),
        timeout: config.timeout.0.max(Duration::from_millis(1)),
        client_requests: config.client_requests.clone(),
        editors: of(World::Editor),
        judges: of(World::Policy),
        reviewers: of(World::Reviewer),
        has_candidates: bindings.iter().any(|binding| {
            binding.guest.world() == World::Policy
                && binding.is_on_server(&name)
                && binding.rollout != Rollout::Settled
        }),
        config: config.clone(),
        name,
    }
}

fn transport(config: &ServerConfig, loaded: &Loaded) -> Transport {
    match &config.url {
        Some(url) => Transport::Http {
            url: url.get_ref().clone(),
            credential: config
                .credential
                .as_ref()
                .and_then(|credential| upstream_credential(credential.get_ref(), loaded)),
        },
        None => Transport::Stdio {
            command: config
                .command
                .as_ref()
                .map(|command| command.get_ref().clone())
                .unwrap_or_default(),
            env: config
                .env
                .iter()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            env_pass: config.env_pass.clone(),
            directory: loaded.resolve(config.directory.as_deref().unwrap_or(Path::new("."))),
        },
    }
}

fn upstream_credential(config: &CredentialConfig, loaded: &Loaded) -> Option<UpstreamCredential> {
    let env = config.env.clone().map(SecretSource::Env);
    let file = config
        .file
        .as_ref()
        .map(|file| SecretSource::File(loaded.resolve(file)));
    Some(UpstreamCredential {
        header: config.header.clone(),
        scheme: config.scheme.clone(),
        source: env.or(file)?,
    })
}

/// Everything besides components and settings that can change a decision.
fn blake3_of_rules(loaded: &Loaded) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new();
    // The text holds issuers, servers, pins, bindings, authority and limits;
    // hashing all of it errs on the side of a new identity.
    hasher.update(loaded.text.as_bytes());
    hasher
}

/// TOML as the JSON that a policy gets.
fn settings_json(table: &toml::Table) -> Result<String, String> {
    fn convert(value: &toml::Value) -> Result<serde_json::Value, String> {
        Ok(match value {
            toml::Value::String(text) => text.clone().into(),
            toml::Value::Integer(number) => (*number).into(),
            toml::Value::Float(number) => serde_json::Number::from_f64(*number)
                .ok_or_else(|| format!("`{number}` is not a JSON number"))?
                .into(),
            toml::Value::Boolean(flag) => (*flag).into(),
            toml::Value::Datetime(time) => return Err(format!("`{time}` is a date")),
            toml::Value::Array(elements) => {
                serde_json::Value::Array(elements.iter().map(convert).collect::<Result<_, _>>()?)
            }
            toml::Value::Table(table) => {
                let members = table
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), convert(value)?)));
                serde_json::Value::Object(members.collect::<Result<_, String>>()?)
            }
        })
    }
    convert(&toml::Value::Table(table.clone())).map(|value| value.to_string())
}

fn read_bounded(path: &Path, bytes_max: u64) -> std::io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.len() > bytes_max {
        return Err(std::io::Error::other(format!(
            "larger than {bytes_max} bytes"
        )));
    }
    std::fs::read(path)
}

impl From<ConfigError> for BuildError {
    fn from(error: ConfigError) -> Self {
        Self(error)
    }
}

impl BuildError {
    pub(crate) fn whole_file(path: &Path, message: String, hint: &str) -> Self {
        Self(ConfigError {
            problems: vec![Problem {
                file: path.to_owned(),
                line: None,
                message,
                hint: hint.to_owned(),
            }],
        })
    }

    /// What is wrong, with places.
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for BuildError {}
