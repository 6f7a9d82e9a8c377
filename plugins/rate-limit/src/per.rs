//! What has a counter of its own.

use gatewright_sdk::Request;
use serde::Deserialize;
use serde_json::{Value, json};

/// What has a counter of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// Each agent, of each issuer, together with all that it handed its rights on to.
    Agent,
    /// Each person or organisation that agents act for, whichever agent it is.
    Principal,
    /// Each session.
    Session,
    /// Each tool server.
    Server,
    /// Each tool and each prompt. What an agent could make up names for, such as
    /// resources, is counted by method: nobody gets a new counter for a new name.
    Tool,
}

impl Per {
    /// Whose counter a call is charged to: as JSON, no two are alike.
    pub(crate) fn key(self, request: &Request) -> Value {
        match self {
            Self::Agent => agent(request),
            Self::Principal => match request.principal() {
                Some(principal) => json!(principal),
                // Who acts for nobody has a counter of its own.
                None => json!({ "agent": agent(request) }),
            },
            Self::Session => json!(request.session()),
            Self::Server => json!(request.server()),
            Self::Tool => {
                let (method, server) = (request.method(), request.server());
                match method.as_str() {
                    "tools/call" | "prompts/get" => json!([method, server, request.name()]),
                    _ => json!([method, server]),
                }
            }
        }
    }
}

fn agent(request: &Request) -> Value {
    json!(request.first_agent())
}
