/* What a test expects of an answer. */

#include <stdio.h>
#include <stdlib.h>

#include "../../include/gatewright_testing.h"

/* The exit code of a failed test: a fault ends it by a signal. */
#define GW_TEST_FAILED 1

static const char *const gw_verdict_names[] = {"abstain", "allow", "deny", "ask"};
static const char *const gw_refusal_names[] = {"forbidden", "insufficient-scope", "invalid-arguments", "unsafe-context"};

_Noreturn void gw_test_fail(gw_text message, const char *file, int line) {
  fprintf(stderr, "%s:%d: %.*s\n", file, line, (int)message.length, message.at);
  exit(GW_TEST_FAILED);
}

void gw_test_expect_text(gw_text actual, gw_text expected, const char *file, int line) {
  if (!gw_equal(actual, expected)) {
    gw_test_fail(gw_concat("it is `", actual, "`, expected `", expected, "`"), file, line);
  }
}

/* `allow`, `deny forbidden: say why`. */
static gw_text gw_show_verdict(gw_verdict verdict) {
  const char *name = gw_verdict_names[verdict.kind];
  if (verdict.kind != GW_VERDICT_DENY) return gw_text_of(name);
  return gw_concat(name, " ", gw_refusal_names[verdict.deny.refusal], ": ", verdict.deny.message);
}

void gw_test_expect_verdict(gw_opinion opinion, enum gw_verdict_kind expected, const char *file, int line) {
  if (opinion.verdict.kind != expected) {
    const char *name = gw_verdict_names[expected];
    gw_test_fail(gw_concat("it is `", gw_show_verdict(opinion.verdict), "`, expected `", name, "`"), file, line);
  }
}

void gw_test_expect_deny(gw_opinion opinion, enum gw_refusal refusal, gw_text message, const char *file, int line) {
  gw_opinion expected = gw_deny(gw_denial_of(refusal, message, gw_no_texts()));
  gw_test_expect_text(gw_show_verdict(opinion.verdict), gw_show_verdict(expected.verdict), file, line);
}

void gw_test_expect_rule(gw_notes notes, gw_text rule, const char *file, int line) {
  gw_text *rules = gw_allocate(notes.count * sizeof *rules);
  for (size_t i = 0; i < notes.count; i++) rules[i] = notes.at[i].rule;
  gw_test_expect_text(gw_join(gw_texts_in(rules, notes.count), ", "), rule, file, line);
}

/* `/limit: say why`. */
static gw_text gw_show_problem(gw_problem problem) {
  return problem.is_some ? gw_concat(problem.pointer, ": ", problem.message) : gw_text_of("accepted");
}

void gw_test_expect_settings_error(const char *json, gw_text pointer, gw_text message, const char *file, int line) {
  gw_problem expected = {.is_some = true, .pointer = pointer, .message = message};
  gw_test_expect_text(gw_show_problem(gw_test_settings(json)), gw_show_problem(expected), file, line);
}

void gw_test_configure(const char *json, const char *file, int line) {
  gw_problem problem = gw_test_settings(json);
  if (problem.is_some) gw_test_fail(gw_concat("the settings are refused: ", gw_show_problem(problem)), file, line);
}
