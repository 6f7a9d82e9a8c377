/* What a policy can see, as text. */

#include "show.h"

gw_text show_value(gw_value value) {
  switch (value.kind) {
    case GW_MISSING: return gw_text_of("missing");
    case GW_NULL: return gw_text_of("null");
    case GW_BOOLEAN: return gw_text_of(value.boolean ? "boolean true" : "boolean false");
    case GW_INTEGER: return gw_concat("integer ", value.integer);
    case GW_NUMBER: return gw_concat("number ", value.text);
    case GW_TEXT: return gw_concat("text ", value.text);
    case GW_ARRAY: return gw_concat("array ", value.count);
    case GW_OBJECT: return gw_concat("object ", value.count);
  }
  return gw_text_of("");
}

static gw_text or_dash(gw_optional_text text) {
  return text.is_some ? text.text : gw_text_of("-");
}

/* Text that stands behind a mark, or nothing. */
static gw_text marked(const char *mark, gw_optional_text text, const char *end) {
  return text.is_some ? gw_concat(mark, text.text, end) : gw_text_of("");
}

static gw_text show_chain(gw_links chain) {
  gw_text *links = gw_allocate(chain.count * sizeof *links);
  for (size_t i = 0; i < chain.count; i++) {
    links[i] = gw_concat(chain.at[i].id, marked("<", chain.at[i].issuer, ">"));
  }
  return gw_join(gw_texts_in(links, chain.count), ",");
}

gw_text show_caller(const gw_request *request) {
  static const char *const proofs[] = {"none", "bearer", "sender", "call"};
  gw_texts parts = gw_texts_of(gw_agent(request), gw_issuer(request), or_dash(gw_principal(request)),
                               or_dash(gw_owner(request)), show_chain(gw_chain(request)),
                               gw_join(gw_scopes(request), ","), proofs[gw_proof(request)], gw_expires_at(request));
  return gw_join(parts, "|");
}

gw_text show_claims(const gw_request *request, gw_text name) {
  gw_claim_list claims = gw_claims(request);
  gw_text *texts = gw_allocate(claims.count * sizeof *texts);
  for (size_t i = 0; i < claims.count; i++) {
    texts[i] = gw_concat(claims.at[i].name, "=", gw_join(claims.at[i].values, "+"));
  }
  return gw_concat(gw_join(gw_texts_in(texts, claims.count), ","), "|", gw_join(gw_claim(request, name), "+"));
}

static gw_text show_hints(unsigned hints) {
  static const char *const names[] = {"read-only", "destructive", "idempotent", "open-world", "untrusted", "sensitive"};
  gw_text set[6];
  size_t count = 0;
  for (int flag = 0; flag < 6; flag++) {
    if (hints & (1u << flag)) set[count++] = gw_text_of(names[flag]);
  }
  return gw_join(gw_texts_in(set, count), ",");
}

gw_text show_action(const gw_request *request) {
  static const char *const purposes[] = {"call", "listing"};
  gw_texts parts = gw_texts_of(purposes[gw_purpose(request)], gw_method(request), gw_server(request), gw_name(request),
                               show_hints(gw_hints(request)), gw_join(gw_targets(request), ","),
                               gw_join(gw_contents(request), ","));
  return gw_join(parts, "|");
}

gw_text show_tool(const gw_request *request) {
  gw_texts parts = gw_texts_of(or_dash(gw_definition(request)), or_dash(gw_node_json(gw_schema(request))),
                               or_dash(gw_node_json(gw_claimed(request))));
  return gw_join(parts, "|");
}

static gw_text show_labels(gw_session_labels labels) {
  gw_text *texts = gw_allocate(labels.count * sizeof *texts);
  for (size_t i = 0; i < labels.count; i++) {
    gw_optional_time at = labels.at[i].at;
    gw_text time = at.is_some ? gw_concat("@", at.time) : gw_text_of("");
    texts[i] = gw_concat(labels.at[i].name, marked("<", labels.at[i].source, ""), time);
  }
  return gw_join(gw_texts_in(texts, labels.count), ",");
}

static gw_text show_approvals(gw_approval_list approvals) {
  gw_text *texts = gw_allocate(approvals.count * sizeof *texts);
  for (size_t i = 0; i < approvals.count; i++) {
    const gw_approval *approval = &approvals.at[i];
    texts[i] = gw_concat(approval->by, ":", gw_join(approval->roles, "+"), ":", approval->at, ":", approval->method);
  }
  return gw_join(gw_texts_in(texts, approvals.count), ",");
}

gw_text show_context(const gw_request *request) {
  gw_texts parts = gw_texts_of(gw_at(request), gw_session(request), show_labels(gw_labels(request)),
                               show_approvals(gw_approvals(request)));
  return gw_join(parts, "|");
}

gw_text show_budget(gw_budget_reading budget) {
  return gw_concat(budget.limit, " ", budget.window_seconds, " ", budget.spent);
}

static gw_text show_past_call(const gw_past_call *call) {
  static const char *const outcomes[] = {"allowed", "denied", "held", "failed", "pending"};
  gw_texts parts = gw_texts_of(call->id, call->at, call->method, call->server, call->name, outcomes[call->outcome],
                               or_dash(call->reason));
  return gw_join(parts, " ");
}

gw_text show_history(gw_past_calls calls) {
  gw_text *texts = gw_allocate(calls.count * sizeof *texts);
  for (size_t i = 0; i < calls.count; i++) texts[i] = show_past_call(&calls.at[i]);
  return gw_join(gw_texts_in(texts, calls.count), "|");
}
