//! `gatewright credential issue`: signs a credential.

use anyhow::bail;
use ed25519_dalek::VerifyingKey;
use gatewright_engine::config::Period;
use gatewright_policy::Timestamp;
use gatewright_policy::credential::status::StatusRef;
use gatewright_policy::credential::{Claims, SUBJECT_MEMBERS, issue_by};
use gatewright_policy::pattern::Scope;
use uuid::Uuid;

use super::scopes::{Constraints, holder};

use crate::failure::Exit;
use crate::issuer::kind::Kind;
use crate::issuer::signed_by::SignedBy;
use crate::moment::{now, period};
use crate::output::print_line;

/// Issue a credential to an agent; prints it.
///
/// Whoever has the credential can act as the agent until it ends: hand it over
/// with care and keep it short-lived. `gatewright revoke` takes it back at one gate, a
/// status list at all of them; removing the issuer from the configuration ends all of its
/// credentials.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  gatewright credential issue --key issuer.key --agent did:example:bot \\
      --principal user:alice --scope 'files:read_*' --scope 'db:query' \\
      --valid-for 1h > bot.credential")]
pub(crate) struct Arguments {
    #[command(flatten)]
    signed_by: SignedBy,
    /// The agent: a DID, a SPIFFE id, or any stable id.
    #[arg(long, value_parser = identifier)]
    agent: String,
    /// The person or organisation that the agent acts for.
    #[arg(long, value_parser = identifier)]
    principal: String,
    /// What it may call, `<server>:<tool>`, `*` for any run of characters. Repeat
    /// for more.
    #[arg(long = "scope", value_name = "SCOPE", required = true, value_parser = Scope::parse)]
    scopes: Vec<Scope>,
    #[command(flatten)]
    constraints: Constraints,
    /// The `did:key` of the agent: whoever shows the credential must prove to have this
    /// key, and can delegate with it. Without it, whoever has the credential may use it.
    #[arg(long, value_name = "DID", value_parser = holder)]
    holder: Option<VerifyingKey>,
    /// How long it is valid: `90s`, `15m`, `8h`, `7d`.
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    valid_for: Period,
    /// When it begins to be valid, as in `2026-11-23T07:00:00Z`; now by default.
    #[arg(long, value_name = "TIME", value_parser = time)]
    valid_from: Option<Timestamp>,
    /// A gate that it is for (`gate.audience`). Repeat for more; none means any
    /// gate that trusts the issuer.
    #[arg(long = "audience", value_name = "NAME", value_parser = identifier)]
    audience: Vec<String>,
    /// What the agent works at, as the claim `txn`. Where the configuration names
    /// this claim (`task_claim`), each task has labels and a history of its own.
    #[arg(long, value_name = "TASK", value_parser = identifier)]
    task: Option<String>,
    /// What it says besides of the agent, which policies see where the configuration names
    /// it (`[issuer.claims]`, `facts = { team = "/credentialSubject/team" }`). Repeat for
    /// more, also for several values of one.
    #[arg(long = "claim", value_name = "NAME=VALUE", value_parser = fact)]
    facts: Vec<(String, String)>,
    /// A status list that it stands in: its issuer can then take it back. See
    /// `gatewright issuer list`.
    #[arg(long, value_name = "URL", requires = "status_index")]
    status_list: Option<String>,
    /// At which place: no other credential has it.
    #[arg(long, value_name = "INDEX", requires = "status_list")]
    status_index: Option<u64>,
    /// Which kind of list it is.
    #[arg(long, value_enum, default_value_t, requires = "status_list")]
    status_kind: Kind,
}

pub(super) fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let now = now()?;
    let valid_from = arguments.valid_from.unwrap_or(now);
    if arguments.valid_for.0.as_secs() == 0 {
        bail!("`--valid-for` is shorter than a second");
    }
    let claims = Claims {
        agent: arguments.agent,
        principal: arguments.principal,
        scopes: arguments.constraints.on(arguments.scopes)?,
        audience: arguments.audience,
        valid_from,
        valid_until: valid_from.plus(arguments.valid_for.0),
        id: Uuid::now_v7().urn().to_string(),
        task: arguments.task,
        holder: arguments.holder,
        facts: arguments.facts,
    };
    let listed = arguments.status_list.zip(arguments.status_index);
    let listed = listed.map(|(list, index)| StatusRef {
        list: list.into(),
        index,
        kind: arguments.status_kind.of_list(),
    });
    let signer = arguments.signed_by.open(now)?.signer(claims.valid_until)?;
    print_line(&issue_by(&claims, listed.as_slice(), &signer))?;
    eprintln!(
        "issued by {} to {} until {}",
        signer.issuer(),
        claims.agent,
        Timestamp::from_seconds(claims.valid_until.seconds())
    );
    Ok(Exit::Fine)
}

pub(super) fn identifier(text: &str) -> Result<String, &'static str> {
    if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("an id is not empty and has no spaces");
    }
    Ok(text.to_owned())
}

fn fact(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("write `name=value`")?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if name.is_empty() || !name.bytes().all(fits) {
        return Err("a name has letters, digits, `-` and `_`");
    }
    if SUBJECT_MEMBERS.contains(&name) {
        return Err("this name says what the credential is");
    }
    match value.is_empty() || value.contains(char::is_control) {
        true => Err("a value is a text in one line"),
        false => Ok((name.to_owned(), value.to_owned())),
    }
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse(text).ok_or("write a time as in `2026-11-23T07:00:00Z`")
}
