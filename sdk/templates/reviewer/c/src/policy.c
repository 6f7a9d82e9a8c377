/* Whoever got a result of these tools has a label from then on. */

#include "gatewright.h"

/* The rule that every label follows; records name it. */
#define LABEL "label"

/* What the operator chose. */
struct settings {
  gw_text label;
};

static void read_settings(struct settings *settings, gw_document *json) {
  settings->label = gw_as_text(gw_value_at(json, "/label"));
}

static gw_report review(const struct settings *settings, const gw_request *request, const gw_response *response) {
  (void)request;
  if (gw_is_error(response)) return gw_pass();
  gw_report report = gw_labelling(gw_pass(), gw_texts_of(settings->label));
  return gw_because(report, LABEL, "");
}

static gw_description about(void) {
  return gw_with_rule(gw_description_of(GW_MAY_LABEL), LABEL, "Results label the session");
}

GW_REVIEWER(struct settings, read_settings, review, about);
