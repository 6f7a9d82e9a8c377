//! `gatewright init`: from the tool servers that clients have to a gate before them.

mod ask;
mod clients;
mod config;
mod document;
mod files;
mod guards;
mod launch;
mod offer;
mod places;
mod plan;
mod policies;
mod proposal;
mod rewrite;
mod secret;
mod servers;
mod stood;
mod survey;
mod undo;
mod variables;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use gatewright_engine::config::Loaded;

use self::clients::Client;
use self::document::Entry;
use self::files::ClientFile;
use self::places::{Folders, Place, of_project};
use self::policies::Shelf;
use self::proposal::Proposal;
use self::rewrite::{Change, Gate, rewritten};
use self::servers::Servers;
use self::stood::Stood;
use self::survey::{Stand, Survey, Surveyed};
use self::undo::{only_kept, without_gate};
use crate::failure::{Advise as _, Exit};
use crate::output::{Paint, Tone, print_line, visible};

/// Put a gate before the tool servers that the clients on this machine have.
///
/// Finds the files of Claude Desktop, Claude Code, Cursor, VS Code, Windsurf, Zed and Gemini
/// CLI, starts or reaches each tool server in them as the client would, and asks for its
/// tools. From that it makes a configuration: each tool pinned as it is today and let
/// through, guards that only watch. Without a flag it shows all of that and writes nothing.
///
/// What it does not understand stays as it is, with the reason. Variables and headers keep
/// their secrets where they are, and those are never shown; arguments go into the
/// configuration as they are.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright init                    what is there, and what would be written
  gatewright init --write            the gate's configuration
  gatewright init --write-clients    that, and clients go through the gate
  gatewright init --undo             the clients as they were

A file is kept beside itself (`<file>.before-gatewright`) before it is changed.
Run it again after a client has got another tool server: what leads to the gate
already is left alone.")]
pub(crate) struct Arguments {
    /// The gate's configuration: made, or added to [default:
    /// $XDG_CONFIG_HOME/gatewright/gatewright.toml]
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Only the files of this client; may be given several times.
    #[arg(long = "client", value_name = "CLIENT", value_enum)]
    clients: Vec<Client>,
    /// The files of the project in the current folder, too (`.mcp.json`, `.cursor`, `.vscode`,
    /// `.zed`, `.gemini`). What they name is started: look at them first, as a client does.
    #[arg(long)]
    project: bool,
    /// Where the components of guards are [default: those that came with this program]
    #[arg(long, value_name = "FOLDER")]
    policies: Option<PathBuf>,
    /// Write the gate's configuration, and the policies that it names.
    #[arg(long)]
    write: bool,
    /// Write that, and have the clients start the gate in place of their tool servers.
    #[arg(long)]
    write_clients: bool,
    /// Put the clients' files back as they were before.
    #[arg(long, conflicts_with_all = ["write", "write_clients"])]
    undo: bool,
    /// Only show what would be done.
    #[arg(long)]
    dry_run: bool,
}

/// A client's file with its new text.
struct Rewrite<'a> {
    file: &'a ClientFile,
    changes: Vec<(&'a Entry, &'a str)>,
    /// What the file is without a gate.
    without_gate: String,
    /// What was kept before, where something of it stands nowhere else.
    aside: Option<String>,
    text: String,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let folders = Folders::here()
        .context("this user has no home folder")
        .hint("set `HOME`")?;
    let places = places(arguments, &folders)?;
    match arguments.undo {
        true => {
            // Where that is not understood, it may have had anything.
            let existing = existing(&config_at(arguments, &folders)?).ok().flatten();
            let servers = existing.map(|(loaded, _)| Servers::of(Some(&loaded)));
            let stood = Stood::new(servers.as_ref(), &folders.home);
            undo::take_out(places, arguments.dry_run, &stood)
        }
        false => put_in(arguments, &folders, places),
    }
}

/// Where the gate's configuration is, or will be.
fn config_at(arguments: &Arguments, folders: &Folders) -> anyhow::Result<PathBuf> {
    Ok(match &arguments.config {
        Some(path) => std::path::absolute(path)?,
        None => folders.gate(),
    })
}

fn places(arguments: &Arguments, folders: &Folders) -> anyhow::Result<Vec<Place>> {
    let here = std::env::current_dir()?;
    let project = of_project(&here);
    let mut places = folders.of_user();
    match arguments.project || arguments.undo {
        true => places.extend(project),
        false => {
            let is_of_user = |place: &Place| places.iter().any(|it| it.path == place.path);
            let mut there = project
                .iter()
                .filter(|it| it.path.exists() && !is_of_user(it));
            if let Some(place) = there.next() {
                let path = visible(&place.path.display().to_string());
                eprintln!("`{path}` belongs to a project: look at it, and say `--project`");
            }
        }
    }
    let is_wanted = |client| arguments.clients.is_empty() || arguments.clients.contains(&client);
    places.retain(|place| is_wanted(place.client));
    Ok(places)
}

fn put_in(arguments: &Arguments, folders: &Folders, places: Vec<Place>) -> anyhow::Result<Exit> {
    let path = config_at(arguments, folders)?;
    let program = std::env::current_exe()?;
    let gate = Gate {
        program: utf8(&program)?,
        config: utf8(&path)?,
    };
    let existing = existing(&path)?;
    let standing = existing.as_ref().map(|(_, text)| text.as_str());
    let shelf = Shelf::find(arguments.policies.as_deref(), &program)?;
    let survey = Survey::of(
        places,
        &folders.home,
        existing.as_ref().map(|(loaded, _)| loaded),
    );
    let runtime = crate::runtime::runtime()?;
    let proposal = runtime.block_on(Proposal::of(&survey.servers, standing, &shelf))?;
    let paint = Paint::stdout();
    print(&plan::found(&survey, &proposal, paint))?;
    let mut rewrites = Vec::new();
    let stood = Stood::new(existing.is_some().then_some(&survey.servers), &folders.home);
    for surveyed in &survey.files {
        match rewrite(surveyed, (&survey, &stood), &proposal, &gate) {
            Ok(rewrite) => rewrites.extend(rewrite),
            Err(why) => {
                let path = visible(&surveyed.file.place.path.display().to_string());
                let told = format!("warning: `{path}` stays as it is: {}", visible(&why));
                print_line(&paint.tone(Tone::Warning, &told))?;
            }
        }
    }
    show(&proposal, &path, &rewrites, &gate)?;
    if rewrites.is_empty() && proposal.shown.is_empty() {
        print_line("there is nothing to do: no tool server was found that is not behind a gate")?;
        if existing.is_some() {
            let config = visible(gate.config);
            print_line(&format!(
                "whether its tools are what was pinned: `gatewright check {config} --connect`"
            ))?;
        }
        return Ok(Exit::Fine);
    }
    if arguments.dry_run || !(arguments.write || arguments.write_clients) {
        print_line(
            "\nnothing was written: `--write` writes the gate's configuration, `--write-clients` \
             the clients' files, too",
        )?;
        return Ok(Exit::Fine);
    }
    if !proposal.shown.is_empty() {
        proposal.write(&path)?;
        print_line(&format!("\nwrote {}", visible(gate.config)))?;
    }
    if arguments.write_clients {
        write(&rewrites)?;
    }
    let config = visible(gate.config);
    print_line(&format!("`gatewright log {config}` shows what they call"))?;
    Ok(Exit::Fine)
}

/// What would change.
fn show(
    proposal: &Proposal,
    path: &Path,
    rewrites: &[Rewrite<'_>],
    gate: &Gate<'_>,
) -> anyhow::Result<()> {
    let paint = Paint::stdout();
    if !proposal.shown.is_empty() {
        let (is_new, added) = (proposal.is_new(), &proposal.shown);
        print(&plan::of_config(path, is_new, added, paint))?;
    }
    for rewrite in rewrites {
        let place = &rewrite.file.place;
        print(&plan::of_client(place, &rewrite.changes, gate, paint))?;
    }
    Ok(())
}

/// Has the clients start the gate, whose configuration is there already.
fn write(rewrites: &[Rewrite<'_>]) -> anyhow::Result<()> {
    for rewrite in rewrites {
        if let Some(aside) = &rewrite.aside {
            let path = rewrite.file.set_aside(aside)?;
            let path = visible(&path.display().to_string());
            print_line(&format!(
                "kept {path}, too: it has what was taken out of the file by hand"
            ))?;
        }
        rewrite.file.change(&rewrite.without_gate, &rewrite.text)?;
        let real = visible(&rewrite.file.real.display().to_string());
        let kept = visible(&rewrite.file.kept_at().display().to_string());
        print_line(&format!("wrote {real}, and kept {kept}"))?;
    }
    print_line("start the clients again: from then on they start the gate")?;
    Ok(())
}

/// The configuration that is there, which must serve a local agent, and its text.
fn existing(path: &Path) -> anyhow::Result<Option<(Loaded, String)>> {
    if std::fs::symlink_metadata(path).is_err() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("`{}` cannot be read", path.display()))?;
    let loaded = Loaded::read_text(path, text.clone())?;
    match loaded.config.local.is_some() {
        true => Ok(Some((loaded, text))),
        false => Err(anyhow!("`{}` has no [local]", path.display()))
            .hint("add `[local]` with `agent = \"desktop\"`, or name another file with `--config`"),
    }
}

fn rewrite<'a>(
    surveyed: &'a Surveyed,
    (survey, stood): (&'a Survey, &Stood<'_>),
    proposal: &Proposal,
    gate: &Gate<'_>,
) -> Result<Option<Rewrite<'a>>, String> {
    let file = &surveyed.file;
    let mut changes = Vec::new();
    for (entry, stand) in file.entries.iter().zip(&surveyed.stands) {
        let Stand::Server(place) = stand else {
            continue;
        };
        let server = survey.servers.all().get(*place);
        let Some(server) = server.filter(|_| !proposal.reasons.contains_key(place)) else {
            continue;
        };
        changes.push(Change {
            entry,
            launch: &server.launch,
            server: &server.name,
        });
    }
    if changes.is_empty() {
        return Ok(None);
    }
    let is_gated = surveyed.stands.iter().any(|it| matches!(it, Stand::Gated));
    let kept = file.kept()?;
    let client = file.place.client;
    let before = kept.as_ref();
    let stood = |old: &Entry| stood.before(&file.place, old);
    let before = before.map(|kept| without_gate(client, (&file.text, kept), &stood));
    let (without_gate, is_whole) = match before {
        None => (file.text.clone(), true),
        Some(Ok(text)) => (text, true),
        Some(Err(why)) if is_gated => return Err(why),
        Some(Err(_)) => (file.text.clone(), false),
    };
    // What is not understood may say anything.
    let is_in_both = |kept: &String| {
        let gone = only_kept(client, &file.text, kept);
        is_whole && gone.is_ok_and(|gone| gone.is_empty())
    };
    Ok(Some(Rewrite {
        file,
        aside: kept.filter(|kept| !is_in_both(kept)),
        text: rewritten(&file.text, &changes, gate)?,
        changes: changes.iter().map(|it| (it.entry, it.server)).collect(),
        without_gate,
    }))
}

fn utf8(path: &Path) -> anyhow::Result<&str> {
    path.to_str()
        .ok_or_else(|| anyhow!("`{}` is no UTF-8", path.display()))
        .hint("put it at another path: clients keep their files as UTF-8")
}

fn print(text: &str) -> anyhow::Result<()> {
    match text.trim_end_matches('\n') {
        "" => Ok(()),
        text => Ok(print_line(text)?),
    }
}
