//! `gatewright credential inspect`: what a credential claims, and whether a gate
//! would accept it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use gatewright_engine::config::Loaded;
use gatewright_policy::Timestamp;
use gatewright_policy::credential::{TOKEN_BYTES_MAX, Unverified, claimed, inspect, parts, verify};
use gatewright_policy::pattern::Scope;
use serde::Serialize;
use serde_json::Value;

use super::issue::now;
use crate::failure::{Advise as _, Exit};
use crate::output::{Format, Paint, Tone, print_json, print_line, visible};

/// Show what a credential claims, and check it against a configuration.
///
/// Without `--config` nothing is checked, and the claims are only claims. With it
/// the answer is the gate's: exit code 0 when it would accept the credential now,
/// 3 when it would refuse it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright credential inspect bot.credential --config gate.toml
  some-program-that-prints-one | gatewright credential inspect - --format json")]
pub(crate) struct Arguments {
    /// The file with the credential; `-` reads stdin.
    file: PathBuf,
    /// The configuration whose issuers are trusted.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What is known beyond the claims.
#[derive(Serialize)]
#[serde(tag = "verification", rename_all = "kebab-case")]
enum Verification {
    /// Nobody looked.
    NotChecked,
    /// The gate of this configuration would accept it at this time.
    Accepted { config: String, at: String },
    /// It would not.
    Refused {
        config: String,
        at: String,
        error: String,
    },
}

#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    verification: Verification,
    header: Value,
    claims: Value,
    /// The claims of the links of a chain, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Value>,
    /// What it covers in the end, as policies see it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<String>,
    /// Thumbprint of the key that must be proved (RFC 7638).
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let token = read(&arguments.file)?;
    let Unverified { header, payload } = inspect(&token)
        .with_context(|| format!("`{}`", arguments.file.display()))
        .hint(
            "`gatewright credential issue` prints a credential; a file holds one and nothing else",
        )?;
    let links = parts(&token).1.map(|link| {
        let link = inspect(link)?;
        Ok(serde_json::from_str(link.payload.text())?)
    });
    let links: Vec<Value> = links.collect::<anyhow::Result<_>>()?;
    // What cannot be read grants nothing; the verification says why.
    let last = claimed(&token).ok();
    let report = Report {
        links,
        scopes: last
            .iter()
            .flat_map(|last| &last.scopes)
            .map(Scope::to_string)
            .collect(),
        holder: last
            .and_then(|last| last.holder)
            .map(|holder| holder.to_string()),
        verification: verification(&token, arguments.config.as_deref())?,
        header: serde_json::from_str(header.text())?,
        claims: serde_json::from_str(payload.text())?,
    };
    match arguments.format {
        Format::Json => print_json(&report)?,
        Format::Text => print_line(&text(&report, Paint::stdout()))?,
    }
    Ok(match report.verification {
        Verification::NotChecked | Verification::Accepted { .. } => Exit::Fine,
        Verification::Refused { .. } => Exit::Denied,
    })
}

fn verification(token: &str, config: Option<&Path>) -> anyhow::Result<Verification> {
    let Some(path) = config else {
        return Ok(Verification::NotChecked);
    };
    let loaded = Loaded::read(path)?;
    let now = now()?;
    let (config, at) = (path.display().to_string(), now.to_string());
    let audience = loaded.config.gate.audience.as_deref();
    Ok(
        match verify(token, &loaded.trust_anchors(), audience, now) {
            Ok(_) => Verification::Accepted { config, at },
            Err(error) => Verification::Refused {
                config,
                at,
                error: error.to_string(),
            },
        },
    )
}

fn text(report: &Report, paint: Paint) -> String {
    let claim = |pointer: &str| match report.claims.pointer(pointer) {
        None => "(none)".to_owned(),
        Some(Value::String(text)) => visible(text),
        Some(other) => visible(&other.to_string()),
    };
    let scopes: Vec<_> = report.scopes.iter().map(|scope| visible(scope)).collect();
    let mut agents = vec![claim("/credentialSubject/id")];
    agents.extend(report.links.iter().map(|link| match link.get("sub") {
        Some(Value::String(agent)) => visible(agent),
        Some(_) | None => "(none)".to_owned(),
    }));
    let until = match report
        .links
        .last()
        .and_then(|link| link.get("exp")?.as_u64())
    {
        Some(seconds) => Timestamp::from_seconds(seconds).to_string(),
        None => claim("/validUntil"),
    };
    let holder = match &report.holder {
        Some(thumbprint) => format!("{thumbprint}: a proof of this key is needed"),
        None => "(none): whoever has it may use it".to_owned(),
    };
    let verdict = match &report.verification {
        Verification::NotChecked => paint.tone(
            Tone::Warning,
            "not checked: these are claims; `--config <file>` checks them",
        ),
        Verification::Accepted { config, at } => paint.tone(
            Tone::Good,
            &format!("accepted by the gate of {config} at {at}"),
        ),
        Verification::Refused { config, at, error } => {
            let error = visible(error);
            paint.tone(
                Tone::Bad,
                &format!("refused by the gate of {config} at {at}: {error}"),
            )
        }
    };
    [
        ("agent", agents.join(" -> ")),
        ("principal", claim("/credentialSubject/principal")),
        ("issuer", claim("/issuer")),
        ("valid from", claim("/validFrom")),
        ("valid until", until),
        ("audience", claim("/aud")),
        ("scopes", scopes.join(", ")),
        ("holder", holder),
        ("id", claim("/id")),
        ("verified", verdict),
    ]
    .map(|(name, value)| format!("{name:<12} {value}"))
    .join("\n")
}

/// A credential, or a chain.
pub(super) fn read(path: &Path) -> anyhow::Result<String> {
    let text = read_text(path, TOKEN_BYTES_MAX.saturating_add(2))?;
    Ok(text.trim().to_owned())
}

/// A file, or stdin, up to a bound.
pub(super) fn read_text(path: &Path, bytes_max: usize) -> anyhow::Result<String> {
    let limit = u64::try_from(bytes_max)?;
    let mut text = String::new();
    if path == Path::new("-") {
        io::stdin().take(limit).read_to_string(&mut text)?;
    } else {
        File::open(path)
            .and_then(|file| file.take(limit).read_to_string(&mut text))
            .with_context(|| format!("`{}` cannot be read", path.display()))?;
    }
    Ok(text)
}
