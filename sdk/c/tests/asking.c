/* Facts, nodes and opinions. */

#include "gatewright_testing.h"

static gw_opinion judge(const gw_no_settings *settings, const gw_request *request) {
  (void)settings;
  (void)request;
  return gw_abstain();
}

static gw_description about(void) {
  return gw_description_of(0);
}

GW_POLICY(gw_no_settings, gw_read_no_settings, judge, about);

GW_TEST(facts_are_what_the_test_says) {
  gw_request request = gw_test_tool("send");
  request.principal = (gw_optional_text){.is_some = false};
  request.hints = GW_UNTRUSTED | GW_SENSITIVE;
  request.targets = gw_texts_of("/to");
  GW_EXPECT_TEXT(gw_name(&request), "send");
  GW_EXPECT(!gw_principal(&request).is_some);
  GW_EXPECT(gw_hints(&request) & GW_SENSITIVE && !(gw_hints(&request) & GW_READ_ONLY));
  GW_EXPECT_TEXT(gw_join(gw_targets(&request), ","), "/to");
  GW_EXPECT(gw_proof(&request) == GW_PROOF_BEARER && gw_chain(&request).count == 0);
}

GW_TEST(a_budget_is_as_the_test_says) {
  gw_request request = gw_test_tool("t");
  gw_test_budget(&request, "rows", "bot", (gw_budget_reading){1, 1, 2});
  gw_test_budget(&request, "calls", "bot", (gw_budget_reading){10, 60, 7});
  GW_EXPECT(gw_budget_left(gw_budget(&request, "calls", "bot")) == 3);
  GW_EXPECT(gw_budget_left(gw_budget(&request, "rows", "bot")) == 0);
}

GW_TEST_FAULT(a_budget_that_is_not_set_is_a_fault) {
  gw_request request = gw_test_tool("t");
  gw_budget(&request, "calls", "bot");
}

GW_TEST(claims_are_sorted_and_found) {
  gw_request request = gw_test_tool("t");
  GW_EXPECT(gw_claims(&request).count == 0 && gw_claim(&request, "groups").count == 0);
  gw_test_claim(&request, "tenant", gw_texts_of("acme"));
  gw_test_claim(&request, "groups", gw_texts_of("old"));
  gw_test_claim(&request, "groups", gw_texts_of("ops", "dev"));
  GW_EXPECT(gw_claims(&request).count == 2 && gw_claim(&request, "Groups").count == 0);
  GW_EXPECT_TEXT(gw_claims(&request).at[0].name, "groups");
  GW_EXPECT_TEXT(gw_join(gw_claim(&request, "groups"), ","), "ops,dev");
}

GW_TEST(labels_are_sorted_and_found) {
  gw_request request = gw_test_tool("t");
  GW_EXPECT(!gw_has_label(&request, "b"));
  gw_test_labels(&request, gw_texts_of("bb", "a", "b"));
  gw_session_labels labels = gw_labels(&request);
  GW_EXPECT(labels.count == 3 && gw_has_label(&request, "b") && !gw_has_label(&request, "c"));
  GW_EXPECT_TEXT(labels.at[0].name, "a");
  GW_EXPECT_TEXT(labels.at[2].name, "bb");
}

static gw_node node_of(gw_request *request, const char *json) {
  gw_test_json(request, "", json);
  return gw_root(request);
}

GW_TEST(a_node_says_what_it_is) {
  gw_request request = gw_test_tool("t");
  gw_node root = node_of(&request, "{\"a/b\":[1,\"\xc3\xa9\",-0],\"c\":null}");
  GW_EXPECT(gw_node_kind(root) == GW_OBJECT && gw_node_length(root) == 2);
  GW_EXPECT_TEXT(gw_join(gw_node_keys(root), ","), "a/b,c");
  gw_node array = gw_node_member(root, "a/b");
  GW_EXPECT(gw_node_kind(gw_node_at(array, 0)) == GW_NUMBER);
  GW_EXPECT(gw_node_value(gw_node_at(array, 0)).integer == 1);
  GW_EXPECT(gw_node_value(gw_node_at(array, 2)).kind == GW_NUMBER);
  GW_EXPECT(gw_node_length(gw_node_at(array, 1)) == 2);
  GW_EXPECT_TEXT(gw_node_text(gw_node_get(root, "/a~1b/1")).text, "\xc3\xa9");
  GW_EXPECT(!gw_node_text(gw_node_at(array, 0)).is_some);
  GW_EXPECT_TEXT(gw_node_json(array).text, "[1,\"\xc3\xa9\",-0]");
  GW_EXPECT(gw_node_kind(gw_node_at(root, 1)) == GW_NULL && !gw_node_at(root, 2).is_some);
  GW_EXPECT(!gw_node_member(array, "0").is_some && gw_node_keys(array).count == 0);
}

GW_TEST(nothing_is_found_in_nothing) {
  gw_request request = gw_test_tool("t");
  gw_node nothing = gw_node_get(gw_root(&request), "/a/b");
  GW_EXPECT(gw_node_kind(nothing) == GW_MISSING && gw_node_length(nothing) == 0);
  GW_EXPECT(!gw_node_get(nothing, "/c").is_some && !gw_node_at(nothing, 0).is_some);
  GW_EXPECT(gw_node_children(nothing).count == 0 && !gw_node_json(nothing).is_some);
  gw_as_text(gw_node_value(nothing));
  GW_EXPECT_TEXT(gw_problem_of(request.arguments).message, "a value in the arguments is missing");
}

GW_TEST_FAULT(a_bad_pointer_from_nothing_is_a_fault) {
  gw_request request = gw_test_tool("t");
  gw_node_get(gw_node_get(gw_root(&request), "/a"), "b");
}

GW_TEST(texts_in_a_node_are_read_whole) {
  gw_request request = gw_test_tool("t");
  gw_node root = node_of(&request, "{\"to\":[\"a\",\"b\"],\"cc\":[\"c\",1]}");
  GW_EXPECT_TEXT(gw_join(gw_as_texts(gw_node_value(gw_node_member(root, "to"))), "|"), "a|b");
  gw_as_texts(gw_node_value(gw_node_member(root, "cc")));
  GW_EXPECT_TEXT(gw_problem_of(request.arguments).message,
                 "a value in the arguments does not fit: found an integer, expected text");
}

GW_TEST(what_is_known_about_a_tool_is_a_node) {
  gw_request request = gw_test_tool("t");
  GW_EXPECT(!gw_schema(&request).is_some && !gw_claimed(&request).is_some);
  request.claimed = (gw_optional_text){.is_some = true, .text = gw_text_of("{\"title\":\"T\"}")};
  GW_EXPECT_TEXT(gw_node_text(gw_node_get(gw_claimed(&request), "/title")).text, "T");
}

GW_TEST(arguments_that_are_no_object_do_not_fit) {
  gw_request request = gw_test_tool("t");
  gw_as_text(gw_argument(&request, ""));
  GW_EXPECT_TEXT(gw_problem_of(request.arguments).message, "the arguments: found an object, expected text");
}

GW_TEST(obligations_stand_beside_any_verdict_in_order) {
  gw_opinion opinion = gw_owing(gw_deny(gw_forbidden("no")), gw_label(gw_texts_of("a")), gw_limit_result(5));
  opinion = gw_owing(opinion, gw_declassify(gw_texts_of("b")));
  GW_EXPECT_DENY(opinion, GW_FORBIDDEN, "no");
  GW_EXPECT(opinion.obligations.count == 3);
  GW_EXPECT(opinion.obligations.at[0].kind == GW_LABEL && opinion.obligations.at[1].limit_result == 5);
  GW_EXPECT(opinion.obligations.at[2].kind == GW_DECLASSIFY);
}

GW_TEST(notes_are_kept_in_order) {
  gw_opinion opinion = gw_because(gw_because(gw_allow(), "one", "first"), "two", "");
  GW_EXPECT_RULE(opinion, "one, two");
  GW_EXPECT_TEXT(opinion.notes.at[0].text, "first");
}

GW_TEST(an_ask_gives_people_a_day) {
  gw_verdict verdict = gw_ask(gw_ask_of("title", "reason")).verdict;
  GW_EXPECT(verdict.kind == GW_VERDICT_ASK && verdict.ask.quorum == 1 && !verdict.ask.exclude_requester);
  GW_EXPECT(verdict.ask.decide_within_seconds == 86400 && verdict.ask.use_within_seconds == 900);
  GW_EXPECT(verdict.ask.show.count + verdict.ask.roles.count + verdict.ask.exclude.count == 0);
}

GW_TEST(a_charge_stays_unless_it_is_refunded) {
  struct gw_charge charge = gw_budget_charge("key", 2, "calls");
  GW_EXPECT(charge.on_failure == GW_KEEP && gw_refunded(charge).on_failure == GW_REFUND);
}
