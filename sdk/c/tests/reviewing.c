/* Reviewers. */

#include "gatewright_testing.h"

static gw_report review(const gw_no_settings *settings, const gw_request *request, const gw_response *response) {
  (void)settings;
  (void)request;
  if (gw_response_kind(response) == GW_RESPONSE_NOTIFICATION) return gw_block(gw_response_method(response));
  if (gw_is_error(response)) return gw_pass();
  gw_text text = gw_as_text(gw_response_value(response, "/content/0/text"));
  gw_report report = gw_pass();
  if (gw_contains(text, "secret")) report = gw_pass_with(gw_edits_of(gw_set_text("/content/0/text", "hidden")));
  report = gw_labelling(gw_labelling(report, gw_texts_of("seen", "read")), gw_texts_of("late"));
  report = gw_charging(report, gw_budget_charge("bytes", text.length, "volume"));
  report = gw_charging(report, gw_fixed_charge("calls", 1, 10, 60));
  return gw_because(report, "secrets", "");
}

static gw_description about(void) {
  unsigned powers = GW_MAY_LABEL | GW_MAY_CHARGE | GW_MAY_EDIT | GW_MAY_BLOCK;
  return gw_with_rule(gw_description_of(powers), "secrets", "No secrets");
}

GW_REVIEWER(gw_no_settings, gw_read_no_settings, review, about);

static gw_report report_on(gw_response response) {
  GW_CONFIGURE("{}");
  gw_request request = gw_test_tool("t");
  return gw_test_review(&request, &response);
}

GW_TEST(a_reviewer_blocks_what_it_cannot_read_and_loses_no_label_and_no_charge) {
  gw_report report = report_on(gw_test_response("{}"));
  GW_EXPECT(report.finding.kind == GW_FINDING_BLOCK);
  GW_EXPECT_TEXT(report.finding.block, "the response `/content/0/text` is missing");
  GW_EXPECT_TEXT(gw_join(report.labels, ","), "seen,read,late");
  GW_EXPECT(report.charges.count == 2);
}

GW_TEST(a_reviewer_changes_labels_charges_and_says_why) {
  gw_report report = report_on(gw_test_response("{\"content\":[{\"text\":\"a secret\"}]}"));
  GW_EXPECT(report.finding.kind == GW_FINDING_PASS && report.finding.pass.count == 1);
  GW_EXPECT_TEXT(report.finding.pass.at[0].json.text, "\"hidden\"");
  GW_EXPECT_TEXT(gw_join(report.labels, ","), "seen,read,late");
  GW_EXPECT(report.charges.at[0].cost == 8 && report.charges.at[0].limit.kind == GW_LIMIT_SET);
  GW_EXPECT_TEXT(report.charges.at[0].limit.set, "volume");
  GW_EXPECT(report.charges.at[1].limit.fixed.limit == 10);
  GW_EXPECT_RULE(report, "secrets");
}

GW_TEST(an_error_passes) {
  gw_report report = report_on(gw_test_response("{\"isError\":true}"));
  GW_EXPECT(report.finding.kind == GW_FINDING_PASS && report.finding.pass.count == 0);
  report = report_on(gw_test_error("{\"code\":-32603,\"message\":\"no\"}"));
  GW_EXPECT(report.finding.kind == GW_FINDING_PASS);
}

GW_TEST(a_notification_has_a_method) {
  gw_report report = report_on(gw_test_notification("notifications/message", "{\"isError\":true}"));
  GW_EXPECT_TEXT(report.finding.block, "notifications/message");
}

GW_TEST(a_response_can_be_walked) {
  gw_response response = gw_test_response("{\"content\":[{\"text\":\"a\"},{\"text\":\"b\"}]}");
  gw_nodes parts = gw_node_children(gw_node_get(gw_response_root(&response), "/content"));
  GW_EXPECT(parts.count == 2);
  GW_EXPECT_TEXT(gw_node_text(gw_node_member(parts.at[1], "text")).text, "b");
  gw_as_integer(gw_node_value(gw_node_member(parts.at[0], "text")));
  GW_EXPECT_TEXT(gw_problem_of(gw_body(&response)).message,
                 "a value in the response does not fit: found text, expected an integer");
}
