/* The layout of the contract's records and variants (`wit/policy.wit`) in memory
 * is the layout of the public structs. */

#include "source.h"

#define GW_AT(type, field, offset) \
  _Static_assert(offsetof(type, field) == (offset), #type "." #field " is not where the canonical ABI has it")
#define GW_SIZE(type, bytes) \
  _Static_assert(sizeof(type) == (bytes), #type " has not the size that the canonical ABI gives it")

GW_SIZE(gw_text, 8);
GW_SIZE(gw_optional_text, 12);
GW_AT(gw_optional_text, text, 4);
GW_AT(gw_subject, principal, 16);
GW_AT(gw_subject, owner, 28);
GW_AT(gw_subject, delegation, 40);
GW_AT(gw_subject, scopes, 48);
GW_AT(gw_subject, proof, 56);
GW_AT(gw_subject, expires_at, 64);
GW_SIZE(gw_subject, 72);
GW_AT(gw_request, action, 72);
GW_AT(gw_action, hints, 24);
GW_AT(gw_request, context, 104);
GW_AT(gw_context, approvers, 24);
GW_AT(gw_request, arguments, 136);
GW_AT(gw_past_call, outcome, 32);
GW_SIZE(gw_past_call, 40);
GW_AT(gw_gate_value, value, 8);
GW_SIZE(gw_gate_value, 24);
GW_SIZE(gw_gate_result, 12);
GW_AT(gw_verdict, deny, 4);
GW_AT(gw_denial, message, 4);
GW_AT(gw_denial, scopes, 12);
GW_AT(gw_approval_request, quorum, 24);
GW_AT(gw_approval_request, ttl_seconds, 28);
GW_SIZE(gw_verdict, 36);
GW_AT(gw_quota, window_seconds, 24);
GW_AT(gw_obligation, charge, 8);
GW_SIZE(gw_obligation, 40);
GW_AT(gw_edit, json, 8);
GW_SIZE(gw_edit, 20);
GW_AT(gw_finding, pass, 4);
GW_SIZE(gw_finding, 20);
