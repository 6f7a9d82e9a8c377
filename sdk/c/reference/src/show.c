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

gw_text show_subject(const gw_subject *subject) {
  static const char *const proofs[] = {"none", "bearer", "sender", "call"};
  gw_texts parts = gw_texts_of(subject->id, subject->issuer, or_dash(subject->principal), or_dash(subject->owner),
                               gw_join(subject->delegation, ","), gw_join(subject->scopes, ","),
                               proofs[subject->proof], subject->expires_at);
  return gw_join(parts, "|");
}

gw_text show_action(const gw_action *action) {
  static const char *const names[] = {"read-only", "destructive", "idempotent", "open-world"};
  gw_text hints[4];
  size_t count = 0;
  for (int flag = 0; flag < 4; flag++) {
    if (action->hints & (1 << flag)) hints[count++] = gw_text_of(names[flag]);
  }
  return gw_join(gw_texts_of(action->method, action->server, action->name, gw_join(gw_texts_in(hints, count), ",")), "|");
}

gw_text show_context(const gw_context *context) {
  gw_texts parts = gw_texts_of(context->at, context->session, gw_join(context->labels, ","), gw_join(context->approvers, ","));
  return gw_join(parts, "|");
}

gw_text show_history(gw_past_calls calls) {
  static const char *const outcomes[] = {"allowed", "denied", "held", "failed"};
  gw_text *texts = gw_allocate(calls.count * sizeof *texts);
  for (size_t i = 0; i < calls.count; i++) {
    const gw_past_call *call = &calls.at[i];
    texts[i] = gw_concat(call->at, " ", call->method, " ", call->server, " ", call->name, " ", outcomes[call->outcome]);
  }
  return gw_join(gw_texts_in(texts, calls.count), "|");
}
