/* The opinions that can be wished for. */

#include "answer.h"

static gw_obligation charge(gw_text tag) {
  return gw_charge(gw_fixed_charge(tag, 1, UINT64_MAX, 60));
}

static gw_obligation charge_set(gw_text tag) {
  return gw_charge(gw_refunded(gw_budget_charge(tag, 2, "calls")));
}

static gw_obligation label(gw_text tag) {
  return gw_label(gw_texts_of(tag, "seen"));
}

static gw_obligation declassify(gw_text tag) {
  return gw_declassify(gw_texts_of(tag, "seen"));
}

static gw_obligation redact(void) {
  return gw_redact(gw_texts_of("/content/0/text", "/a~1b"));
}

/* One more than a double holds. */
static gw_obligation limit(void) {
  return gw_limit_result(9007199254740993);
}

static gw_opinion ask(gw_text tag) {
  struct gw_ask ask = gw_ask_of(tag, "because");
  ask.show = gw_texts_of("/do", "/a~1b");
  ask.roles = gw_texts_of("lead", "owner");
  ask.quorum = 2;
  ask.exclude_requester = true;
  ask.exclude = gw_texts_of("mallory");
  ask.decide_within_seconds = 3600;
  ask.use_within_seconds = 600;
  return gw_ask(ask);
}

static gw_opinion ask_anyone(gw_text tag) {
  return gw_ask(gw_ask_of(tag, ""));
}

static gw_opinion ask_nobody(gw_text tag) {
  struct gw_ask ask = gw_ask_of(tag, "");
  ask.quorum = 0;
  return gw_ask(ask);
}

static gw_opinion all(gw_text tag) {
  return gw_owing(gw_allow(), charge(tag), charge_set(tag), label(tag), declassify(tag), redact(), limit());
}

static gw_opinion note(gw_text tag) {
  return gw_because(gw_because(gw_allow(), "wish", tag), "unlisted", "");
}

static gw_denial insufficient_scope(gw_text tag) {
  return gw_insufficient_scope(tag, gw_texts_of("a:b", "c:*"));
}

static bool refuse(gw_text what, gw_text tag, gw_opinion *opinion) {
  if (gw_equal(what, "forbidden")) *opinion = gw_deny(gw_forbidden(tag));
  else if (gw_equal(what, "insufficient-scope")) *opinion = gw_deny(insufficient_scope(tag));
  else if (gw_equal(what, "invalid-arguments")) *opinion = gw_deny(gw_invalid_arguments(tag));
  else if (gw_equal(what, "unsafe-context")) *opinion = gw_deny(gw_unsafe_context(tag));
  else if (gw_equal(what, "deny-owing")) *opinion = gw_owing(gw_deny(gw_forbidden(tag)), label(tag));
  else return false;
  return true;
}

static bool owe(gw_text what, gw_text tag, gw_opinion *opinion) {
  if (gw_equal(what, "charge")) *opinion = gw_owing(gw_abstain(), charge(tag));
  else if (gw_equal(what, "charge-set")) *opinion = gw_owing(gw_abstain(), charge_set(tag));
  else if (gw_equal(what, "label")) *opinion = gw_owing(gw_abstain(), label(tag));
  else if (gw_equal(what, "declassify")) *opinion = gw_owing(gw_abstain(), declassify(tag));
  else if (gw_equal(what, "redact")) *opinion = gw_owing(gw_abstain(), redact());
  else if (gw_equal(what, "limit")) *opinion = gw_owing(gw_abstain(), limit());
  else return false;
  return true;
}

bool answer(gw_text what, gw_text tag, gw_opinion *opinion) {
  if (gw_equal(what, "abstain")) *opinion = gw_abstain();
  else if (gw_equal(what, "allow")) *opinion = gw_allow();
  else if (gw_equal(what, "ask")) *opinion = ask(tag);
  else if (gw_equal(what, "ask-anyone")) *opinion = ask_anyone(tag);
  else if (gw_equal(what, "ask-nobody")) *opinion = ask_nobody(tag);
  else if (gw_equal(what, "ask-owing")) *opinion = gw_owing(ask_anyone(tag), label(tag));
  else if (gw_equal(what, "all")) *opinion = all(tag);
  else if (gw_equal(what, "note")) *opinion = note(tag);
  else return refuse(what, tag, opinion) || owe(what, tag, opinion);
  return true;
}
