//! What a binding is made from: a component, settings, limits, authority.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gatewright_pack::{PackName, VerifiedPack};
use gatewright_policy::{Authority, Digest, Power, Rollout};
use gatewright_sandbox::{Limits, SETTINGS_BYTES_MAX};

use crate::config::{BindingConfig, Files, Loaded};
use crate::packs::Resolved;

/// Largest component file, in bytes: a Python policy is 18 MiB.
const COMPONENT_BYTES_MAX: u64 = 64 << 20;

/// A binding that cannot be made: where in the configuration, what is wrong, and
/// what to do.
pub(super) type Misfit = (Range<usize>, String, String);

/// What a binding is made from, besides its place in the configuration.
pub(super) struct Material {
    pub(super) component: Arc<[u8]>,
    pub(super) digest: Digest,
    /// JSON text.
    pub(super) settings: String,
    pub(super) limits: Limits,
    /// None: what its world gets.
    pub(super) authority: Option<Authority>,
    pub(super) rollout: Rollout,
}

/// Reads what a binding is made from; where its pack has a candidate, what that
/// is made from as well.
pub(super) fn read(
    config: &BindingConfig,
    loaded: &Loaded,
    resolved: &BTreeMap<PackName, Resolved>,
) -> Result<Vec<Material>, Misfit> {
    let (Some(pack), Some(policy)) = (&config.pack, config.policy_in_pack()) else {
        return Ok(vec![from_file(config, loaded)?]);
    };
    let found = pack.get_ref().parse::<PackName>().ok();
    let Some(resolved) = found.and_then(|name| resolved.get(&name)) else {
        return Err((
            pack.span(),
            format!("there is no pack `{}`", pack.get_ref()),
            "add a [[pack]]".to_owned(),
        ));
    };
    let counts = config.rollout();
    let Some((candidate, share)) = &resolved.candidate else {
        return Ok(vec![from_pack(
            config,
            loaded,
            &resolved.pack,
            policy,
            counts,
        )?]);
    };
    let (stable, tried) = match counts {
        Rollout::Settled => (Rollout::Stable(*share), Rollout::Candidate(*share)),
        // A binding that does not count for everybody does not for its candidate.
        Rollout::Candidate(_) | Rollout::Stable(_) => (counts, Rollout::OBSERVED),
    };
    Ok(vec![
        from_pack(config, loaded, &resolved.pack, policy, stable)?,
        from_pack(config, loaded, candidate, policy, tried)?,
    ])
}

fn from_file(config: &BindingConfig, loaded: &Loaded) -> Result<Material, Misfit> {
    let path = loaded.resolve(config.policy.get_ref());
    let component = read_bounded(&path, COMPONENT_BYTES_MAX).map_err(|error| {
        (
            config.policy.span(),
            format!("policy file `{}`: {error}", path.display()),
            "build it with `gatewright build`".to_owned(),
        )
    })?;
    let digest = Digest::of(&component);
    check_pin(config, digest, &format!("policy file `{}`", path.display()))?;
    let powers = config.authority.as_ref();
    Ok(Material {
        component: component.into(),
        digest,
        settings: settings(config, loaded)?.unwrap_or_else(|| "{}".to_owned()),
        limits: limits(config),
        authority: powers.map(|powers| powers.iter().copied().collect()),
        rollout: config.rollout(),
    })
}

fn from_pack(
    config: &BindingConfig,
    loaded: &Loaded,
    pack: &VerifiedPack,
    policy: &str,
    rollout: Rollout,
) -> Result<Material, Misfit> {
    let (name, revision) = (&pack.manifest().name, &pack.manifest().revision);
    let Some(found) = pack.policy(policy) else {
        let names: Vec<_> = pack.policies().map(|policy| &*policy.entry.name).collect();
        return Err((
            config.policy.span(),
            format!("`{name}` {revision} has no policy `{policy}`"),
            format!("it has: {}", names.join(", ")),
        ));
    };
    let of = format!("policy `{policy}` of `{name}` {revision}");
    check_pin(config, found.entry.digest, &of)?;
    let settings = match settings(config, loaded)? {
        Some(settings) => settings,
        None => match &found.entry.settings {
            Some(settings) => settings.to_string(),
            None => "{}".to_owned(),
        },
    };
    Ok(Material {
        component: Arc::clone(found.component),
        digest: found.entry.digest,
        settings,
        limits: limits(config),
        authority: Some(authority(config, pack, found.entry.authority)?),
        rollout,
    })
}

/// What a policy of a pack may do: what it asks for, or what the binding says, and
/// never more than its publisher is trusted with.
fn authority(
    config: &BindingConfig,
    pack: &VerifiedPack,
    asked: Authority,
) -> Result<Authority, Misfit> {
    let Some(powers) = &config.authority else {
        return Ok(asked);
    };
    let beyond = |power: &&Power| !pack.authority_max().grants(**power);
    match powers.iter().find(beyond) {
        None => Ok(powers.iter().copied().collect()),
        Some(power) => Err((
            config.name.span(),
            format!(
                "binding `{}` grants `{power}`, and publisher `{}` is not trusted with that",
                config.name.get_ref(),
                pack.publisher()
            ),
            "grant less, or add it to the publisher's `authority`".to_owned(),
        )),
    }
}

fn check_pin(config: &BindingConfig, digest: Digest, what: &str) -> Result<(), Misfit> {
    match &config.digest {
        Some(pinned) if pinned.get_ref().parse::<Digest>().ok() != Some(digest) => Err((
            pinned.span(),
            format!("{what} is {digest}, not the pinned one"),
            "pin the new digest if the change is wanted".to_owned(),
        )),
        Some(_) | None => Ok(()),
    }
}

fn limits(config: &BindingConfig) -> Limits {
    let defaults = Limits::default();
    let limits = &config.limits;
    Limits {
        fuel: limits.fuel.unwrap_or(defaults.fuel),
        // What the operator says holds, whatever there is to review.
        fuel_for_each_byte: limits.fuel.map_or(defaults.fuel_for_each_byte, |_| 0),
        memory_bytes: limits.memory.map_or(defaults.memory_bytes, |bytes| bytes.0),
        output_bytes: limits.output.map_or(defaults.output_bytes, |bytes| bytes.0),
        deadline: limits.deadline.map_or(defaults.deadline, |period| period.0),
        time_for_each_byte: match limits.deadline {
            Some(_) => Duration::ZERO,
            None => defaults.time_for_each_byte,
        },
    }
}

/// The binding's own settings as JSON text, with what stands in files of their own, if it
/// has any.
fn settings(config: &BindingConfig, loaded: &Loaded) -> Result<Option<String>, Misfit> {
    let written = written_settings(config, loaded)?;
    let Some(first) = config.files.values().next() else {
        return Ok(written);
    };
    let written = written.as_deref().unwrap_or("{}");
    let folder = loaded.resolve(Path::new(""));
    let whole = Files::put_into(written, &config.files(), &folder);
    whole.map(Some).map_err(|problem| {
        (
            first.span(),
            format!("files of `{}`: {problem}", config.name.get_ref()),
            "mend the file, or the path (it starts at the folder of the configuration)".to_owned(),
        )
    })
}

/// As `settings` or `settings_file` has them.
fn written_settings(config: &BindingConfig, loaded: &Loaded) -> Result<Option<String>, Misfit> {
    if let Some(table) = &config.settings {
        return settings_json(table).map(Some).map_err(|problem| {
            (
                config.name.span(),
                format!("settings of `{}`: {problem}", config.name.get_ref()),
                "write dates and special numbers as text".to_owned(),
            )
        });
    }
    let Some(file) = &config.settings_file else {
        return Ok(None);
    };
    let path = loaded.resolve(file.get_ref());
    let bytes = read_bounded(&path, SETTINGS_BYTES_MAX as u64);
    bytes
        .and_then(|bytes| String::from_utf8(bytes).map_err(std::io::Error::other))
        .map(Some)
        .map_err(|error| {
            (
                file.span(),
                format!("settings file `{}`: {error}", path.display()),
                "it must be readable JSON in UTF-8".to_owned(),
            )
        })
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
