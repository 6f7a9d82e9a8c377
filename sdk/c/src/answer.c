/* Verdicts, obligations, edits and findings. */

#include <string.h>

#include "source.h"

/* How long an approval stays usable when the policy does not say. */
#define GW_TTL_SECONDS 900

gw_verdict gw_abstain(void) {
  return (gw_verdict){.kind = GW_VERDICT_ABSTAIN};
}

gw_verdict gw_allow(void) {
  return (gw_verdict){.kind = GW_VERDICT_ALLOW, .allow = {NULL, 0}};
}

gw_verdict gw_allow_obligations(size_t count, const gw_obligation *obligations) {
  size_t bytes = count * sizeof *obligations;
  return (gw_verdict){.kind = GW_VERDICT_ALLOW, .allow = {memcpy(gw_allocate(bytes), obligations, bytes), count}};
}

gw_verdict gw_deny(gw_denial denial) {
  return (gw_verdict){.kind = GW_VERDICT_DENY, .deny = denial};
}

gw_verdict gw_ask(gw_approval_request request) {
  return (gw_verdict){.kind = GW_VERDICT_ASK, .ask = request};
}

gw_denial gw_denial_of(enum gw_refusal refusal, gw_text message, gw_texts scopes) {
  return (gw_denial){.refusal = (uint8_t)refusal, .message = message, .scopes = scopes};
}

gw_approval_request gw_approval_of(gw_text title, gw_text reason) {
  return (gw_approval_request){.title = title, .reason = reason, .quorum = 1, .ttl_seconds = GW_TTL_SECONDS};
}

gw_obligation gw_charge(gw_quota quota) {
  return (gw_obligation){.kind = GW_CHARGE, .charge = quota};
}

gw_obligation gw_label(gw_texts labels) {
  return (gw_obligation){.kind = GW_LABEL, .label = labels};
}

gw_obligation gw_redact(gw_texts pointers) {
  return (gw_obligation){.kind = GW_REDACT, .redact = pointers};
}

gw_obligation gw_limit_result(uint64_t bytes_max) {
  return (gw_obligation){.kind = GW_LIMIT_RESULT, .limit_result = bytes_max};
}

gw_edit gw_edit_json(gw_text pointer, gw_text json) {
  return (gw_edit){.pointer = pointer, .json = gw_some(json)};
}

gw_edit gw_edit_remove(gw_text pointer) {
  return (gw_edit){.pointer = pointer, .json = gw_none()};
}

gw_edits gw_copy_edits(size_t count, const gw_edit *edits) {
  return (gw_edits){memcpy(gw_allocate(count * sizeof *edits), edits, count * sizeof *edits), count};
}

gw_finding gw_pass(void) {
  return gw_pass_with(gw_no_edits(), gw_no_texts());
}

gw_finding gw_pass_with(gw_edits edits, gw_texts labels) {
  return (gw_finding){.kind = GW_FINDING_PASS, .pass = {edits, labels}};
}

gw_finding gw_finding_block(gw_text message) {
  return (gw_finding){.kind = GW_FINDING_BLOCK, .block = message};
}

gw_verdict gw_checked_verdict(gw_verdict verdict, const gw_request *request) {
  gw_optional_text refusal = gw_refusal_of(request->arguments);
  return refusal.is_some ? gw_deny(gw_invalid_arguments(refusal.text)) : verdict;
}

gw_finding gw_checked_finding(gw_finding finding, const gw_request *request, const gw_response *response) {
  gw_optional_text refusal = gw_refusal_of(request->arguments);
  if (!refusal.is_some) refusal = gw_refusal_of(response->result);
  return refusal.is_some ? gw_finding_block(refusal.text) : finding;
}
