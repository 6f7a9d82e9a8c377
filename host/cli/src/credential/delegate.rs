//! `gatewright credential delegate`: hands a part of a grant to another agent.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use ed25519_dalek::VerifyingKey;
use gatewright_engine::config::Period;
use gatewright_policy::Timestamp;
use gatewright_policy::credential::{
    Delegation, HolderKey, LINKS_MAX, PublicKey, TOKEN_BYTES_MAX, claimed, delegate, may_be_called,
};
use gatewright_policy::pattern::Scope;
use uuid::Uuid;

use super::inspect::read;
use super::issue::identifier;
use super::scopes::{Constraints, holder};
use crate::failure::{Advise as _, Exit};
use crate::key::file;
use crate::key::passphrase::Passphrase;
use crate::moment::{now, period};
use crate::output::print_line;

/// Hand a part of a credential to another agent; prints the chain.
///
/// Nobody is asked: the new link is signed with the key that the credential is bound to.
/// The other agent gets no more than the credential has, for no longer, and acts for the
/// same principal. It needs the key of `--holder` to use it, and can hand it on.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  gatewright credential delegate --from bot.credential --key bot.key \\
      --to did:example:bot/helper --holder did:key:z6Mk... \\
      --scope files:read_file --constraint '/path=/srv/reports/*' \\
      --ttl 10m > helper.credential")]
pub(crate) struct Arguments {
    /// The file with the credential, or the chain; `-` reads stdin.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The key file of the agent that delegates.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The agent that gets it: a name below that of the agent that delegates, as
    /// `did:example:bot/helper`, or its did:key.
    #[arg(long, value_name = "AGENT", value_parser = identifier)]
    to: String,
    /// The `did:key` of that agent.
    #[arg(long, value_name = "DID", value_parser = holder)]
    holder: VerifyingKey,
    /// What it may call, `<server>:<tool>`; all that the credential has by default.
    /// Repeat for more.
    #[arg(long = "scope", value_name = "SCOPE", value_parser = Scope::parse)]
    scopes: Vec<Scope>,
    #[command(flatten)]
    constraints: Constraints,
    /// How long it is valid: `90s`, `15m`. Never longer than the credential.
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    ttl: Period,
    /// A gate that it is for (`gate.audience`). Repeat for more.
    #[arg(long = "audience", value_name = "NAME", value_parser = identifier)]
    audience: Vec<String>,
    /// How many links may follow the first credential in all.
    #[arg(long, value_name = "LINKS", value_parser = clap::value_parser!(u8).range(1..=8))]
    depth_max: Option<u8>,
    #[command(flatten)]
    passphrase: Passphrase,
}

pub(super) fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let chain = read(&arguments.from)?;
    let parent = claimed(&chain)
        .with_context(|| format!("`{}`", arguments.from.display()))
        .hint("`--from` is a file with a credential, or a chain, and nothing else")?;
    let key = file::read(&arguments.key, &arguments.passphrase)?;
    let own = HolderKey::of(&PublicKey::ed25519(key.verifying_key()));
    match &parent.holder {
        None => bail!(
            "the credential is bound to no key, so it cannot be delegated; hint: issue it with \
             `--holder`"
        ),
        Some(holder) if *holder != own => bail!("the credential is bound to another key"),
        Some(_) => {}
    }
    if parent.depth >= LINKS_MAX {
        bail!("a chain has at most {LINKS_MAX} links");
    }
    let scopes = match arguments.scopes.is_empty() {
        true if !arguments.constraints.is_empty() => bail!("`--constraint` needs a `--scope`"),
        true => parent.scopes.clone(),
        false => arguments.constraints.on(arguments.scopes)?,
    };
    for scope in &scopes {
        if !parent.scopes.iter().any(|wider| wider.subsumes(scope)) {
            bail!("`{scope}` is more than the credential has");
        }
    }
    let theirs = HolderKey::of(&PublicKey::ed25519(arguments.holder));
    if !may_be_called(&arguments.to, &parent.agent, &theirs) {
        bail!(
            "`{}` is not a name that {} can give; hint: `{}/<name>`, or the did:key of `--holder`",
            arguments.to,
            parent.agent,
            parent.agent
        );
    }
    let now = now()?;
    let ends = now.plus(arguments.ttl.0).min(parent.expires_at);
    if ends.seconds() <= now.seconds() {
        bail!("the credential, or `--ttl`, ends within a second");
    }
    let chain = delegate(
        &chain,
        &Delegation {
            from: parent.agent,
            to: arguments.to.clone(),
            holder: arguments.holder,
            scopes,
            audience: arguments.audience,
            issued_at: now,
            expires_at: ends,
            id: Uuid::now_v7().urn().to_string(),
            depth_max: arguments.depth_max.map(usize::from),
        },
        &key,
    );
    if chain.len() > TOKEN_BYTES_MAX {
        bail!("the chain is longer than {TOKEN_BYTES_MAX} bytes");
    }
    print_line(&chain)?;
    eprintln!(
        "delegated to {} until {}",
        arguments.to,
        Timestamp::from_seconds(ends.seconds())
    );
    Ok(Exit::Fine)
}
