/* The first lines of the specification; the corpus asks the rest of the component. */

#include "gatewright_testing.h"

static gw_request question(const char *tool, const char *what) {
  GW_CONFIGURE("{\"tag\":\"T\",\"closed\":[\"rm\"]}");
  gw_request request = gw_test_tool(tool);
  gw_test_json(&request, "/do", what);
  return request;
}

GW_TEST(the_first_error_of_the_settings_counts) {
  GW_EXPECT_SETTINGS_ERROR("{\"max\":\"x\",\"closed\":1}", "", "tag is missing");
  GW_EXPECT_SETTINGS_ERROR("{\"tag\":\"\",\"max\":\"x\"}", "/tag", "tag is empty");
  GW_EXPECT_SETTINGS_ERROR("{\"tag\":\"T\",\"closed\":[\"a\",1]}", "/closed", "closed is not a list of names");
  GW_EXPECT_SETTINGS_ERROR("{\"z/\":1,\"tag\":\"T\",\"a\":2}", "/z~1", "unknown setting z/");
}

GW_TEST(what_is_closed_is_forbidden) {
  gw_request request = question("rm", "\"allow\"");
  gw_opinion opinion = gw_test_judge(&request);
  GW_EXPECT_DENY(opinion, GW_FORBIDDEN, "T: rm is closed");
  GW_EXPECT_RULE(opinion, "closed");
}

GW_TEST(a_question_that_is_no_text_is_refused) {
  gw_request request = question("t", "1");
  GW_EXPECT_DENY(gw_test_judge(&request), GW_INVALID_ARGUMENTS, "do is not text");
}

GW_TEST(a_listing_is_left_to_others) {
  gw_request request = question("t", "\"allow\"");
  request.purpose = GW_PURPOSE_LISTING;
  GW_EXPECT_VERDICT(gw_test_judge(&request), GW_VERDICT_ABSTAIN);
}

GW_TEST(letters_are_counted_as_scalar_values) {
  gw_request request = question("t", "\"length\"");
  gw_test_text(&request, "/text", "a\xf0\x9f\x98\x80\xc3\xa9");
  GW_EXPECT_DENY(gw_test_judge(&request), GW_FORBIDDEN, "3");
}

GW_TEST(a_walk_goes_everywhere) {
  gw_request request = question("t", "\"walk\"");
  gw_test_json(&request, "/v", "{\"b\":[1,-0,1.50,{}],\"a\":{\"\":null},\"t\":\"x\",\"f\":[true,false]}");
  gw_test_text(&request, "/pointer", "/v");
  GW_EXPECT_DENY(gw_test_judge(&request), GW_FORBIDDEN, "{b=[1,-0,1.50,{}],a={=null},t='x',f=[true,false]}");
}

GW_TEST(all_obligations_stand_beside_an_allow) {
  gw_request request = question("t", "\"all\"");
  gw_opinion opinion = gw_test_judge(&request);
  GW_EXPECT_VERDICT(opinion, GW_VERDICT_ALLOW);
  GW_EXPECT(opinion.obligations.count == 6);
  GW_EXPECT(opinion.obligations.at[1].charge.on_failure == GW_REFUND);
}

GW_TEST_FAULT(thrown_on_purpose_is_a_fault) {
  gw_request request = question("t", "\"throw\"");
  gw_test_judge(&request);
}
