//! From a configuration to a snapshot: read, verify, compile, index.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gatewright_pack::PackName;
use gatewright_policy::{Digest, Rollout};
use gatewright_sandbox::{Description, Guest, LoadError, Sandbox, World};

use super::material::{self, Material, Misfit};
use super::settings_held::SettingsHeld;
use super::{Server, Snapshot, Transport, UpstreamCredential};
use crate::approvals::Approvers;
use crate::binding::{Binding, default_authority};
use crate::config::{BindingConfig, ConfigError, Loaded, Problem, Said, ServerConfig};
use crate::keyring::Keyring;
use crate::packs::{Packs, Resolved};
use crate::trust::Trust;

/// Why there is no snapshot.
#[derive(Debug)]
pub struct BuildError(ConfigError);

/// Why there is no binding, and what of that the policy wrote.
struct Unbound {
    misfit: Misfit,
    said: Option<Said>,
}

/// Builds the snapshot of a configuration and a set of packs. Guests with the
/// same component, settings and limits are shared, with those of the `known`
/// snapshots too: nothing is compiled twice. Compiles: not for a request thread.
pub(crate) async fn build(
    loaded: &Loaded,
    (packs, resolved): (Packs, &BTreeMap<PackName, Resolved>),
    sandbox: &Sandbox,
    known: &[&Arc<Snapshot>],
    keyring: &Arc<Keyring>,
    generation: u64,
) -> Result<Snapshot, BuildError> {
    let mut problems = loaded.problems();
    let mut bindings: Vec<Arc<Binding>> = Vec::new();
    let mut held = SettingsHeld::default();
    let mut identity = blake3_of_rules(loaded);
    let issuers = loaded.issuers()?;
    for issuer in &issuers {
        // Keys may stand in files. Those that are fetched are not there yet.
        identity.update(format!("{:?}", issuer.anchor.keys).as_bytes());
    }
    for config in &loaded.config.bindings {
        match bind(
            config,
            loaded,
            resolved,
            sandbox,
            (&bindings, known),
            &mut held,
        )
        .await
        {
            Ok(bound) => {
                for binding in bound {
                    identity.update(binding.guest.digest().as_bytes());
                    identity.update(binding.settings.as_bytes());
                    identity
                        .update(format!("{} {:?}", binding.rollout, binding.authority).as_bytes());
                    bindings.push(Arc::new(binding));
                }
            }
            Err(Unbound {
                misfit: (span, message, hint),
                said,
            }) => {
                problems.at(span, message, hint);
                problems.said(said);
            }
        }
    }
    let mut servers = HashMap::new();
    for config in &loaded.config.servers {
        match index(config, loaded, &bindings) {
            Ok(server) => {
                servers.insert(Arc::clone(&server.name), Arc::new(server));
            }
            Err((span, message, hint)) => problems.at(span, message, hint),
        }
    }
    problems.into_result().map_err(BuildError)?;
    let in_words = loaded.config.bindings.iter();
    let in_words = in_words.filter(|binding| binding.record_messages);
    Ok(Snapshot {
        generation,
        policies: Digest::from_bytes(*identity.finalize().as_bytes()),
        gate: loaded.config.gate.clone(),
        limits: loaded.config.limits.clone(),
        local: loaded.config.local.clone(),
        unregistered: loaded.config.unregistered(),
        packs,
        webhooks: loaded.webhooks(),
        bindings,
        in_words: in_words
            .map(|binding| Arc::from(binding.name.get_ref().as_str()))
            .collect(),
        servers,
        approvers: Approvers::new(loaded.approvers()).with_accounts(loaded.approver_accounts()),
        trust: Trust::new(
            issuers,
            loaded.config.gate.audience.clone(),
            Arc::clone(keyring),
        ),
    })
}

/// A binding of the configuration: one of the snapshot, or two where a pack has
/// a candidate beside what is in force.
async fn bind(
    config: &BindingConfig,
    loaded: &Loaded,
    resolved: &BTreeMap<PackName, Resolved>,
    sandbox: &Sandbox,
    (bindings, known): (&[Arc<Binding>], &[&Arc<Snapshot>]),
    held: &mut SettingsHeld,
) -> Result<Vec<Binding>, Unbound> {
    let name: Arc<str> = Arc::from(config.name.get_ref().as_str());
    let mut bound = Vec::new();
    for material in material::read(config, loaded, resolved)? {
        let settings = Digest::of(material.settings.as_bytes());
        held.add((material.digest, settings), material.settings.len())
            .map_err(|problem| {
                (
                    config.name.span(),
                    format!("settings of `{}`: {problem}", config.name.get_ref()),
                    "leave out of the data what no rule reads; bindings with the same policy, settings and limits hold it once".to_owned(),
                )
            })?;
        let before = known.iter().flat_map(|snapshot| &snapshot.bindings);
        let kept = bindings.iter().chain(before).find(|binding| {
            binding.guest.digest() == material.digest
                && binding.settings == settings
                && *binding.guest.limits() == material.limits
        });
        let guest = match kept {
            Some(binding) => binding.guest.clone(),
            None => load(config, sandbox, &material, bindings_of(config, loaded)).await?,
        };
        bound.push(Binding {
            name: Arc::clone(&name),
            servers: config
                .servers
                .iter()
                .map(|pattern| pattern.get_ref().clone())
                .collect(),
            tools: config.tools.clone(),
            authority: material
                .authority
                .unwrap_or_else(|| default_authority(guest.world())),
            rollout: material.rollout,
            settings,
            masks: config.mask.iter().map(|it| it.get_ref().clone()).collect(),
            unknown_arguments: config.unknown_arguments,
            budgets: Arc::new(config.budgets()),
            rules: Arc::new(
                guest
                    .description()
                    .map(Description::rule_ids)
                    .unwrap_or_default(),
            ),
            guest,
        });
    }
    Ok(bound)
}

/// How many bindings have the component that this one has.
fn bindings_of(config: &BindingConfig, loaded: &Loaded) -> usize {
    let pack = |binding: &BindingConfig| binding.pack.as_ref().map(|pack| pack.get_ref().clone());
    let is_alike = |other: &&BindingConfig| {
        other.policy.get_ref() == config.policy.get_ref() && pack(other) == pack(config)
    };
    loaded.config.bindings.iter().filter(is_alike).count()
}

async fn load(
    config: &BindingConfig,
    sandbox: &Sandbox,
    material: &Material,
    bindings: usize,
) -> Result<Guest, Unbound> {
    let name = config.name.get_ref();
    let (component, settings) = (&material.component, &material.settings);
    let loaded = sandbox.load_for(component, settings, material.limits, bindings);
    loaded.await.map_err(|error: LoadError| {
        // No escape sequence of a policy may reach the operator's terminal.
        let shown = |text: &str| text.replace(char::is_control, "\u{fffd}");
        let what = shown(&error.to_string());
        Unbound {
            misfit: (
                config.policy.span(),
                format!("policy `{name}` ({}): {what}", material.digest),
                "try it alone with `gatewright eval`, then `gatewright check`".to_owned(),
            ),
            said: error.said().map(|text| Said {
                text: shown(text),
                in_words: config.record_messages,
            }),
        }
    })
}

fn index(
    config: &ServerConfig,
    loaded: &Loaded,
    bindings: &[Arc<Binding>],
) -> Result<Server, Misfit> {
    let name: Arc<str> = Arc::from(config.name.get_ref().as_str());
    let of = |world| {
        bindings
            .iter()
            .filter(|binding| binding.guest.world() == world && binding.is_on_server(&name))
            .cloned()
            .collect()
    };
    Ok(Server {
        transport: transport(config, loaded)?,
        timeout: config.timeout.0.max(Duration::from_millis(1)),
        client_requests: config.client_requests.clone(),
        notifications: config
            .notifications
            .iter()
            .map(|pattern| pattern.get_ref().clone())
            .collect(),
        params: config.params,
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
    })
}

/// What the check of the configuration has refused is refused here again: a tool
/// server is never reached in another way than is written.
fn transport(config: &ServerConfig, loaded: &Loaded) -> Result<Transport, Misfit> {
    let unclear = |problem: &str| {
        let name = config.name.get_ref();
        (
            config.name.span(),
            format!("server `{name}` {problem}"),
            "`gatewright docs configuration` has every key and an example".to_owned(),
        )
    };
    match (&config.url, &config.command) {
        (Some(url), None) => Ok(Transport::Http {
            url: url.get_ref().clone(),
            credential: match &config.credential {
                None => None,
                Some(credential) => Some(
                    UpstreamCredential::of(credential.get_ref(), loaded)
                        .ok_or_else(|| unclear("needs one place that its credential is from"))?,
                ),
            },
        }),
        (None, Some(command)) => Ok(Transport::Stdio {
            command: command.get_ref().clone(),
            env: config
                .env
                .iter()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            env_pass: config.env_pass.clone(),
            directory: loaded.resolve(config.directory.as_deref().unwrap_or(Path::new("."))),
        }),
        (None, None) | (Some(_), Some(_)) => {
            Err(unclear("needs exactly one of `command` and `url`"))
        }
    }
}

/// Everything besides components and settings that can change a decision.
fn blake3_of_rules(loaded: &Loaded) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new();
    // The text holds issuers, servers, pins, bindings, authority and limits;
    // hashing all of it errs on the side of a new identity.
    hasher.update(loaded.text.as_bytes());
    hasher
}

impl From<Misfit> for Unbound {
    fn from(misfit: Misfit) -> Self {
        Self { misfit, said: None }
    }
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
                said: None,
            }],
        })
    }

    pub(crate) fn config(&self) -> &ConfigError {
        &self.0
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A configuration that was not checked.
    fn unchecked(text: String) -> Loaded {
        Loaded {
            config: toml::from_str(&text).unwrap(),
            path: "gatewright.toml".into(),
            text,
        }
    }

    /// Without this a server with an unreadable credential would be called without
    /// any.
    #[test]
    fn a_tool_server_is_never_reached_in_another_way_than_is_written() {
        let cases = [
            ("command = [\"a\"]", None),
            ("url = \"http://a\"\ncredential = { env = \"A\" }", None),
            ("", Some("exactly one of `command` and `url`")),
            (
                "command = [\"a\"]\nurl = \"http://a\"",
                Some("exactly one of `command` and `url`"),
            ),
            (
                "url = \"http://a\"\ncredential = {}",
                Some("one place that its credential is from"),
            ),
            (
                "url = \"http://a\"\ncredential = { env = \"A\", file = \"b\" }",
                Some("one place that its credential is from"),
            ),
        ];
        for (server, expected) in cases {
            let loaded = unchecked(format!("[[server]]\nname = \"files\"\n{server}\n"));
            let reached = transport(&loaded.config.servers[0], &loaded);
            match (reached, expected) {
                (Ok(_), None) => {}
                (Err((_, message, _)), Some(part)) => assert!(message.contains(part), "{message}"),
                (reached, _) => panic!("{server}: {reached:?}"),
            }
        }
    }

    /// By that number code is shared: too small, and each binding has its own; too large, and a
    /// small policy is further from its memory than it needs to be.
    #[test]
    fn bindings_with_one_component_are_counted_whatever_else_they_say() {
        let rows = [
            ("a", "policy = \"x.wasm\"", 2),
            (
                "b",
                "policy = \"x.wasm\"\nmode = \"observe\"\nservers = [\"files\"]",
                2,
            ),
            ("c", "policy = \"y.wasm\"", 1),
            // The name of a policy in a pack is that of another one in another pack.
            ("d", "policy = \"x.wasm\"\npack = \"one\"", 3),
            (
                "e",
                "policy = \"x.wasm\"\npack = \"one\"\nmode = \"observe\"",
                3,
            ),
            ("f", "policy = \"x.wasm\"\npack = \"two\"", 1),
            ("g", "policy = \"x.wasm\"\npack = \"one\"", 3),
            ("h", "policy = \"y.wasm\"\npack = \"one\"", 1),
        ];
        let bindings =
            rows.map(|(name, rest, _)| format!("[[binding]]\nname = \"{name}\"\n{rest}\n"));
        let loaded = unchecked(bindings.concat());
        assert_eq!(loaded.config.bindings.len(), rows.len());
        for (config, (name, _, expected)) in loaded.config.bindings.iter().zip(rows) {
            assert_eq!(bindings_of(config, &loaded), expected, "{name}");
        }
    }
}
