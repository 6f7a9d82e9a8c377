//! What the gate's configuration would be: it is read, compiled and configured before
//! anybody sees it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::Context as _;
use gatewright_disk::{Access, Disk as _, Files, create, folder_of, replace_in_kind};
use gatewright_engine::config::Loaded;
use tempfile::TempDir;

use super::ask;
use super::config::{self, Guards, Reader};
use super::guards;
use super::offer::Offer;
use super::policies::{self, ALLOW_FILE, FOLDER, Shelf};
use super::servers::{Server, Servers};
use crate::rehearsal::Rehearsal;

/// A configuration that is good, and not written yet.
pub(super) struct Proposal {
    /// What each new server has, by its place.
    pub(super) offers: BTreeMap<usize, Offer>,
    /// Why a server cannot stand behind the gate, by its place.
    pub(super) reasons: BTreeMap<usize, String>,
    /// What would be added, for a terminal; empty where there is nothing to add.
    pub(super) shown: String,
    /// What stands already.
    standing: Option<String>,
    /// The whole configuration.
    text: String,
    /// Files of policies, and what is in them.
    policies: BTreeMap<String, Vec<u8>>,
}

impl Proposal {
    /// Asks every new server, and puts the configuration together: with what stands already
    /// before it, if anything does.
    pub(super) async fn of(
        servers: &Servers,
        standing: Option<&str>,
        shelf: &Shelf,
    ) -> anyhow::Result<Self> {
        let folder = TempDir::with_prefix("gatewright-")?;
        let mut reasons = BTreeMap::new();
        let mut asked = Vec::new();
        for (place, server) in servers.all().iter().enumerate() {
            if server.is_known {
                continue;
            }
            match ask::is_possible(server, folder.path()) {
                Ok(()) => asked.push((place, server)),
                Err(why) => {
                    reasons.insert(place, why);
                }
            }
        }
        let offers = offers(&asked, folder.path(), &mut reasons).await?;
        let mut parts = Parts {
            standing: standing.is_some(),
            shelf,
            policies: BTreeMap::new(),
        };
        let new = asked.iter().filter_map(|(place, server)| {
            let offer = offers.get(place)?;
            Some((*server, offer))
        });
        let new: Vec<_> = new.collect();
        let shown = parts.text(&new, Reader::Terminal)?;
        let added = parts.text(&new, Reader::Gate)?;
        let policies = parts.policies;
        if !new.is_empty() {
            is_good(&added, standing.is_some(), &policies, folder.path()).await?;
        }
        Ok(Self {
            text: format!("{}{added}", standing.unwrap_or_default()),
            standing: standing.map(str::to_owned),
            offers,
            reasons,
            shown,
            policies,
        })
    }

    /// Whether there was none before.
    pub(super) const fn is_new(&self) -> bool {
        self.standing.is_none()
    }

    /// Writes it, with the policies that it names. One that is there already stays.
    pub(super) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let folder = folder_of(path);
        Files.create_folders(folder, Access::Owner)?;
        let policies = folder.join(FOLDER);
        Files.create_folder(&policies)?;
        for (name, bytes) in &self.policies {
            let file = policies.join(name);
            if !file.exists() {
                create(&file, Access::Owner, bytes)
                    .with_context(|| format!("`{}` cannot be written", file.display()))?;
            }
        }
        Loaded::read_text(path, self.text.clone())?;
        let bytes = self.text.as_bytes();
        let written = match &self.standing {
            None => create(path, Access::Owner, bytes),
            // Where it is a link, that stays.
            Some(standing) if fs::read(path)? == standing.as_bytes() => {
                fs::canonicalize(path).and_then(|real| replace_in_kind(&real, bytes))
            }
            Some(_) => Err(io::Error::other("it was changed meanwhile: run this again")),
        };
        written.with_context(|| format!("`{}` cannot be written", path.display()))
    }
}

async fn offers(
    asked: &[(usize, &Server)],
    folder: &Path,
    reasons: &mut BTreeMap<usize, String>,
) -> anyhow::Result<BTreeMap<usize, Offer>> {
    let mut offers = BTreeMap::new();
    if asked.is_empty() {
        return Ok(offers);
    }
    let names: Vec<_> = asked
        .iter()
        .map(|(_, server)| server.name.as_str())
        .collect();
    eprintln!("asking for tools: {}", names.join(", "));
    let servers: Vec<_> = asked.iter().map(|(_, server)| *server).collect();
    let answers = ask::ask(&servers, folder).await?;
    for ((place, _), answer) in asked.iter().zip(answers) {
        match answer {
            Ok(offer) if offer.names().is_empty() => {
                reasons.insert(*place, "it lists nothing".to_owned());
            }
            Ok(offer) => {
                offers.insert(*place, offer);
            }
            Err(why) => {
                reasons.insert(*place, format!("it cannot be asked for its tools: {why}"));
            }
        }
    }
    Ok(offers)
}

/// What the text of a configuration is put together from.
struct Parts<'a> {
    /// Whether there is a configuration already that says who calls.
    standing: bool,
    shelf: &'a Shelf,
    policies: BTreeMap<String, Vec<u8>>,
}

impl Parts<'_> {
    fn text(&mut self, new: &[(&Server, &Offer)], reader: Reader) -> anyhow::Result<String> {
        let mut text = String::new();
        if new.is_empty() {
            return Ok(text);
        }
        if !self.standing {
            let at_hand = match self.has(guards::of_results().policy)? {
                true => Guards::OfResults,
                false if self.shelf.is_empty() => Guards::None,
                false => Guards::Others,
            };
            text.push_str(&config::header(principal().as_deref(), at_hand));
        }
        self.policies
            .insert(ALLOW_FILE.to_owned(), policies::allow()?);
        for (server, offer) in new {
            let tools: Vec<_> = offer.tools.iter().map(|(name, _)| name.clone()).collect();
            let mut at_hand = Vec::new();
            for guard in guards::of(&server.launch, &tools) {
                if self.has(guard.policy)? {
                    at_hand.push(guard);
                }
            }
            text.push_str(&config::block(server, offer, &at_hand, reader));
        }
        Ok(text)
    }

    /// Whether the component of a guard is at hand; it is taken then.
    fn has(&mut self, policy: &str) -> anyhow::Result<bool> {
        if self.shelf.file(policy).is_none() {
            return Ok(false);
        }
        let bytes = self.shelf.read(policy)?;
        self.policies.insert(format!("{policy}.wasm"), bytes);
        Ok(true)
    }
}

/// A gate would start with it: its policies compile, and take their settings. What was
/// compiled is kept, so that the first start of a client is quick.
async fn is_good(
    added: &str,
    standing: bool,
    policies: &BTreeMap<String, Vec<u8>>,
    folder: &Path,
) -> anyhow::Result<()> {
    let beside = folder.join(FOLDER);
    Files.create_folder(&beside)?;
    for (name, bytes) in policies {
        create(&beside.join(name), Access::Owner, bytes)?;
    }
    // What stands already is not in the way of what is new.
    let text = match standing {
        true => format!("{}{added}", config::header(None, Guards::Others)),
        false => added.to_owned(),
    };
    let loaded = Loaded::read_text(&folder.join("gatewright.toml"), text)?;
    Rehearsal::of(loaded).await?;
    Ok(())
}

/// Whom the agent acts for: whoever is at the desk.
fn principal() -> Option<String> {
    let user = std::env::var("USER").ok()?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_name = !user.is_empty() && user.len() <= 64 && user.chars().all(is_plain);
    is_name.then(|| format!("user:{user}"))
}
