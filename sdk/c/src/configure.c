/* The settings of a component, read once. */

#include "configure.h"
#include "document.h"

gw_problem gw_configure(const gw_component *component, gw_text json) {
  gw_text whole = gw_text_of("");
  gw_tree *tree = gw_json_read(json);
  if (tree == NULL) return gw_problem_at(whole, gw_text_of("settings are not JSON"));
  if (tree->kind != GW_OBJECT) return gw_problem_at(whole, gw_text_of("settings are not an object"));
  gw_document *settings = gw_document_of("setting", "the settings", tree);
  component->read(settings);
  if (settings->problem.is_some) return settings->problem;
  gw_optional_text unread = gw_tree_unread(tree);
  if (!unread.is_some) return gw_no_problem();
  return gw_problem_at(unread.text, gw_concat("unknown setting `", unread.text, "`"));
}

void gw_read_no_settings(gw_no_settings *settings, gw_document *json) {
  (void)settings;
  (void)json;
}
