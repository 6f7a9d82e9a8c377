//! What the clients of this machine have: their files, and the tool servers in them.

use std::collections::BTreeSet;
use std::path::Path;

use gatewright_engine::config::Loaded;

use super::document::Entry;
use super::files::ClientFile;
use super::launch::Meaning;
use super::places::Place;
use super::servers::Servers;
use super::stood::{Stood, understood};
use super::undo::replaced;

/// How an entry stands.
pub(super) enum Stand {
    /// It leads to a gate already.
    Gated,
    /// It stays as it is, and why.
    Left(String),
    /// It is this one of the servers.
    Server(usize),
}

/// A file, and how each of its entries stands.
pub(super) struct Surveyed {
    pub(super) file: ClientFile,
    pub(super) stands: Vec<Stand>,
}

/// All of it.
pub(super) struct Survey {
    pub(super) files: Vec<Surveyed>,
    /// Files that are not understood, and why.
    pub(super) refused: Vec<(Place, String)>,
    pub(super) servers: Servers,
}

impl Survey {
    /// Reads every file that is there.
    pub(super) fn of(places: Vec<Place>, home: &Path, existing: Option<&Loaded>) -> Self {
        let mut survey = Self {
            files: Vec::new(),
            refused: Vec::new(),
            servers: Servers::of(existing),
        };
        let mut seen = BTreeSet::new();
        for place in places {
            match ClientFile::read(place) {
                None => {}
                Some(Err(refused)) => survey.refused.push(refused),
                // One file by two ways.
                Some(Ok(file)) if !seen.insert(file.real.clone()) => {}
                Some(Ok(file)) => survey.take(file, home, existing.is_some()),
            }
        }
        survey
    }

    fn take(&mut self, file: ClientFile, home: &Path, is_configured: bool) {
        let shown = file.place.path.display().to_string();
        // Where what was kept says nothing, nothing was replaced.
        let kept = file.kept().ok().flatten();
        let stood = Stood::new(is_configured.then_some(&self.servers), home);
        let stood = |old: &Entry| stood.before(&file.place, old);
        let kept = kept.map(|kept| replaced(file.place.client, (&file.text, &kept), &stood));
        let replaced = kept.and_then(Result::ok).unwrap_or_default();
        let mut stands = Vec::new();
        for entry in &file.entries {
            let environment = |name: &str| std::env::var(name).ok();
            stands.push(match understood(&file.place, entry, home, &environment) {
                Meaning::Gated => Stand::Gated,
                Meaning::Left(why) => Stand::Left(why),
                Meaning::Server(..) if replaced.contains(&entry.path) => {
                    let (name, kept) = (entry.name(), file.kept_at());
                    Stand::Left(format!(
                        "it was replaced by hand after a gate stood before it; hint: to put it \
                         behind the gate, take `{name}` out of `{}`, and run this again",
                        kept.display()
                    ))
                }
                Meaning::Server(launch, secrets) => {
                    Stand::Server(self.servers.take(entry.name(), launch, secrets, &shown))
                }
            });
        }
        self.files.push(Surveyed { file, stands });
    }
}
