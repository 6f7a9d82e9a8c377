/* The settings of a component, read once. */

#include "source.h"

gw_optional_text gw_configure(const gw_component *component, gw_text json) {
  gw_node *root = gw_json_read(json);
  if (root == NULL) return gw_some(gw_text_of("settings are not JSON"));
  if (root->kind != GW_OBJECT) return gw_some(gw_text_of("settings are not an object"));
  gw_document *settings = gw_memory_new("setting", root);
  component->read(settings);
  if (settings->refusal.is_some) return settings->refusal;
  gw_optional_text unread = gw_memory_unread(settings);
  return unread.is_some ? gw_some(gw_concat("unknown setting `", unread.text, "`")) : gw_none();
}

void gw_read_no_settings(gw_no_settings *settings, gw_document *json) {
  (void)settings;
  (void)json;
}
