/* The policy that every SDK ships; what it answers stands in
 * `tests/corpus/reference-policy.md`. */

#include "gatewright.h"

#include "answer.h"
#include "misbehave.h"
#include "read.h"
#include "settings.h"
#include "show.h"

static gw_opinion forbidden(gw_text message) {
  return gw_deny(gw_forbidden(message));
}

static gw_opinion invalid(gw_text message) {
  return gw_deny(gw_invalid_arguments(message));
}

static gw_opinion at_most(int64_t max, const gw_request *request) {
  gw_value n = gw_argument(request, "/n");
  if (n.kind != GW_INTEGER) return invalid(gw_text_of("n is not an integer"));
  return n.integer > max ? invalid(gw_concat(n.integer, " is above ", max)) : gw_allow();
}

static gw_opinion starts(const gw_request *request) {
  gw_value text = gw_argument(request, "/text"), prefix = gw_argument(request, "/prefix");
  bool are_texts = text.kind == GW_TEXT && prefix.kind == GW_TEXT;
  return are_texts && gw_starts_with(text.text, prefix.text) ? gw_allow() : gw_abstain();
}

static gw_opinion write_log(gw_text tag) {
  gw_log_debug(gw_concat(tag, " debug"));
  gw_log_info(gw_concat(tag, " info"));
  gw_log_warn(gw_concat(tag, " warn"));
  return gw_allow();
}

static gw_opinion judge_misuse(gw_text what) {
  if (gw_equal(what, "throw")) gw_fail("thrown on purpose");
  if (gw_equal(what, "loop")) loop();
  if (gw_equal(what, "recurse")) return forbidden(gw_text_of(recurse(0)));
  if (gw_equal(what, "grow")) grow();
  if (gw_equal(what, "huge")) return forbidden(huge());
  if (gw_equal(what, "count")) return forbidden(gw_text_of(count()));
  return invalid(gw_concat("unknown: ", what));
}

static gw_opinion judge_facts(gw_text what, gw_text tag, const gw_request *request) {
  if (gw_equal(what, "caller")) return forbidden(show_caller(request));
  if (gw_equal(what, "claims")) return forbidden(show_claims(request, text_at(request, "/text")));
  if (gw_equal(what, "action")) return forbidden(show_action(request));
  if (gw_equal(what, "tool")) return forbidden(show_tool(request));
  if (gw_equal(what, "context")) return forbidden(show_context(request));
  if (gw_equal(what, "decision")) return forbidden(gw_decision(request));
  if (gw_equal(what, "has-label")) {
    return forbidden(gw_text_of(gw_has_label(request, text_at(request, "/text")) ? "true" : "false"));
  }
  if (gw_equal(what, "budget")) {
    return forbidden(show_budget(gw_budget(request, text_at(request, "/text"), tag)));
  }
  if (gw_equal(what, "history")) return forbidden(show_history(gw_history(request, 3)));
  return judge_misuse(what);
}

static gw_opinion judge_reading(gw_text what, const struct settings *settings, const gw_request *request) {
  if (gw_equal(what, "value")) return forbidden(show_value(gw_argument(request, text_at(request, "/pointer"))));
  if (gw_equal(what, "keys")) return forbidden(read_keys(request));
  if (gw_equal(what, "json")) return forbidden(read_json(request));
  if (gw_equal(what, "node")) return forbidden(read_node(request));
  if (gw_equal(what, "text")) return forbidden(read_text(request));
  if (gw_equal(what, "member")) return forbidden(read_member(request));
  if (gw_equal(what, "at")) return forbidden(read_at(request));
  if (gw_equal(what, "walk")) return forbidden(walk(node_at(request)));
  if (gw_equal(what, "at-most")) return at_most(settings->max, request);
  if (gw_equal(what, "starts")) return starts(request);
  if (gw_equal(what, "echo")) return forbidden(text_at(request, "/text"));
  if (gw_equal(what, "length")) return forbidden(gw_text_of(scalars(text_at(request, "/text"))));
  return judge_facts(what, gw_text_of(settings->tag), request);
}

static gw_opinion judge(const struct settings *settings, const gw_request *request) {
  gw_text tag = settings->tag;
  gw_text name = gw_name(request);
  if (gw_is_one_of(name, settings->closed)) {
    return gw_because(forbidden(gw_concat(tag, ": ", name, " is closed")), "closed", "");
  }
  if (gw_is_listing(request)) return gw_abstain();
  gw_value value = gw_argument(request, "/do");
  if (value.kind == GW_MISSING) return gw_abstain();
  if (value.kind != GW_TEXT) return invalid(gw_text_of("do is not text"));

  if (gw_equal(value.text, "log")) return write_log(tag);
  gw_opinion opinion;
  if (answer(value.text, tag, &opinion)) return opinion;
  return judge_reading(value.text, settings, request);
}

static gw_description about(void) {
  unsigned powers = GW_MAY_ALLOW | GW_MAY_DENY | GW_MAY_ASK | GW_MAY_CHARGE | GW_MAY_LABEL | GW_MAY_DECLASSIFY |
                    GW_MAY_REDACT | GW_MAY_LIMIT_RESULT;
  gw_description description = gw_with_rule(gw_description_of(powers), "wish", "What /do says");
  return gw_with_rule(description, "closed", "Tools that are closed");
}

GW_POLICY(struct settings, read_settings, judge, about);
