//! The tool servers of all clients together: what two clients start in the same way is one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gatewright_engine::config::{Loaded, ServerConfig};

use super::launch::{Header, Launch, Secrets};
use super::rewrite::variable;

/// A tool server of the gate.
pub(super) struct Server {
    pub(super) name: String,
    pub(super) launch: Launch,
    pub(super) secrets: Secrets,
    /// The files that have it.
    pub(super) files: BTreeSet<String>,
    /// Whether the gate's configuration has it already.
    pub(super) is_known: bool,
}

/// All of them, in the order in which they were found.
#[derive(Default)]
pub(super) struct Servers {
    all: Vec<Server>,
    taken: BTreeSet<String>,
}

/// Longest name of a server here: those of its bindings are longer.
const NAME_MAX: usize = 40;

impl Servers {
    /// Those that a configuration has.
    pub(super) fn of(loaded: Option<&Loaded>) -> Self {
        let mut servers = Self::default();
        for config in loaded.iter().flat_map(|loaded| &loaded.config.servers) {
            let name = config.name.get_ref().clone();
            servers.taken.insert(name.clone());
            if let Some(launch) = loaded.and_then(|loaded| launch(loaded, config)) {
                servers.all.push(Server {
                    name,
                    launch,
                    secrets: Secrets::default(),
                    files: BTreeSet::new(),
                    is_known: true,
                });
            }
        }
        servers
    }

    /// Takes one that a client's file has; gives its place.
    pub(super) fn take(
        &mut self,
        name: &str,
        launch: Launch,
        secrets: Secrets,
        file: &str,
    ) -> usize {
        let same = self.all.iter().position(|known| known.is_as(&launch));
        if let Some(place) = same {
            if let Some(server) = self.all.get_mut(place) {
                server.files.insert(file.to_owned());
            }
            return place;
        }
        let name = self.free_name(name);
        self.taken.insert(name.clone());
        self.all.push(Server {
            name,
            launch,
            secrets,
            files: BTreeSet::from([file.to_owned()]),
            is_known: false,
        });
        self.all.len() - 1
    }

    /// Whether the gate's configuration has it.
    pub(super) fn has(&self, launch: &Launch) -> bool {
        let mut known = self.all.iter().filter(|known| known.is_known);
        known.any(|known| known.is_as(launch))
    }

    /// All, by their places.
    pub(super) fn all(&self) -> &[Server] {
        &self.all
    }

    /// A name that the gate takes and that no other server has. A point sets the bindings of
    /// a server apart.
    fn free_name(&self, wanted: &str) -> String {
        let plain = |c: char| match c.is_ascii_alphanumeric() || "-_".contains(c) {
            true => c,
            false => '-',
        };
        let mut name: String = wanted.chars().take(NAME_MAX).map(plain).collect();
        // It ends where `__` stands in the names of one endpoint for all.
        while name.contains("__") {
            name = name.replace("__", "_");
        }
        let name = match name.trim_matches(['-', '_']) {
            "" => "server",
            name => name,
        };
        let is_free = |name: &String| !self.taken.contains(name);
        let numbered = (2..=usize::MAX).map(|number| format!("{name}-{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        names.find(is_free).unwrap_or_default()
    }
}

impl Server {
    /// Whether starting or reaching both is the same.
    fn is_as(&self, other: &Launch) -> bool {
        match (&self.launch, other) {
            (
                Launch::Program {
                    command,
                    directory,
                    variables,
                },
                Launch::Program {
                    command: other_command,
                    directory: other_directory,
                    variables: other_variables,
                },
            ) => {
                let passes = match self.is_known {
                    true => other_variables.is_subset(variables),
                    false => other_variables == variables,
                };
                command == other_command && directory == other_directory && passes
            }
            (known, other) => known == other,
        }
    }
}

/// What a server of a configuration starts or reaches; none where it gets its secret from
/// somewhere else than a client.
fn launch(loaded: &Loaded, config: &ServerConfig) -> Option<Launch> {
    if let Some(command) = &config.command {
        let directory = config.directory.as_ref();
        return Some(Launch::Program {
            command: command.get_ref().clone(),
            directory: loaded.resolve(directory.map_or(Path::new("."), PathBuf::as_path)),
            variables: config.env_pass.iter().cloned().collect(),
        });
    }
    let credential = match &config.credential {
        None => None,
        Some(credential) => {
            let credential = credential.get_ref();
            let is_ours = credential.env.as_deref() == Some(&variable(config.name.get_ref()));
            Some(is_ours.then(|| Header {
                name: credential.header.clone(),
                scheme: credential.scheme.clone(),
            })?)
        }
    };
    Some(Launch::Endpoint {
        url: config.url.as_ref()?.get_ref().clone(),
        credential,
    })
}

#[cfg(test)]
mod tests {
    use gatewright_engine::config::is_server_name;

    use super::Servers;

    #[test]
    fn whatever_a_client_calls_it_the_gate_takes_the_name() {
        let mut servers = Servers::default();
        for (wanted, expected) in [
            ("files", "files"),
            ("files", "files-2"),
            ("My files!", "My-files"),
            ("plugin__git___hub_", "plugin_git_hub"),
            ("", "server"),
            ("__", "server-2"),
        ] {
            let name = servers.free_name(wanted);
            assert!(is_server_name(&name), "{name}");
            assert_eq!(name, expected);
            servers.taken.insert(name);
        }
    }
}
