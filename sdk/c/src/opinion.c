/* Opinions. */

#include "../include/gatewright/because.h"
#include "list.h"
#include "note.h"

/* How long people have to decide when the policy does not say: a day. */
#define GW_DECIDE_WITHIN_SECONDS (24 * 60 * 60)
/* How long an approval stays usable when the policy does not say. */
#define GW_USE_WITHIN_SECONDS 900

gw_opinion gw_abstain(void) {
  return (gw_opinion){.verdict = {.kind = GW_VERDICT_ABSTAIN}};
}

gw_opinion gw_allow(void) {
  return (gw_opinion){.verdict = {.kind = GW_VERDICT_ALLOW}};
}

gw_opinion gw_deny(gw_denial denial) {
  return (gw_opinion){.verdict = {.kind = GW_VERDICT_DENY, .deny = denial}};
}

gw_opinion gw_ask(struct gw_ask ask) {
  return (gw_opinion){.verdict = {.kind = GW_VERDICT_ASK, .ask = ask}};
}

gw_opinion gw_opinion_owing(gw_opinion opinion, size_t count, const gw_obligation *obligations) {
  gw_obligations before = opinion.obligations;
  opinion.obligations.at = gw_list_join(before.at, before.count, obligations, count, sizeof *obligations);
  opinion.obligations.count += count;
  return opinion;
}

gw_opinion gw_opinion_because(gw_opinion opinion, gw_text rule, gw_text text) {
  opinion.notes = gw_notes_with(opinion.notes, rule, text);
  return opinion;
}

gw_denial gw_denial_of(enum gw_refusal refusal, gw_text message, gw_texts scopes) {
  return (gw_denial){.refusal = (uint8_t)refusal, .message = message, .scopes = scopes};
}

struct gw_ask gw_ask_of_texts(gw_text title, gw_text reason) {
  return (struct gw_ask){
      .title = title,
      .reason = reason,
      .quorum = 1,
      .decide_within_seconds = GW_DECIDE_WITHIN_SECONDS,
      .use_within_seconds = GW_USE_WITHIN_SECONDS,
  };
}

gw_obligation gw_charge(struct gw_charge charge) {
  return (gw_obligation){.kind = GW_CHARGE, .charge = charge};
}

gw_obligation gw_label(gw_texts labels) {
  return (gw_obligation){.kind = GW_LABEL, .label = labels};
}

gw_obligation gw_declassify(gw_texts labels) {
  return (gw_obligation){.kind = GW_DECLASSIFY, .declassify = labels};
}

gw_obligation gw_redact(gw_texts pointers) {
  return (gw_obligation){.kind = GW_REDACT, .redact = pointers};
}

gw_obligation gw_limit_result(uint64_t bytes_max) {
  return (gw_obligation){.kind = GW_LIMIT_RESULT, .limit_result = bytes_max};
}
