//! Where the page of an agent is.

use gatewright_policy::agent::AgentKey;

/// The page of an agent.
pub(crate) fn agent_path(agent: &AgentKey) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("id", &agent.id);
    query.append_pair("issuer", &agent.issuer);
    format!("/agents/one?{}", query.finish())
}
