/* Facts about the call, asked of the gate one by one. */

#include "../../include/gatewright/node.h"
#include "../document.h"
#include "../layout.h"
#include "../place.h"

/* One that the gate writes into memory. */
#define GW_FACT(type, function, import)              \
  type function(const gw_request *request) {         \
    (void)request;                                   \
    type fact;                                       \
    import(&fact);                                   \
    return fact;                                     \
  }

/* One that is a number. */
#define GW_NUMBER_FACT(type, function, import)       \
  type function(const gw_request *request) {         \
    (void)request;                                   \
    return (type)import();                           \
  }

GW_FACT(gw_text, gw_agent, gw_abi_caller_id)
GW_FACT(gw_text, gw_issuer, gw_abi_caller_issuer)
GW_FACT(gw_optional_text, gw_principal, gw_abi_caller_principal)
GW_FACT(gw_optional_text, gw_owner, gw_abi_caller_owner)
GW_FACT(gw_links, gw_chain, gw_abi_caller_chain)
GW_FACT(gw_texts, gw_scopes, gw_abi_caller_scopes)
GW_NUMBER_FACT(enum gw_proof, gw_proof, gw_abi_caller_proof)
GW_NUMBER_FACT(uint64_t, gw_expires_at, gw_abi_caller_expires_at)
GW_FACT(gw_claim_list, gw_claims, gw_abi_caller_claims)

gw_texts gw_claim_named(const gw_request *request, gw_text name) {
  (void)request;
  gw_texts values;
  gw_abi_caller_claim(name.at, name.length, &values);
  return values;
}

GW_NUMBER_FACT(enum gw_purpose, gw_purpose, gw_abi_action_purpose)
GW_FACT(gw_text, gw_method, gw_abi_action_method)
GW_FACT(gw_text, gw_server, gw_abi_action_server)
GW_FACT(gw_text, gw_name, gw_abi_action_name)
GW_NUMBER_FACT(unsigned, gw_hints, gw_abi_action_hints)
GW_FACT(gw_texts, gw_targets, gw_abi_action_targets)
GW_FACT(gw_texts, gw_contents, gw_abi_action_contents)
GW_FACT(gw_optional_text, gw_definition, gw_abi_action_definition)

GW_NUMBER_FACT(uint64_t, gw_at, gw_abi_context_at)
GW_FACT(gw_text, gw_decision, gw_abi_context_decision)
GW_FACT(gw_text, gw_session, gw_abi_context_session)
GW_FACT(gw_session_labels, gw_labels, gw_abi_context_labels)
GW_FACT(gw_approval_list, gw_approvals, gw_abi_context_approvals)

bool gw_has_label_named(const gw_request *request, gw_text name) {
  (void)request;
  return gw_abi_context_has_label(name.at, name.length) != 0;
}

gw_past_calls gw_history(const gw_request *request, uint32_t limit) {
  (void)request;
  gw_past_calls calls;
  gw_abi_history_recent(limit, &calls);
  return calls;
}

gw_budget_reading gw_budget_named(const gw_request *request, gw_text name, gw_text key) {
  (void)request;
  gw_budget_reading budget;
  gw_abi_budget_read(name.at, name.length, key.at, key.length, &budget);
  return budget;
}

/* What cannot be read there is not to be read in the call either. */
static gw_node gw_node_about(const gw_request *request, gw_found found) {
  return (gw_node){.is_some = found.is_some, .place = found.place, .document = gw_arguments(request)};
}

gw_node gw_schema(const gw_request *request) {
  gw_found found;
  gw_abi_action_schema(&found);
  return gw_node_about(request, found);
}

gw_node gw_claimed(const gw_request *request) {
  gw_found found;
  gw_abi_action_claimed(&found);
  return gw_node_about(request, found);
}
