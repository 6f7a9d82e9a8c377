/* Built with the host's compiler; no gate is needed. */

#include "gatewright_testing.h"

static gw_revision revised(int64_t limit) {
  GW_CONFIGURE("{\"most\":10}");
  gw_request request = gw_test_tool("search");
  if (limit >= 0) gw_test_integer(&request, "/limit", limit);
  return gw_test_revise(&request);
}

GW_TEST(more_becomes_the_most) {
  gw_revision revision = revised(1000);
  GW_EXPECT(revision.edits.count == 1);
  GW_EXPECT_TEXT(revision.edits.at[0].json.text, "10");
  GW_EXPECT_RULE(revision, "most");
}

GW_TEST(a_call_without_a_limit_gets_one) {
  GW_EXPECT(revised(-1).edits.count == 1);
}

GW_TEST(less_stays_as_it_is) {
  GW_EXPECT(revised(5).edits.count == 0);
}

GW_TEST(a_typo_in_the_settings_is_refused) {
  GW_EXPECT_SETTINGS_ERROR("{\"most\":10,\"more\":1}", "/more", "unknown setting `/more`");
}
