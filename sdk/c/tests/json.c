/* The JSON reader and writer of settings and tests. */

#include <string.h>

#include "gatewright_testing.h"
#include "../src/tree.h"

static gw_opinion judge(const gw_no_settings *settings, const gw_request *request) {
  (void)settings;
  (void)request;
  return gw_abstain();
}

static gw_description about(void) {
  return gw_description_of(0);
}

GW_POLICY(gw_no_settings, gw_read_no_settings, judge, about);

GW_TEST(what_is_not_json_is_refused) {
  static const char *const texts[] = {
      "", " ", "nul", "truefalse", "1 2", "01", "-", "1.", ".5", "1e", "+1", "\"", "\"\n\"", "\"\\x\"", "\"\\u12g4\"",
      "\"\\", "\"\\u", "[1,]", "[", "{", "{\"a\"}", "{\"a\":1,}", "{a:1}", "{\"a\":1,\"a\":2}", "\"\\ud800\"",
      "\"\\ud800\\u0041\"", "\"\\udc00\\ud800\"", "NaN", "[1}",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    if (gw_json_read(gw_text_of(texts[i])) != NULL) GW_EXPECT_TEXT(texts[i], "refused");
  }
}

static gw_text nested(size_t depth) {
  char *text = gw_allocate(2 * depth);
  memset(text, '[', depth);
  memset(text + depth, ']', depth);
  return (gw_text){text, 2 * depth};
}

GW_TEST(depth_is_bounded) {
  GW_EXPECT(gw_json_read(nested(128)) != NULL);
  GW_EXPECT(gw_json_read(nested(129)) == NULL);
}

GW_TEST(what_is_read_is_written_again) {
  static const char *const texts[] = {
      "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "-0",
      "1.50", "1e+5", "1E-5", "\"\"", "\"a\\\"\\\\\\n\\u0001\\u001f/\xc3\xa9\xf0\x9f\x98\x80\"", "[]", "{}",
      "[1,[2,{}],\"x\"]", "{\"b\":1,\"a\":{\"c\":[null]}}",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    gw_tree *tree = gw_json_read(gw_text_of(texts[i]));
    GW_EXPECT_TEXT(tree == NULL ? gw_text_of("refused") : gw_json_write(tree), texts[i]);
  }
}

GW_TEST(escapes_are_read) {
  gw_tree *tree = gw_json_read(gw_text_of("\"\\u0041\\/\\b\\f\\n\\r\\t\\u00e9\\u20ac\\ud83d\\ude00\""));
  GW_EXPECT(tree != NULL);
  GW_EXPECT_TEXT(tree->written, "A/\b\f\n\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
}

GW_TEST(integers_fit_into_64_bits) {
  GW_EXPECT(gw_json_read(gw_text_of("-9223372036854775808"))->bits == INT64_MIN);
  GW_EXPECT(gw_json_read(gw_text_of("9223372036854775807"))->bits == INT64_MAX);
  GW_EXPECT(gw_json_read(gw_text_of("9223372036854775808"))->kind == GW_NUMBER);
  GW_EXPECT(gw_json_read(gw_text_of("-9223372036854775809"))->kind == GW_NUMBER);
  GW_EXPECT(gw_json_read(gw_text_of("99999999999999999999999"))->kind == GW_NUMBER);
}

GW_TEST(a_policy_without_settings_takes_none) {
  GW_EXPECT(!gw_test_settings("{}").is_some);
  GW_EXPECT_SETTINGS_ERROR("{\"a\":1}", "/a", "unknown setting `/a`");
}
