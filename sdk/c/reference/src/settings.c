/* The settings of the reference policy. */

#include "settings.h"

static gw_text read_tag(gw_document *json) {
  gw_value tag = gw_value_at(json, "/tag");
  if (tag.kind == GW_MISSING) gw_refuse(json, "tag is missing");
  if (tag.kind != GW_TEXT) gw_refuse_at(json, "/tag", "tag is not text");
  if (tag.text.length == 0) gw_refuse_at(json, "/tag", "tag is empty");
  return tag.text;
}

static gw_texts read_closed(gw_document *json) {
  gw_value closed = gw_value_at(json, "/closed");
  if (closed.kind == GW_MISSING) return gw_no_texts();
  bool are_names = closed.kind == GW_ARRAY;
  for (uint32_t i = 0; i < closed.count && are_names; i++) {
    are_names = gw_value_at(json, gw_concat("/closed/", i)).kind == GW_TEXT;
  }
  if (!are_names) gw_refuse_at(json, "/closed", "closed is not a list of names");
  return gw_as_texts(closed);
}

static int64_t read_max(gw_document *json) {
  gw_value max = gw_value_at(json, "/max");
  if (max.kind == GW_MISSING) return 100;
  if (max.kind != GW_INTEGER) gw_refuse_at(json, "/max", "max is not an integer");
  return max.integer;
}

void read_settings(struct settings *settings, gw_document *json) {
  settings->tag = read_tag(json);
  settings->closed = read_closed(json);
  settings->max = read_max(json);
  gw_texts names = gw_keys(json, "");
  gw_texts known = gw_texts_of("tag", "closed", "max");
  for (size_t i = 0; i < names.count; i++) {
    if (gw_is_one_of(names.at[i], known)) continue;
    gw_refuse_at(json, gw_child("", names.at[i]), gw_concat("unknown setting ", names.at[i]));
  }
}
