//! What the console shows of the gate itself.

use gatewright_engine::{Engine, Status, Transport};

/// The gate at one time.
pub struct GateView {
    /// What is active, and what went wrong.
    pub status: Status,
    /// Its tool servers, by name.
    pub servers: Vec<ServerView>,
}

/// A tool server.
pub struct ServerView {
    /// Its name.
    pub name: String,
    /// How it is reached, without anything secret.
    pub reached: String,
}

impl GateView {
    /// What an engine says now.
    pub fn of(engine: &Engine) -> Self {
        let snapshot = engine.snapshot();
        let servers = snapshot.servers().map(|server| ServerView {
            name: server.name.to_string(),
            reached: match &server.transport {
                // Arguments may hold secrets; the program does not.
                Transport::Stdio { command, .. } => {
                    let program = command.first().map_or("", String::as_str);
                    format!("runs {program}")
                }
                Transport::Http { url, .. } => without_secrets(url).to_owned(),
            },
        });
        let mut servers: Vec<_> = servers.collect();
        servers.sort_by(|one, other| one.name.cmp(&other.name));
        Self {
            status: engine.status(),
            servers,
        }
    }
}

/// A URL without query, which may hold a key.
fn without_secrets(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}
