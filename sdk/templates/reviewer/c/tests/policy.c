/* Built with the host's compiler; no gate is needed. */

#include "gatewright_testing.h"

static gw_report report_on(gw_response response) {
  GW_CONFIGURE("{\"label\":\"outside\"}");
  gw_request request = gw_test_tool("fetch");
  return gw_test_review(&request, &response);
}

GW_TEST(a_result_labels_the_session) {
  gw_report report = report_on(gw_test_response("{\"content\":[]}"));
  GW_EXPECT_TEXT(gw_join(report.labels, ","), "outside");
  GW_EXPECT_RULE(report, "label");
}

GW_TEST(an_error_brings_nothing_in) {
  GW_EXPECT(report_on(gw_test_response("{\"isError\":true}")).labels.count == 0);
}

GW_TEST(a_typo_in_the_settings_is_refused) {
  GW_EXPECT_SETTINGS_ERROR("{\"label\":\"a\",\"labels\":\"b\"}", "/labels", "unknown setting `/labels`");
}
