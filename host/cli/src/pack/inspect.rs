//! `gatewright pack inspect`.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use gatewright_pack::{PackManifest, PolicyEntry, Sha256, signed_by};
use gatewright_policy::{Digest, Power};
use serde::Serialize;

use super::place::Unverified;
use crate::failure::Exit;
use crate::output::{Format, print_json, print_line, visible};

/// Show what is in a pack. Verifies its digests, and trusts nobody.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright pack inspect guards
  gatewright pack inspect guards.tar --format json | jq .manifest.policies")]
pub(super) struct Arguments {
    /// The pack: a folder, or a tar.
    layout: PathBuf,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What is in a pack.
#[derive(Serialize)]
struct Report<'a> {
    pack: Digest,
    image: Sha256,
    /// Keys that did sign it; whether anybody trusts them is not looked at.
    signed_by: Vec<String>,
    manifest: &'a PackManifest,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit> {
    let pack = Unverified::read(&arguments.layout)?;
    let report = Report {
        pack: pack.digest,
        image: pack.layout.image().digest,
        signed_by: signed_by(&pack.layout)?,
        manifest: &pack.manifest,
    };
    match arguments.format {
        Format::Json => print_json(&report)?,
        Format::Text => print_line(report.text().trim_end())?,
    }
    Ok(Exit::Fine)
}

// === impl Report ===

impl Report<'_> {
    fn text(&self) -> String {
        let Self {
            pack,
            image,
            signed_by,
            manifest,
        } = self;
        let signed = match signed_by.is_empty() {
            true => "nobody".to_owned(),
            false => signed_by.join("\n           "),
        };
        let mut text = format!(
            "{} {}, version {}\npack       {pack}\nimage      {image}\ncontract   {}\n\
             expires    {}\nsigned by  {signed}\n",
            manifest.name,
            manifest.revision,
            manifest.version,
            visible(&manifest.contract),
            manifest
                .expires
                .as_deref()
                .map_or("never".to_owned(), visible),
        );
        if let Some(description) = &manifest.description {
            // Writing to a string does not fail.
            let _ = writeln!(text, "           {}", visible(description));
        }
        for policy in &manifest.policies {
            text.push_str(&entry(policy));
        }
        text
    }
}

fn entry(policy: &PolicyEntry) -> String {
    let powers: Vec<_> = Vec::from(policy.authority)
        .into_iter()
        .map(Power::name)
        .collect();
    let cases = policy.cases.as_ref().and_then(|cases| cases.get("case"));
    let cases = cases.and_then(|cases| cases.as_array()).map_or(0, Vec::len);
    let yes = |is_there: bool| if is_there { "yes" } else { "no" };
    format!(
        "\n{}: {}\n  world      {}\n  digest     {}\n  bytes      {}\n  imports    {}\n  \
         asks for   {}\n  settings   schema {}, defaults {}\n  cases      {cases}\n",
        policy.name,
        visible(&policy.description),
        visible(&policy.world),
        policy.digest,
        policy.bytes,
        listed(
            &policy
                .imports
                .iter()
                .map(|name| visible(name))
                .collect::<Vec<_>>()
        ),
        listed(&powers),
        yes(policy.settings_schema.is_some()),
        yes(policy.settings.is_some()),
    )
}

fn listed(names: &[impl AsRef<str>]) -> String {
    let names: Vec<_> = names.iter().map(AsRef::as_ref).collect();
    match names.is_empty() {
        true => "nothing".to_owned(),
        false => names.join(", "),
    }
}
