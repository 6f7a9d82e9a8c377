//! What a tool server may ask of the agent: sampling, elicitation, roots. The
//! operator says which, for each server; the default is none.

use gatewright_engine::Server;
use gatewright_engine::config::ClientRequest;
use gatewright_policy::json::Value;

/// The error of 2025-11-25 for a call that needs a person at a URL first.
pub(crate) const URL_ELICITATION_REQUIRED: i64 = -32_042;

/// What asks a person something.
const ELICITATION: &str = "elicitation/create";

/// The method of a server's request, as a record may have it: what the gate does not
/// know may be anything.
pub(crate) fn known_question(method: &str) -> &'static str {
    let known = ["ping", "sampling/createMessage", ELICITATION, "roots/list"];
    let found = known.into_iter().find(|known| *known == method);
    found.unwrap_or("server/request")
}

/// Whether a server may send this request.
pub(crate) fn may_ask(server: &Server, method: &str) -> bool {
    let kind = match method {
        "ping" => return true,
        "sampling/createMessage" => ClientRequest::Sampling,
        ELICITATION => ClientRequest::Elicitation,
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

/// The request inside an error, if the server may not send it: one that sends a person to
/// a URL asks as much as an elicitation does, and looks like the gate's own.
pub(crate) fn refused_error(server: &Server, error: Value<'_>) -> Option<String> {
    let code = error.get("code").and_then(|code| code.as_i64());
    let data = error.get("data");
    let asks = code == Some(URL_ELICITATION_REQUIRED)
        || data.is_some_and(|data| data.get("elicitations").is_some());
    (asks && !may_ask(server, ELICITATION)).then(|| ELICITATION.to_owned())
}
