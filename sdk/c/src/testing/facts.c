/* What the gate does in a component: facts and logs, from memory. */

#include <stdio.h>
#include <stdlib.h>

#include "../../include/gatewright_testing.h"
#include "../document.h"
#include "../stop.h"

/* How many calls of a session the gate keeps. */
#define GW_HISTORY_MAX 64

#define GW_FACT(type, function, field)               \
  type function(const gw_request *request) {         \
    return request->field;                           \
  }

GW_FACT(gw_text, gw_agent, agent)
GW_FACT(gw_text, gw_issuer, issuer)
GW_FACT(gw_optional_text, gw_principal, principal)
GW_FACT(gw_optional_text, gw_owner, owner)
GW_FACT(gw_links, gw_chain, chain)
GW_FACT(gw_texts, gw_scopes, scopes)
GW_FACT(enum gw_proof, gw_proof, proof)
GW_FACT(uint64_t, gw_expires_at, expires_at)
GW_FACT(gw_claim_list, gw_claims, claims)
GW_FACT(enum gw_purpose, gw_purpose, purpose)
GW_FACT(gw_text, gw_method, method)
GW_FACT(gw_text, gw_server, server)
GW_FACT(gw_text, gw_name, name)
GW_FACT(unsigned, gw_hints, hints)
GW_FACT(gw_texts, gw_targets, targets)
GW_FACT(gw_texts, gw_contents, contents)
GW_FACT(gw_optional_text, gw_definition, definition)
GW_FACT(uint64_t, gw_at, at)
GW_FACT(gw_text, gw_decision, decision)
GW_FACT(gw_text, gw_session, session)
GW_FACT(gw_session_labels, gw_labels, labels)
GW_FACT(gw_approval_list, gw_approvals, approvals)
GW_FACT(gw_document *, gw_arguments, arguments)

gw_texts gw_claim_named(const gw_request *request, gw_text name) {
  for (size_t i = 0; i < request->claims.count; i++) {
    if (gw_equal(request->claims.at[i].name, name)) return request->claims.at[i].values;
  }
  return gw_no_texts();
}

bool gw_has_label_named(const gw_request *request, gw_text name) {
  for (size_t i = 0; i < request->labels.count; i++) {
    if (gw_equal(request->labels.at[i].name, name)) return true;
  }
  return false;
}

gw_past_calls gw_history(const gw_request *request, uint32_t limit) {
  size_t count = limit < GW_HISTORY_MAX ? limit : GW_HISTORY_MAX;
  return (gw_past_calls){request->history.at, count < request->history.count ? count : request->history.count};
}

gw_budget_reading gw_budget_named(const gw_request *request, gw_text name, gw_text key) {
  for (size_t i = 0; i < request->budgets.count; i++) {
    const gw_test_budget_at *budget = &request->budgets.at[i];
    if (gw_equal(budget->name, name) && gw_equal(budget->key, key)) return budget->reading;
  }
  gw_fail(gw_concat("no budget `", name, "` is set for the key `", key, "`"));
}

static gw_node gw_node_about(const gw_request *request, gw_optional_text json) {
  gw_tree *tree = json.is_some ? gw_json_read(json.text) : NULL;
  if (json.is_some && tree == NULL) gw_fail(gw_concat("`", json.text, "` is not JSON"));
  return (gw_node){.is_some = json.is_some, .place = (uintptr_t)tree, .document = request->arguments};
}

gw_node gw_schema(const gw_request *request) {
  return gw_node_about(request, request->schema);
}

gw_node gw_claimed(const gw_request *request) {
  return gw_node_about(request, request->claimed);
}

enum gw_response_kind gw_response_kind(const gw_response *response) {
  return response->kind;
}

gw_text gw_response_method(const gw_response *response) {
  return response->method;
}

bool gw_is_error(const gw_response *response) {
  gw_value says = gw_response_value(response, "/isError");
  if (response->kind == GW_RESPONSE_FINAL) return says.kind == GW_BOOLEAN && says.boolean;
  return response->kind == GW_RESPONSE_ERROR;
}

gw_document *gw_body(const gw_response *response) {
  return response->body;
}

void gw_log(enum gw_level level, gw_text message) {
  static const char *const levels[] = {"debug", "info", "warn"};
  fprintf(stderr, "%s: %.*s\n", levels[level], (int)message.length, message.at);
}

_Noreturn void gw_stop(gw_text message) {
  gw_log_warn(message);
  abort();
}
