/* Reviewers. */

#include "gatewright_testing.h"

static gw_finding review(const gw_no_settings *settings, const gw_request *request, const gw_response *response) {
  (void)settings;
  (void)request;
  if (response->is_error) return gw_pass();
  gw_text text = gw_as_text(gw_value_at(response->result, "/content/0/text"));
  if (!gw_contains(text, "secret")) return gw_pass_with(gw_no_edits(), gw_texts_of("seen"));
  return gw_pass_with(gw_edits_of(gw_set_text("/content/0/text", "hidden")), gw_no_texts());
}

GW_REVIEWER(gw_no_settings, gw_read_no_settings, review);

static gw_finding find(const char *result) {
  GW_CONFIGURE("{}");
  gw_request request = gw_test_tool("t");
  gw_response response = gw_test_response(result);
  return gw_test_review(&request, &response);
}

GW_TEST(a_reviewer_blocks_what_it_cannot_read) {
  gw_finding finding = find("{}");
  GW_EXPECT(finding.kind == GW_FINDING_BLOCK);
  GW_EXPECT_TEXT(finding.block, "the result `/content/0/text` is missing");
}

GW_TEST(a_reviewer_changes_and_labels) {
  gw_finding finding = find("{\"content\":[{\"text\":\"a secret\"}]}");
  GW_EXPECT(finding.kind == GW_FINDING_PASS && finding.pass.edits.count == 1);
  GW_EXPECT_TEXT(finding.pass.edits.at[0].json.text, "\"hidden\"");
  finding = find("{\"content\":[{\"text\":\"hello\"}]}");
  GW_EXPECT_TEXT(gw_join(finding.pass.labels, ","), "seen");
}

GW_TEST(an_error_passes) {
  GW_EXPECT(find("{\"isError\":true}").kind == GW_FINDING_PASS);
}
