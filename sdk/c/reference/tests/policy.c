/* The first lines of the specification; the corpus asks the rest of the component. */

#include "gatewright_testing.h"

static gw_request question(const char *tool, const char *what) {
  GW_CONFIGURE("{\"tag\":\"T\",\"closed\":[\"rm\"]}");
  gw_request request = gw_test_tool(tool);
  gw_test_json(&request, "/do", what);
  return request;
}

GW_TEST(the_first_error_of_the_settings_counts) {
  GW_EXPECT_TEXT(gw_test_settings_error("{\"max\":\"x\",\"closed\":1}"), "tag is missing");
  GW_EXPECT_TEXT(gw_test_settings_error("{\"tag\":\"\",\"max\":\"x\"}"), "tag is empty");
  GW_EXPECT_TEXT(gw_test_settings_error("{\"z\":1,\"tag\":\"T\",\"a\":2}"), "unknown setting z");
}

GW_TEST(what_is_closed_is_forbidden) {
  gw_request request = question("rm", "\"allow\"");
  GW_EXPECT_DENY(gw_test_judge(&request), GW_FORBIDDEN, "T: rm is closed");
}

GW_TEST(a_question_that_is_no_text_is_refused) {
  gw_request request = question("t", "1");
  GW_EXPECT_DENY(gw_test_judge(&request), GW_INVALID_ARGUMENTS, "do is not text");
}

GW_TEST(letters_are_counted_as_scalar_values) {
  gw_request request = question("t", "\"length\"");
  gw_test_text(&request, "/text", "a\xf0\x9f\x98\x80\xc3\xa9");
  GW_EXPECT_DENY(gw_test_judge(&request), GW_FORBIDDEN, "3");
}

GW_TEST_FAULT(thrown_on_purpose_is_a_fault) {
  gw_request request = question("t", "\"throw\"");
  gw_test_judge(&request);
}
