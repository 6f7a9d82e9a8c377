/* Built with the host's compiler; no gate is needed. */

#include "gatewright_testing.h"

static gw_request read_file(const char *path) {
  GW_CONFIGURE("{\"endings\":[\".md\"]}");
  gw_request request = gw_test_tool("read_file");
  if (path != NULL) gw_test_text(&request, "/path", path);
  return request;
}

GW_TEST(other_endings_are_refused) {
  gw_request request = read_file("passwords.db");
  gw_opinion opinion = gw_test_judge(&request);
  GW_EXPECT_DENY(opinion, GW_INVALID_ARGUMENTS, "use a path that ends in .md");
  GW_EXPECT_RULE(opinion, "endings");
}

GW_TEST(a_call_without_a_path_is_refused) {
  gw_request request = read_file(NULL);
  GW_EXPECT_DENY(gw_test_judge(&request), GW_INVALID_ARGUMENTS, "the argument `/path` is missing");
}

GW_TEST(chosen_endings_are_allowed) {
  gw_request request = read_file("notes.md");
  GW_EXPECT_VERDICT(gw_test_judge(&request), GW_VERDICT_ALLOW);
}

GW_TEST(listings_are_left_to_others) {
  gw_request request = gw_test_method("tools/list", "read_file");
  GW_EXPECT_VERDICT(gw_test_judge(&request), GW_VERDICT_ABSTAIN);
}

GW_TEST(a_typo_in_the_settings_is_refused) {
  GW_EXPECT_SETTINGS_ERROR("{\"endings\":[],\"ending\":\".md\"}", "/ending", "unknown setting `/ending`");
}
