/* An agent may read files with certain endings, and no others. */

#include "gatewright.h"

/* The rule that every answer follows; records name it. */
#define ENDINGS "endings"

/* What the operator chose. */
struct settings {
  gw_texts endings;
};

static void read_settings(struct settings *settings, gw_document *json) {
  settings->endings = gw_as_texts(gw_value_at(json, "/endings"));
}

static gw_opinion judge(const struct settings *settings, const gw_request *request) {
  if (gw_is_listing(request)) return gw_abstain();
  gw_text path = gw_as_text(gw_argument(request, "/path"));
  for (size_t i = 0; i < settings->endings.count; i++) {
    if (gw_ends_with(path, settings->endings.at[i])) return gw_because(gw_allow(), ENDINGS, "");
  }
  gw_text message = gw_concat("use a path that ends in ", gw_join(settings->endings, ", "));
  return gw_because(gw_deny(gw_invalid_arguments(message)), ENDINGS, "");
}

static gw_description about(void) {
  return gw_with_rule(gw_description_of(GW_MAY_ALLOW | GW_MAY_DENY), ENDINGS, "Paths end as the operator says");
}

GW_POLICY(struct settings, read_settings, judge, about);
