//! `gatewright revoke`: a credential or a key that counts no more.

use std::path::Path;

use anyhow::{Context as _, bail};
use gatewright_policy::Digest;
use gatewright_policy::credential::{TOKEN_BYTES_MAX, inspect};
use serde_json::json;

use crate::agents::operator::Operator;
use crate::failure::Exit;
use crate::output::{Format, print_json, print_line, visible};

/// Let a credential or a key count no more, with everything that was made of it.
///
/// Whoever shows it, or one below it in a chain, is refused with `credential_revoked` from
/// the next call on, and its open streams end. There is no way back: issue another one.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright revoke urn:uuid:0199b4a0-6f0e-7e6c-8ad8-5d3c6c8d2f10 \\
      --why 'lost laptop'
  gatewright revoke bot.credential --why 'shown in a chat'
  gatewright revoke 0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I \\
      --below --why 'takes its helpers back'")]
pub(crate) struct Arguments {
    /// The id of a credential (`jti`), the thumbprint of a key (RFC 7638), the digest of a
    /// credential (`blake3:...`), or a file that holds a credential.
    credential: String,
    /// Only what is below it in a chain: it may itself go on.
    #[arg(long)]
    below: bool,
    #[command(flatten)]
    operator: Operator,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let path = Path::new(&arguments.credential);
    let token = match path.is_file() {
        true => named(path)?,
        false => arguments.credential.clone(),
    };
    let changed = arguments.operator.change(&json!({
        "revoke": { "token": token, "below": arguments.below }
    }))?;
    match arguments.format {
        Format::Json => print_json(&json!({ "revoked": token, "changed": changed }))?,
        Format::Text => {
            let token = visible(&token);
            print_line(&match (changed, arguments.below) {
                (0, _) => format!("{token}: it is so already"),
                (_, true) => format!("{token}: everything below it is revoked"),
                (_, false) => format!("{token}: revoked, and everything below it"),
            })?;
        }
    }
    Ok(Exit::Fine)
}

/// By what a credential can be revoked: its id, and where it has none, its digest.
fn named(path: &Path) -> anyhow::Result<String> {
    let name = path.display();
    let length = std::fs::metadata(path)?.len();
    if length > TOKEN_BYTES_MAX as u64 + 1 {
        bail!("`{name}` is longer than a credential");
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("`{name}`"))?;
    // Of a chain it is the last link, and what comes below it.
    let token = text.trim().rsplit('~').next().unwrap_or_default();
    let claims = inspect(token).with_context(|| format!("`{name}`"))?.payload;
    let id = claims.root().get("jti").or_else(|| claims.root().get("id"));
    let id = id.and_then(|id| id.as_text()).filter(|id| !id.is_empty());
    Ok(match id {
        Some(id) => id.into_owned(),
        None => Digest::of(token.as_bytes()).to_string(),
    })
}
