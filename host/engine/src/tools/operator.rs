//! What an operator says about tools.

use std::sync::Arc;

use gatewright_policy::Digest;
use gatewright_policy::agent::{Change, ToolPin, What};
use serde::Deserialize;

use super::learn::in_changes;
use crate::agents::{OperatorError, make};
use crate::recorder::Recorder;
use crate::snapshot::Server;

/// Tools that an operator pins.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedPin {
    /// Who asks.
    pub by: String,
    /// Why.
    pub why: String,
    /// The tool server.
    pub server: String,
    /// Which tools, each as the operator saw it.
    pub tools: Vec<AskedTool>,
}

/// A tool, and which definition of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedTool {
    /// Its name.
    pub name: String,
    /// Digest of the definition.
    pub digest: Digest,
}

/// Why nothing is pinned.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// There is no such server.
    #[error("no tool server has this name")]
    Server,
    /// Nobody saw this definition here.
    #[error("`{0}` has no such definition here; hint: see `gatewright tools list`")]
    Unseen(String),
    /// It cannot be, or was not recorded.
    #[error(transparent)]
    Change(#[from] OperatorError),
}

/// Pins what its server says now, or what is pinned already: then it is said anew that this
/// is what it should be.
pub(super) async fn pin(
    recorder: &Arc<Recorder>,
    server: &Server,
    asked: AskedPin,
) -> Result<usize, PinError> {
    let at = recorder.now();
    let mut tools = Vec::with_capacity(asked.tools.len());
    for tool in asked.tools {
        let agents = recorder.memory.agents();
        let registry = agents.registry();
        let pinned = registry.tool(&server.name, &tool.name);
        let pinned = pinned.map(|it| Arc::clone(&it.definition));
        let claimed = agents.tools().tool(server, &tool.name, at).definition;
        let known = claimed.into_iter().chain(pinned);
        let known = known.filter(|it| it.digest == tool.digest);
        // The one that says most.
        let known = known.max_by_key(|it| it.text().len());
        let definition = known.ok_or_else(|| PinError::Unseen(tool.name.clone()))?;
        tools.push(ToolPin {
            server: server.name.to_string(),
            name: tool.name,
            digest: tool.digest,
            definition: definition.text().to_owned(),
        });
    }
    let mut changed = 0;
    for tools in in_changes(tools) {
        let change = Change {
            by: asked.by.clone(),
            why: asked.why.clone(),
            from_file: false,
            what: What::Pin {
                tools,
                first_sight: false,
            },
        };
        changed += make(recorder, change).await?;
    }
    Ok(changed)
}
