//! Spans, named as OpenTelemetry's conventions for MCP name them, at the level
//! `debug`: made for every call, they cost more than a decision. Arguments,
//! results and credentials never enter one.

use std::borrow::Cow;

use gatewright_engine::Heard;
use gatewright_policy::{Reason, Request};
use tracing::field::Empty;
use tracing::{Span, debug_span};

use crate::asked::Asked;
use crate::era::supported;
use crate::method::heard_method;

/// The span of one message of an agent.
pub(crate) fn server_span() -> Span {
    debug_span!(
        "mcp.server",
        otel.name = Empty,
        otel.kind = "server",
        mcp.method.name = Empty,
        gen_ai.operation.name = Empty,
        gen_ai.tool.name = Empty,
        jsonrpc.request.id = Empty,
        mcp.protocol.version = Empty,
        error.type = Empty,
        gatewright.server = Empty,
        gatewright.decision = Empty,
        gatewright.reason = Empty,
        gatewright.generation = Empty,
    )
}

/// The span of what goes on to the tool server.
pub(crate) fn client_span(request: &Request) -> Span {
    let action = &request.action;
    debug_span!(
        "mcp.client",
        otel.name = format!("{} {}", action.method, action.name).trim_end(),
        otel.kind = "client",
        mcp.method.name = action.method,
        gen_ai.tool.name = action.name,
        gatewright.server = &*action.server,
    )
}

/// Says what the current span is about.
pub(crate) fn record_asked(asked: &Asked, generation: u64) {
    let span = Span::current();
    if span.is_disabled() {
        return;
    }
    // What nobody knows may be anything, a credential too.
    let method = match heard_method(&asked.method) {
        Heard::Known(method) => method,
        Heard::Foreign(_) => Cow::Borrowed("unknown"),
    };
    let grant = asked.grant.as_ref();
    let covered = grant.is_some_and(|grant| grant.covers(&asked.server_label, &asked.name));
    let name = if covered { asked.name.as_str() } else { "" };
    span.record("otel.name", format!("{method} {name}").trim_end());
    span.record("mcp.method.name", &*method);
    span.record("gatewright.server", asked.server_label.as_ref());
    span.record("gatewright.generation", generation);
    if asked.is_tool_call {
        span.record("gen_ai.operation.name", "execute_tool");
        span.record("gen_ai.tool.name", name);
    }
    if let Some(id) = &asked.id {
        span.record("jsonrpc.request.id", id.to_string());
    }
    if let Some(version) = &asked.version
        && supported().any(|known| known == *version)
    {
        span.record("mcp.protocol.version", version.as_str());
    }
}

/// Says that the current span ended in a refusal.
pub(crate) fn record_refusal(decision: &str, reason: Reason) {
    let span = Span::current();
    span.record("gatewright.decision", decision);
    span.record("gatewright.reason", reason.code());
    span.record("error.type", reason.code());
}

/// Says that the current span ended badly.
pub(crate) fn record_error(kind: &str) {
    Span::current().record("error.type", kind);
}
