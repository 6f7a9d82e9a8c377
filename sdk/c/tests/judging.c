/* Reading arguments by pointer and with a type, settings, verdicts. */

#include "gatewright_testing.h"

struct limits {
  gw_texts names;
  int64_t most;
};

static void read_settings(struct limits *settings, gw_document *json) {
  settings->names = gw_as_texts(gw_value_at(json, "/names"));
  settings->most = gw_as_integer_or(gw_value_at(json, "/limits/most"), 5);
  if (settings->most < 1) gw_refuse_at(json, "/limits/most", "limits.most is below 1");
}

static gw_opinion judge(const struct limits *settings, const gw_request *request) {
  int64_t amount = gw_as_integer(gw_argument(request, "/amount"));
  if (gw_equal(gw_name(request), "fail")) gw_fail("on purpose");
  return amount > settings->most ? gw_deny(gw_forbidden("too much")) : gw_allow();
}

static gw_description about(void) {
  gw_description description = gw_description_of(GW_MAY_ALLOW | GW_MAY_DENY);
  description = gw_with_schema(gw_with_rule(description, "one", "The first"), "{\"type\":\"object\"}");
  return gw_with_rule(description, "two", "The second");
}

GW_POLICY(struct limits, read_settings, judge, about);

static gw_request transfer(const char *amount) {
  GW_CONFIGURE("{\"names\":[]}");
  gw_request request = gw_test_tool("transfer");
  if (amount != NULL) gw_test_json(&request, "/amount", amount);
  return request;
}

GW_TEST(what_a_policy_cannot_read_it_denies) {
  gw_request request = transfer(NULL);
  GW_EXPECT_DENY(gw_test_judge(&request), GW_INVALID_ARGUMENTS, "the argument `/amount` is missing");
  request = transfer("\"5\"");
  GW_EXPECT_DENY(gw_test_judge(&request), GW_INVALID_ARGUMENTS,
                 "the argument `/amount` does not fit: found text, expected an integer");
  request = transfer("6");
  GW_EXPECT_DENY(gw_test_judge(&request), GW_FORBIDDEN, "too much");
  request = transfer("5");
  GW_EXPECT_VERDICT(gw_test_judge(&request), GW_VERDICT_ALLOW);
}

GW_TEST(the_first_refusal_counts) {
  gw_request request = gw_test_tool("t");
  gw_as_text(gw_argument(&request, "/a"));
  gw_as_boolean(gw_argument(&request, "/b"));
  GW_EXPECT_TEXT(gw_problem_of(gw_arguments(&request)).message, "the argument `/a` is missing");
}

GW_TEST(an_optional_argument_may_be_missing_or_null) {
  gw_request request = gw_test_tool("t");
  gw_test_json(&request, "", "{\"note\":null,\"count\":3}");
  GW_EXPECT_TEXT(gw_as_text_or(gw_argument(&request, "/note"), "none"), "none");
  GW_EXPECT(gw_as_integer_or(gw_argument(&request, "/gone"), 7) == 7);
  GW_EXPECT(gw_as_boolean_or(gw_argument(&request, "/gone"), true));
  GW_EXPECT(gw_as_texts_or_none(gw_argument(&request, "/gone")).count == 0);
  GW_EXPECT(!gw_problem_of(gw_arguments(&request)).is_some);
  gw_as_text_or(gw_argument(&request, "/count"), "none");
  GW_EXPECT_TEXT(gw_problem_of(gw_arguments(&request)).message,
                 "the argument `/count` does not fit: found an integer, expected text");
}

GW_TEST(values_are_read_one_level_at_a_time) {
  gw_request request = gw_test_tool("t");
  gw_test_json(&request, "", "{\"a\":{\"b\":1,\"c\":18446744073709551615,\"d\":[true,null,-0,1.50]},\"x/y\":{\"~\":\"t\"}}");
  GW_EXPECT(gw_argument(&request, "").count == 2);
  GW_EXPECT(gw_as_integer(gw_argument(&request, "/a/b")) == 1);
  GW_EXPECT_TEXT(gw_argument(&request, "/a/c").text, "18446744073709551615");
  GW_EXPECT(gw_argument(&request, "/a/d").count == 4);
  GW_EXPECT(gw_as_boolean(gw_argument(&request, "/a/d/0")));
  GW_EXPECT(gw_argument(&request, "/a/d/1").kind == GW_NULL);
  GW_EXPECT(gw_argument(&request, "/a/d/2").kind == GW_NUMBER);
  GW_EXPECT(gw_as_number(gw_argument(&request, "/a/d/3")) == 1.5);
  GW_EXPECT(gw_argument(&request, "/a/d/4").kind == GW_MISSING);
  GW_EXPECT(gw_argument(&request, "/a/d/00").kind == GW_MISSING);
  GW_EXPECT_TEXT(gw_as_text(gw_argument(&request, "/x~1y/~0")), "t");
  GW_EXPECT_TEXT(gw_join(gw_keys(gw_arguments(&request), "/a"), ","), "b,c,d");
  GW_EXPECT(gw_keys(gw_arguments(&request), "/a/d").count == 0);
  GW_EXPECT_TEXT(gw_json(gw_arguments(&request), "/a/d").text, "[true,null,-0,1.50]");
  GW_EXPECT(!gw_json(gw_arguments(&request), "/nothing").is_some);
  GW_EXPECT(!gw_problem_of(gw_arguments(&request)).is_some);
}

GW_TEST(an_array_of_text_is_read_whole) {
  gw_request request = gw_test_tool("t");
  gw_test_json(&request, "/paths", "[\"a\",\"b\"]");
  GW_EXPECT_TEXT(gw_join(gw_as_texts(gw_argument(&request, "/paths")), "|"), "a|b");
  gw_test_integer(&request, "/paths/-", 3);
  gw_as_texts(gw_argument(&request, "/paths"));
  GW_EXPECT_TEXT(gw_problem_of(gw_arguments(&request)).message,
                 "the argument `/paths/2` does not fit: found an integer, expected text");
}

GW_TEST_FAULT(a_bad_pointer_is_a_fault) {
  gw_request request = gw_test_tool("t");
  gw_argument(&request, "path");
}

GW_TEST_FAULT(a_bad_escape_is_a_fault) {
  gw_request request = gw_test_tool("t");
  gw_argument(&request, "/a~2");
}

GW_TEST_FAULT(a_policy_that_fails_is_a_fault) {
  gw_request request = gw_test_tool("fail");
  gw_test_judge(&request);
}

GW_TEST(a_listing_is_not_a_call) {
  gw_request listing = gw_test_method("tools/list", "rm");
  gw_request call = gw_test_tool("list");
  GW_EXPECT(gw_is_listing(&listing));
  GW_EXPECT(!gw_is_listing(&call));
}

GW_TEST(history_is_the_newest_first_and_bounded) {
  static gw_past_call calls[100];
  for (int i = 0; i < 100; i++) calls[i] = (gw_past_call){.name = gw_text_of(i), .outcome = GW_ALLOWED};
  gw_request request = gw_test_tool("t");
  request.history = (gw_past_calls){calls, 100};
  GW_EXPECT(gw_history(&request, 2).count == 2);
  GW_EXPECT_TEXT(gw_history(&request, 2).at[1].name, "1");
  GW_EXPECT(gw_history(&request, 1000).count == 64);
}

GW_TEST(settings_that_do_not_fit_are_refused_with_a_reason_and_a_place) {
  GW_EXPECT_SETTINGS_ERROR("", "", "settings are not JSON");
  GW_EXPECT_SETTINGS_ERROR("[]", "", "settings are not an object");
  GW_EXPECT_SETTINGS_ERROR("{}", "", "the setting `/names` is missing");
  GW_EXPECT_SETTINGS_ERROR("{\"names\":[1]}", "/names/0",
                           "the setting `/names/0` does not fit: found an integer, expected text");
  GW_EXPECT_SETTINGS_ERROR("{\"names\":[],\"limits\":{\"most\":0}}", "/limits/most", "limits.most is below 1");
}

GW_TEST(a_member_that_nobody_reads_is_refused) {
  GW_EXPECT_SETTINGS_ERROR("{\"names\":[],\"nmaes\":[]}", "/nmaes", "unknown setting `/nmaes`");
  GW_EXPECT_SETTINGS_ERROR("{\"names\":[],\"limits\":{\"most\":1,\"least\":0}}", "/limits/least",
                           "unknown setting `/limits/least`");
  GW_EXPECT(!gw_test_settings(" {\"names\" : [\"a\"], \"limits\": {\"most\": 4}}\n").is_some);
}

GW_TEST(a_member_that_is_missing_is_missed_where_it_should_be) {
  gw_request request = gw_test_tool("t");
  gw_test_json(&request, "/a", "{\"b\":{}}");
  gw_as_text(gw_argument(&request, "/a/b/c"));
  GW_EXPECT_TEXT(gw_problem_of(gw_arguments(&request)).pointer, "/a/b");
}

GW_TEST(a_policy_describes_itself) {
  gw_description about = gw_test_describe();
  GW_EXPECT(about.powers == (GW_MAY_ALLOW | GW_MAY_DENY));
  GW_EXPECT_TEXT(about.settings_schema.text, "{\"type\":\"object\"}");
  GW_EXPECT(about.rules.count == 2);
  GW_EXPECT_TEXT(about.rules.at[0].id, "one");
  GW_EXPECT_TEXT(about.rules.at[1].title, "The second");
}

GW_TEST(patterns_mean_what_they_mean_in_the_configuration) {
  GW_EXPECT(gw_matches("*", ""));
  GW_EXPECT(gw_matches("a*b*c", "a-b-b-c"));
  GW_EXPECT(gw_matches("read_*", "read_file"));
  GW_EXPECT(!gw_matches("a*a", "a"));
  GW_EXPECT(!gw_matches("a*b*c", "a-c"));
  GW_EXPECT(!gw_matches("read", "read_file"));
}

GW_TEST(texts_are_joined_and_compared) {
  GW_EXPECT_TEXT(gw_concat("a", -5, "b", 18446744073709551615u, gw_text_of("")), "a-5b18446744073709551615");
  GW_EXPECT_TEXT(gw_concat(INT64_MIN, "|", 0), "-9223372036854775808|0");
  GW_EXPECT(gw_contains("haystack", "sta") && gw_contains("a", "") && !gw_contains("a", "ab"));
  GW_EXPECT(gw_starts_with("ab", "a") && !gw_starts_with("a", "ab") && gw_ends_with("ab", "b") && !gw_ends_with("b", "ab"));
  GW_EXPECT_TEXT(gw_child("/a", "b/~c"), "/a/b~1~0c");
}
