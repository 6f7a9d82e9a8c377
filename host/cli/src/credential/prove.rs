//! `gatewright credential prove`: signs a request, or a call, with the key of an agent.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use gatewright_policy::credential::proof::{CALL_PROOF, CALL_TYPE, Called, DPOP_TYPE, call_claims};
use gatewright_policy::credential::{sha256, sign};
use gatewright_policy::json::{Document, JsonLimits};
use serde_json::{Value, json};
use uuid::Uuid;

use super::inspect::{read, read_text};
use crate::failure::Exit;
use crate::key::file;
use crate::key::passphrase::Passphrase;
use crate::moment::now;
use crate::output::print_line;

/// Prove that an agent holds the key of its credential; for one request.
///
/// Without `--message` it prints what the header `DPoP` needs (RFC 9449), beside
/// `Authorization: DPoP <credential>`. With it, it prints the message with the proof of
/// this very call in it. Either counts once, and within a minute.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright credential prove --key bot.key --from bot.credential \\
      --endpoint http://127.0.0.1:8700/mcp/files
  gatewright credential prove --key bot.key --message call.json \\
      --endpoint http://127.0.0.1:8700/mcp/files | curl --data @- ...")]
pub(crate) struct Arguments {
    /// The key file of the agent.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where the request goes: the URL, or `stdio:<audience>/<server>`.
    #[arg(long, value_name = "URL")]
    endpoint: String,
    /// The file with the credential, or the chain.
    #[arg(long, value_name = "FILE", required_unless_present = "message")]
    from: Option<PathBuf>,
    /// The HTTP method.
    #[arg(long, value_name = "METHOD", default_value = "POST")]
    verb: String,
    /// A file with one JSON-RPC message, which is to be proved; `-` reads stdin.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "verb"])]
    message: Option<PathBuf>,
    #[command(flatten)]
    passphrase: Passphrase,
}

/// Longest message, in bytes.
const MESSAGE_BYTES_MAX: usize = 4 << 20;

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let key = file::read(&arguments.key, &arguments.passphrase)?;
    let id = Uuid::now_v7().to_string();
    let seconds = now()?.seconds();
    let printed = match (&arguments.message, &arguments.from) {
        (Some(path), _) => {
            let text = read_text(path, MESSAGE_BYTES_MAX)?;
            let document = Document::parse(text.as_str(), &JsonLimits::default())?;
            let message = document.root();
            let member = |name| message.get(name).and_then(|it| it.as_text());
            let params = message.get("params");
            let named = params.and_then(|params| params.get("name").or_else(|| params.get("uri")));
            let called = Called {
                method: &member("method").context("the message has no `method`")?,
                name: &named.and_then(|it| it.as_text()).unwrap_or_default(),
                endpoint: &arguments.endpoint,
                params,
            };
            let claims = call_claims(&called, seconds, &id)?;
            with_proof(&text, &sign(CALL_TYPE, &claims, &key))?
        }
        (None, Some(path)) => {
            let claims = json!({
                "htm": arguments.verb, "htu": arguments.endpoint, "ath": sha256(&read(path)?),
                "iat": seconds, "jti": id,
            });
            sign(DPOP_TYPE, &claims, &key)
        }
        (None, None) => bail!("`--from` or `--message` is needed"),
    };
    print_line(&printed)?;
    Ok(Exit::Fine)
}

/// The message with a proof in its `_meta`. Numbers are written as they are: what cannot
/// be written exactly has no proof.
fn with_proof(text: &str, proof: &str) -> anyhow::Result<String> {
    let mut message: Value = serde_json::from_str(text)?;
    let message_object = message
        .as_object_mut()
        .context("the message is no object")?;
    let params = message_object.entry("params").or_insert_with(|| json!({}));
    let params = params.as_object_mut().context("`params` is no object")?;
    let meta = params.entry("_meta").or_insert_with(|| json!({}));
    let meta = meta.as_object_mut().context("`_meta` is no object")?;
    meta.insert(CALL_PROOF.to_owned(), json!(proof));
    Ok(message.to_string())
}
