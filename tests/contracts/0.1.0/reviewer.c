/* Hides a text that holds a secret. */

#include "gatewright.h"

static gw_finding review(const gw_no_settings *settings, const gw_request *request, const gw_response *response) {
  (void)settings;
  (void)request;
  if (response->is_error) return gw_pass();
  gw_text text = gw_as_text(gw_value_at(response->result, "/content/0/text"));
  if (!gw_contains(text, "secret")) return gw_pass_with(gw_no_edits(), gw_texts_of("seen"));
  return gw_pass_with(gw_edits_of(gw_set_text("/content/0/text", "hidden")), gw_no_texts());
}

GW_REVIEWER(gw_no_settings, gw_read_no_settings, review);
