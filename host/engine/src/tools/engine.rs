//! What a listener asks of the engine about tools.

use std::sync::Arc;

use super::learn::{Listed, Shown, learn};
use super::listing::{ListedServer, ToolDetail, detail, of_server};
use super::operator::{AskedPin, PinError, pin};
use super::seen::Given;
use crate::config::Definitions;
use crate::engine::Engine;
use crate::snapshot::Server;

impl Engine {
    /// Whether a server should be asked for its tools before one of them is called.
    pub fn wants_look(&self, server: &Server) -> bool {
        server.definitions() != Definitions::Off
            && self.agents().tools().wants_look(server, self.now())
    }

    /// Takes in what a server lists; gives for each entry what an agent may see of it.
    pub async fn learn_tools(
        &self,
        server: &Arc<Server>,
        listed: Vec<Listed>,
        given: Given,
    ) -> Vec<Shown> {
        learn(&self.recorder, server, listed, given).await
    }

    /// The tools of every server, or of one.
    pub fn list_tools(&self, only: Option<&str>) -> Vec<ListedServer> {
        let snapshot = self.snapshot();
        let at = self.now();
        let servers = snapshot.servers();
        let servers = servers.filter(|server| only.is_none_or(|only| *server.name == *only));
        let mut listed: Vec<_> = servers
            .map(|server| of_server(server, self.agents(), at))
            .collect();
        listed.sort_by(|one, other| one.server.cmp(&other.server));
        listed
    }

    /// One tool with both of its definitions; none where there is no such server.
    pub fn show_tool(&self, server: &str, tool: &str) -> Option<ToolDetail> {
        let snapshot = self.snapshot();
        let server = snapshot.server(server)?;
        Some(detail(server, tool, self.agents(), self.now()))
    }

    /// Pins tools as an operator asks, and gives how many pins that changed. Once begun it
    /// goes on, whether anybody waits for it or not.
    pub async fn pin_tools(&self, asked: AskedPin) -> Result<usize, PinError> {
        let snapshot = self.snapshot();
        let server = snapshot.server(&asked.server).ok_or(PinError::Server)?;
        pin(&self.recorder, server, asked).await
    }
}
