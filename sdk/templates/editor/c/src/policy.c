/* A search gives so many results at most, whatever the agent asks. */

#include "gatewright.h"

/* The rule that every change follows; records name it. */
#define MOST "most"

/* What the operator chose. */
struct settings {
  int64_t most;
};

static void read_settings(struct settings *settings, gw_document *json) {
  settings->most = gw_as_integer(gw_value_at(json, "/most"));
}

static gw_revision revise(const struct settings *settings, const gw_request *request) {
  int64_t limit = gw_as_integer_or(gw_argument(request, "/limit"), INT64_MAX);
  if (limit <= settings->most) return (gw_revision){0};
  gw_edits edits = gw_edits_of(gw_set_integer("/limit", settings->most));
  return gw_because(gw_revise(edits), MOST, "");
}

static gw_description about(void) {
  return gw_with_rule(gw_description_of(GW_MAY_EDIT), MOST, "Searches give so many results at most");
}

GW_EDITOR(struct settings, read_settings, revise, about);
