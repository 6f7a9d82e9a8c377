//! What a tool server may ask of the agent: sampling, elicitation, roots. The
//! operator says which, for each server; the default is none.

use gatewright_engine::Server;
use gatewright_engine::config::ClientRequest;
use gatewright_policy::json::Value;

/// The method of a server's request, as a record may have it: what the gate does not
/// know may be anything.
pub(crate) fn known_question(method: &str) -> &'static str {
    let known = [
        "ping",
        "sampling/createMessage",
        "elicitation/create",
        "roots/list",
    ];
    let found = known.into_iter().find(|known| *known == method);
    found.unwrap_or("server/request")
}

/// Whether a server may send this request.
pub(crate) fn may_ask(server: &Server, method: &str) -> bool {
    let kind = match method {
        "ping" => return true,
        "sampling/createMessage" => ClientRequest::Sampling,
        "elicitation/create" => ClientRequest::Elicitation,
        "roots/list" => ClientRequest::Roots,
        _unknown => return false,
    };
    server.client_requests.contains(&kind)
}

/// The first request inside an `input_required` result that the server may not
/// send.
pub(crate) fn refused_input(server: &Server, result: Value<'_>) -> Option<String> {
    let requests = result.get("inputRequests")?;
    requests.members().find_map(|(_, request)| {
        let method = request.get("method").and_then(|method| method.as_text());
        let method = method.unwrap_or_default();
        let refused = method == "ping" || !may_ask(server, &method);
        refused.then(|| method.into_owned())
    })
}
