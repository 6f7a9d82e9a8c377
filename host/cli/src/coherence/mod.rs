//! `gatewright coherence`: is what an agent is shown what it can do?

mod guesses;
mod listed;
mod report;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use gatewright_engine::{Call, Kind, Server, Snapshot};
use gatewright_policy::json::{Document, JsonLimits, Pointer};
use gatewright_policy::{Authority, Decision, Grant, Mode, Power, Proof};
use gatewright_sandbox::World;
use serde_json::Value;

use self::guesses::Guesses;
use self::listed::{Listed, listed};
use self::report::{Finding, Report, Word};
use crate::config_file::ConfigFile;
use crate::credential::{now, read_credential};
use crate::failure::{Advise as _, Exit};
use crate::output::{Format, Paint, print_json, print_line};
use crate::rehearsal::Rehearsal;
use crate::server_lists;

/// Compare what an agent is shown with what it can call.
///
/// For each tool, prompt and resource that a server has: is it listed to this agent, and is
/// there a call of it that goes ahead, or waits for a person? What is listed and can never
/// be called, and what is hidden and can be called, is a contradiction, and is named. What
/// cannot be called is said only where no arguments could change it; where a policy's
/// answer depends on arguments, and none of those that were tried go ahead, the word is
/// `unknown`. Judges a session that did nothing yet, and takes the key of the credential as
/// proved. Nothing is recorded or sent to a tool.
///
/// Exit code 3 when there is a contradiction; with `--strict` when anything is unknown too.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright coherence gate.toml --credential bot.credential --connect
  gatewright coherence gate.toml --credential bot.credential \\
      --list files=files-tools.json
  gatewright coherence gate.toml --credential bot.credential \\
      --list files=files-tools.json --arguments files:move_file=move.json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The file with the agent's credential, or chain.
    #[arg(long, value_name = "FILE")]
    credential: PathBuf,
    /// What a tool server lists: the result of its `tools/list`, `prompts/list` or
    /// `resources/list`, as JSON. Repeat for more.
    #[arg(
        long = "list",
        value_name = "SERVER=FILE",
        required_unless_present = "connect",
        value_parser = pair
    )]
    lists: Vec<(String, PathBuf)>,
    /// Start or reach each tool server that no `--list` names, and ask it what it lists.
    #[arg(long)]
    connect: bool,
    /// Arguments to try, as JSON: one object, or a list of them. Repeat for more.
    #[arg(long = "arguments", value_name = "SERVER:NAME=FILE", value_parser = pair)]
    arguments: Vec<(String, PathBuf)>,
    /// What is unknown ends with exit code 3 too.
    #[arg(long)]
    strict: bool,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Longest file, in bytes.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// Whoever is shown something.
struct Viewer<'a> {
    rehearsal: &'a Rehearsal,
    snapshot: Arc<Snapshot>,
    grant: Grant,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let runtime = crate::runtime::runtime()?;
    let report = runtime.block_on(report(arguments))?;
    match arguments.format {
        Format::Json => print_json(&report)?,
        Format::Text => print_line(&report.text(Paint::stdout()))?,
    }
    Ok(match report.is_coherent(arguments.strict) {
        true => Exit::Fine,
        false => Exit::Denied,
    })
}

async fn report(arguments: &Arguments) -> Result<Report> {
    let token = read_credential(&arguments.credential)?;
    let rehearsal = Rehearsal::open(arguments.config.path()).await?;
    let snapshot = rehearsal.engine.snapshot();
    let grant = snapshot
        .identify(&token, &[], now()?)
        .context("the gate would not take this credential")
        .hint("`gatewright credential inspect` shows what is in it")?;
    // Whether it was taken back, and whether it is proved, is asked at each call.
    let mut grant = grant.proved(Proof::Call);
    grant.status = Arc::default();
    let viewer = Viewer {
        rehearsal: &rehearsal,
        snapshot,
        grant,
    };
    let mut report = Report::default();
    for (name, list) in lists(arguments).await? {
        let server = viewer.snapshot.server(&name);
        let server = server
            .ok_or_else(|| anyhow!("the configuration has no server `{name}`"))
            .hint("`--list` names a [[server]] and the file with its list")?;
        for listed in listed(&list).with_context(|| format!("server `{name}`"))? {
            let given = given(arguments, &name, &listed.name)?;
            report.push(viewer.look(server, &listed, given).await?);
        }
    }
    Ok(report)
}

/// What each server lists, as a file has it or as it says itself.
async fn lists(arguments: &Arguments) -> Result<Vec<(String, Value)>> {
    let mut lists = Vec::new();
    for (name, file) in &arguments.lists {
        lists.push((name.clone(), read_json(file)?));
    }
    if !arguments.connect {
        return Ok(lists);
    }
    let gate = server_lists::gate(arguments.config.path()).await?;
    for server in &gate.loaded.config.servers {
        let name = server.name.get_ref();
        if arguments.lists.iter().any(|(named, _)| named == name) {
            continue;
        }
        let patience = server.timeout.0.saturating_mul(2);
        let listed = server_lists::listed(&gate.engine, name, patience).await;
        let listed = listed
            .with_context(|| format!("`{name}` cannot be asked what it lists"))
            .hint("`gatewright check --connect` tries all of them; `--list` takes a file")?;
        lists.push((name.clone(), listed));
    }
    Ok(lists)
}

/// Arguments that somebody wants to be tried.
fn given(arguments: &Arguments, server: &str, name: &str) -> Result<Vec<Value>> {
    let wanted = format!("{server}:{name}");
    let files = arguments.arguments.iter();
    let mut given = Vec::new();
    for (_, file) in files.filter(|(of, _)| *of == wanted) {
        match read_json(file)? {
            Value::Array(several) => given.extend(several),
            one => given.push(one),
        }
    }
    Ok(given)
}

fn read_json(file: &PathBuf) -> Result<Value> {
    use std::io::Read as _;
    let name = file.display();
    let opened = std::fs::File::open(file).with_context(|| format!("`{name}` cannot be read"))?;
    let mut text = String::new();
    opened.take(FILE_BYTES_MAX).read_to_string(&mut text)?;
    serde_json::from_str(&text).with_context(|| format!("`{name}` is not JSON"))
}

fn pair(text: &str) -> Result<(String, PathBuf), &'static str> {
    let pair = text
        .split_once('=')
        .filter(|(name, file)| !name.is_empty() && !file.is_empty());
    let (name, file) = pair.ok_or("write a name, `=`, and a file")?;
    Ok((name.to_owned(), PathBuf::from(file)))
}

// === impl Viewer ===

impl Viewer<'_> {
    /// What is shown of one thing, and whether it can be called.
    async fn look(
        &self,
        server: &Arc<Server>,
        listed: &Listed,
        given: Vec<Value>,
    ) -> Result<Finding> {
        let (engine, at) = (&self.rehearsal.engine, now()?);
        let names = [listed.name.clone()];
        let shown = engine
            .visible(&self.snapshot, &self.grant, server, listed.list, &names, at)
            .await;
        let is_shown = shown.first() == Some(&true);
        let never = self.never(server, &listed.name);
        let (mut tried, mut goes_ahead, mut reasons) = (0, None, Vec::new());
        if never.is_none() {
            let guesses = Guesses::of(&self.rehearsal.loaded, server, &self.grant, listed, given);
            for guess in guesses.arguments() {
                tried += 1;
                match self.decision(server, listed, &guess).await? {
                    Decision::Allow(_) => goes_ahead = Some(guess),
                    // Nobody allows it, whatever people say.
                    Decision::Hold(held) if held.allowed => goes_ahead = Some(guess),
                    Decision::Hold(_) => {}
                    Decision::Deny(denied) => {
                        if !reasons.contains(&denied.reason) {
                            reasons.push(denied.reason);
                        }
                    }
                }
                if goes_ahead.is_some() {
                    break;
                }
            }
        }
        let word = match (is_shown, &goes_ahead, &never) {
            (true, Some(_), _) | (false, None, Some(_)) => Word::Coherent,
            (false, Some(_), _) | (true, None, Some(_)) => Word::Contradiction,
            (_, None, None) => Word::Unknown,
        };
        Ok(Finding {
            server: server.name.to_string(),
            name: listed.name.clone(),
            word,
            listed: is_shown,
            goes_ahead,
            never,
            tried,
            reasons,
        })
    }

    /// Why no call of this name can go ahead, whatever its arguments; none where that
    /// cannot be said.
    fn never(&self, server: &Server, name: &str) -> Option<String> {
        if !self.grant.covers(&server.name, name) {
            return Some("the credential does not cover it".to_owned());
        }
        let judges = self.snapshot.bindings.iter().filter(|binding| {
            binding.guest.world() == World::Policy
                && binding.is_on_server(&server.name)
                && binding.is_on_tool(name)
        });
        let account = self.grant.subject.account();
        let may_allow = |authority: Authority| authority.grants(Power::Allow);
        let mut counting = judges.filter(|binding| binding.mode(account) == Mode::Enforce);
        match counting.any(|binding| may_allow(binding.authority)) {
            true => None,
            false => Some("no policy that counts here may allow it".to_owned()),
        }
    }

    async fn decision(
        &self,
        server: &Arc<Server>,
        listed: &Listed,
        arguments: &Value,
    ) -> Result<Decision> {
        let (params, arguments_at) = match listed.call {
            "resources/read" => (
                serde_json::json!({ "uri": listed.name }),
                const { Pointer::known("/params") },
            ),
            _named => (
                serde_json::json!({ "name": listed.name, "arguments": arguments }),
                const { Pointer::known("/params/arguments") },
            ),
        };
        let message = serde_json::json!({
            "jsonrpc": "2.0", "id": 1, "method": listed.call, "params": params,
        });
        let call = Call {
            id: "coherence".to_owned(),
            grant: self.grant.clone(),
            kind: Kind::Judged,
            method: listed.call.to_owned(),
            server: Arc::clone(&server.name),
            name: listed.name.clone(),
            message: Document::parse(message.to_string(), &JsonLimits::default())?,
            arguments_at,
            at: now()?,
        };
        let judgement = self.rehearsal.engine.judge(&self.snapshot, call).await;
        Ok(judgement.decision().clone())
    }
}
