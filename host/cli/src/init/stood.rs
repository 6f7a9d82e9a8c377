//! Whether a gate stood before an entry of a client. Nobody notes that: but the gate's
//! configuration has what the entry started or reached.

use std::path::Path;

use super::document::Entry;
use super::launch::{Meaning, Surroundings, meaning};
use super::places::Place;
use super::servers::Servers;
use super::variables::Environment;

/// What is known of that.
pub(super) struct Stood<'a> {
    /// Those of the gate's configuration; none where there is no such configuration.
    servers: Option<&'a Servers>,
    home: &'a Path,
}

/// What an entry of a file starts or reaches.
pub(super) fn understood(
    place: &Place,
    entry: &Entry,
    home: &Path,
    environment: &Environment,
) -> Meaning {
    // Claude Code keeps those of one project below its folder.
    let project = match entry.path.as_slice() {
        [projects, project, _, _] if projects == "projects" => Some(Path::new(project)),
        _ => place.project.as_deref(),
    };
    let around = Surroundings {
        client: place.client,
        home,
        project,
        environment,
    };
    meaning(&entry.value, around)
}

// === impl Stood ===

impl<'a> Stood<'a> {
    pub(super) fn new(servers: Option<&'a Servers>, home: &'a Path) -> Self {
        Self { servers, home }
    }

    /// Whether one may have stood before this entry.
    pub(super) fn before(&self, place: &Place, entry: &Entry) -> bool {
        let Some(servers) = self.servers else {
            return true;
        };
        // Which variables there are today says nothing of then.
        let environment = |_name: &str| Some(String::new());
        match understood(place, entry, self.home, &environment) {
            Meaning::Server(launch, _secrets) => servers.has(&launch),
            Meaning::Gated | Meaning::Left(_) => false,
        }
    }
}
