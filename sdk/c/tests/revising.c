/* Editors. */

#include "gatewright_testing.h"

static gw_edits revise(const gw_no_settings *settings, const gw_request *request) {
  (void)settings;
  int64_t limit = gw_as_integer_or(gw_argument(request, "/limit"), 10);
  if (limit < 0) gw_refuse(request->arguments, "limit is negative");
  return gw_edits_of(gw_set_integer("/limit", limit > 10 ? 10 : limit), gw_remove("/debug"), gw_set_text("/by", "a\"b"));
}

GW_EDITOR(gw_no_settings, gw_read_no_settings, revise);

GW_TEST(an_editor_refuses) {
  gw_request request = gw_test_tool("search");
  gw_test_integer(&request, "/limit", -1);
  gw_test_revise(&request);
  GW_EXPECT_TEXT(gw_refusal_of(request.arguments).text, "limit is negative");
}

GW_TEST(an_editor_changes) {
  gw_request request = gw_test_tool("search");
  gw_test_integer(&request, "/limit", 50);
  gw_edits edits = gw_test_revise(&request);
  GW_EXPECT(edits.count == 3);
  GW_EXPECT_TEXT(edits.at[0].json.text, "10");
  GW_EXPECT(!edits.at[1].json.is_some);
  GW_EXPECT_TEXT(edits.at[2].json.text, "\"a\\\"b\"");
}
