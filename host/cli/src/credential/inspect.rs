//! `gatewright credential inspect`: what a credential claims, and whether a gate
//! would accept it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use gatewright_engine::Issuer;
use gatewright_engine::config::Loaded;
use gatewright_gateway::fetch_keys;
use gatewright_policy::credential::{
    Here, TOKEN_BYTES_MAX, TrustAnchor, Unverified, claimed, inspect, parts, verify_here,
};
use gatewright_policy::pattern::Scope;
use gatewright_policy::{Claim, Grant, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::failure::{Advise as _, Exit};
use crate::moment::now;
use crate::output::{Format, Paint, Tone, print_json, print_line, visible};

/// Show what a credential claims, and check it against a configuration.
///
/// Works for `vc+jwt`, access tokens of OAuth and tokens of workloads. Without
/// `--config` nothing is checked, and the claims are only claims. With it the answer is
/// the gate's, and says what the gate makes of the claims: exit code 0 when it would
/// accept the credential now, 3 when it would refuse it. Keys that the gate fetches are
/// fetched once.
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
    /// The URL of the endpoint where it is shown, as clients have it. A token that is
    /// for one endpoint is refused elsewhere.
    #[arg(long, value_name = "URL", requires = "config")]
    endpoint: Option<String>,
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
    Accepted {
        config: String,
        at: String,
        grant: Box<Granted>,
    },
    /// It would not.
    Refused {
        config: String,
        at: String,
        error: String,
    },
}

/// What the gate makes of it.
#[derive(Serialize)]
struct Granted {
    agent: String,
    principal: Option<String>,
    issuer: String,
    /// Agents between the principal and this one, nearest the principal first.
    delegation: Vec<String>,
    scopes: Vec<String>,
    claims: Vec<Claim>,
    not_before: Timestamp,
    expires_at: Timestamp,
    /// The endpoints that it is for; none for the whole gate.
    endpoints: Vec<String>,
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
        verification: verification(&token, arguments)?,
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

fn verification(token: &str, arguments: &Arguments) -> anyhow::Result<Verification> {
    let Some(path) = &arguments.config else {
        return Ok(Verification::NotChecked);
    };
    let loaded = Loaded::read(path)?;
    let now = now()?;
    let anchors = anchors(loaded.issuers()?, token, now)?;
    let (config, at) = (path.display().to_string(), now.to_string());
    let resources: Vec<_> = arguments.endpoint.iter().cloned().collect();
    let here = Here {
        audience: loaded.config.gate.audience.as_deref(),
        resources: &resources,
    };
    Ok(match verify_here(token, &anchors, &here, now) {
        Ok(grant) => Verification::Accepted {
            config,
            at,
            grant: Box::new(Granted::of(&grant)),
        },
        Err(error) => Verification::Refused {
            config,
            at,
            error: error.to_string(),
        },
    })
}

/// The issuers with their keys; those of the one that the credential names are fetched.
fn anchors(issuers: Vec<Issuer>, token: &str, now: Timestamp) -> anyhow::Result<Vec<TrustAnchor>> {
    let claims = inspect(token)?.payload;
    let named = |member| claims.root().get(member).and_then(|value| value.as_text());
    let (issuer, subject) = (named("iss"), named("sub"));
    let mut anchors = Vec::new();
    for Issuer { mut anchor, source } in issuers {
        let is_meant = issuer.as_deref() == Some(anchor.issuer.as_str())
            || subject.as_deref().is_some_and(|subject| {
                let path = subject.strip_prefix(anchor.issuer.as_str());
                path.is_some_and(|path| path.starts_with('/'))
            });
        if let Some(source) = source.filter(|_| is_meant) {
            let keys = crate::runtime::runtime()?
                .block_on(fetch_keys(&source))
                .with_context(|| format!("no keys of issuer `{}`", source.issuer))?;
            anchor.keys = Arc::new(keys);
            anchor.keys_until = now.plus(source.kept);
        }
        anchors.push(anchor);
    }
    Ok(anchors)
}

impl Granted {
    fn of(grant: &Grant) -> Self {
        let subject = &grant.subject;
        Self {
            agent: subject.id.clone(),
            principal: subject.principal.clone(),
            issuer: subject.issuer.clone(),
            delegation: subject.delegation.clone(),
            scopes: subject.scopes.clone(),
            claims: subject.claims.clone(),
            not_before: grant.not_before,
            expires_at: grant.expires_at,
            endpoints: grant.endpoints.to_vec(),
        }
    }
}

fn text(report: &Report, paint: Paint) -> String {
    let verdict = match &report.verification {
        Verification::NotChecked => paint.tone(
            Tone::Warning,
            "not checked: these are claims; `--config <file>` checks them",
        ),
        Verification::Accepted { config, at, .. } => paint.tone(
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
    let mut rows = match &report.verification {
        Verification::Accepted { grant, .. } => granted(grant),
        Verification::NotChecked | Verification::Refused { .. } => said(report),
    };
    let holder = match &report.holder {
        Some(thumbprint) => format!("{thumbprint}: a proof of this key is needed"),
        None => "(none): whoever has it may use it".to_owned(),
    };
    rows.push(("holder", holder));
    rows.push(("verified", verdict));
    let lines = rows
        .iter()
        .map(|(name, value)| format!("{name:<12} {value}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// What the gate makes of it.
fn granted(grant: &Granted) -> Vec<(&'static str, String)> {
    let list = |list: &[String]| match list {
        [] => "(none)".to_owned(),
        list => visible(&list.join(", ")),
    };
    let agents = [&grant.delegation[..], std::slice::from_ref(&grant.agent)].concat();
    let mut rows = vec![
        ("agent", visible(&agents.join(" -> "))),
        (
            "principal",
            grant
                .principal
                .as_deref()
                .map_or_else(|| "(none)".to_owned(), visible),
        ),
        ("issuer", visible(&grant.issuer)),
        ("valid from", grant.not_before.to_string()),
        ("valid until", grant.expires_at.to_string()),
        ("scopes", list(&grant.scopes)),
    ];
    if !grant.endpoints.is_empty() {
        rows.push(("endpoints", list(&grant.endpoints)));
    }
    for claim in &grant.claims {
        let values = claim.values.join(", ");
        rows.push(("claim", visible(&format!("{} = {values}", claim.name))));
    }
    rows
}

/// What it says, of a `vc+jwt` or of a token, and what the links after it say.
fn said(report: &Report) -> Vec<(&'static str, String)> {
    let claims = &report.claims;
    let claim = |pointers: &[&str]| {
        let found = pointers.iter().find_map(|pointer| claims.pointer(pointer));
        match found {
            None => "(none)".to_owned(),
            Some(Value::String(text)) => visible(text),
            Some(other) => visible(&other.to_string()),
        }
    };
    let time = |pointers: &[&str]| {
        let seconds = pointers
            .iter()
            .find_map(|pointer| claims.pointer(pointer)?.as_u64());
        match seconds {
            Some(seconds) => Timestamp::from_seconds(seconds).to_string(),
            None => claim(pointers),
        }
    };
    let mut scopes: Vec<_> = report.scopes.iter().map(|scope| visible(scope)).collect();
    if scopes.is_empty() {
        scopes.push(claim(&["/scope", "/scp"]));
    }
    let mut agents = vec![claim(&[
        "/credentialSubject/id",
        "/client_id",
        "/azp",
        "/sub",
    ])];
    agents.extend(report.links.iter().map(|link| match link.get("sub") {
        Some(Value::String(agent)) => visible(agent),
        Some(_) | None => "(none)".to_owned(),
    }));
    let last = report.links.last();
    let until = match last.and_then(|link| link.get("exp")?.as_u64()) {
        Some(seconds) => Timestamp::from_seconds(seconds).to_string(),
        None => time(&["/validUntil", "/exp"]),
    };
    vec![
        ("agent", agents.join(" -> ")),
        (
            "principal",
            claim(&["/credentialSubject/principal", "/sub"]),
        ),
        ("issuer", claim(&["/issuer", "/iss"])),
        ("valid from", time(&["/validFrom", "/nbf", "/iat"])),
        ("valid until", until),
        ("audience", claim(&["/aud"])),
        ("scopes", scopes.join(", ")),
        ("id", claim(&["/id", "/jti"])),
    ]
}

/// A credential, or a chain.
pub(crate) fn read(path: &Path) -> anyhow::Result<String> {
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
