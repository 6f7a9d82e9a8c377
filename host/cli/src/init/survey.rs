//! What the clients of this machine have: their files, and the tool servers in them.

use std::collections::BTreeSet;
use std::path::Path;

use gatewright_engine::config::Loaded;

use super::files::ClientFile;
use super::launch::{Meaning, Surroundings, meaning};
use super::places::Place;
use super::servers::Servers;
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
                Some(Ok(file)) => survey.take(file, home),
            }
        }
        survey
    }

    fn take(&mut self, file: ClientFile, home: &Path) {
        let shown = file.place.path.display().to_string();
        // Where what was kept says nothing, nothing was replaced.
        let kept = file.kept().ok().flatten();
        let kept = kept.map(|kept| replaced(file.place.client, &file.text, &kept));
        let replaced = kept.and_then(Result::ok).unwrap_or_default();
        let mut stands = Vec::new();
        for entry in &file.entries {
            // Claude Code keeps those of one project below its folder.
            let project = match entry.path.as_slice() {
                [projects, project, _, _] if projects == "projects" => Some(Path::new(project)),
                _ => file.place.project.as_deref(),
            };
            let around = Surroundings {
                client: file.place.client,
                home,
                project,
                environment: &|name: &str| std::env::var(name).ok(),
            };
            stands.push(match meaning(&entry.value, around) {
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
