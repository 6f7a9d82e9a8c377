/* Editors. */

#include "gatewright_testing.h"

static gw_revision revise(const gw_no_settings *settings, const gw_request *request) {
  (void)settings;
  int64_t limit = gw_as_integer_or(gw_argument(request, "/limit"), 10);
  if (limit < 0) gw_refuse(gw_arguments(request), "limit is negative");
  gw_edit lowered = gw_set_integer("/limit", limit > 10 ? 10 : limit);
  gw_edits edits = gw_edits_of(lowered, gw_remove("/debug"), gw_set_text("/by", "a\"b"));
  return gw_because(gw_revise(edits), "limit", "");
}

static gw_description about(void) {
  return gw_with_rule(gw_description_of(GW_MAY_EDIT), "limit", "No more than 10 at once");
}

GW_EDITOR(gw_no_settings, gw_read_no_settings, revise, about);

GW_TEST(an_editor_refuses) {
  gw_request request = gw_test_tool("search");
  gw_test_integer(&request, "/limit", -1);
  gw_test_revise(&request);
  GW_EXPECT_TEXT(gw_problem_of(request.arguments).message, "limit is negative");
}

GW_TEST(integers_of_64_bits_are_put_as_they_are) {
  GW_EXPECT_TEXT(gw_set_integer("/a", UINT64_MAX).json.text, "18446744073709551615");
  GW_EXPECT_TEXT(gw_set_integer("/a", INT64_MIN).json.text, "-9223372036854775808");
}

GW_TEST(an_editor_changes_and_says_why) {
  gw_request request = gw_test_tool("search");
  gw_test_integer(&request, "/limit", 50);
  gw_revision revision = gw_test_revise(&request);
  GW_EXPECT(revision.edits.count == 3);
  GW_EXPECT_TEXT(revision.edits.at[0].json.text, "10");
  GW_EXPECT(!revision.edits.at[1].json.is_some);
  GW_EXPECT_TEXT(revision.edits.at[2].json.text, "\"a\\\"b\"");
  GW_EXPECT_RULE(revision, "limit");
}
