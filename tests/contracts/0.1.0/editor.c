/* Lowers `/limit` and takes `/debug` away. */

#include "gatewright.h"

static gw_edits revise(const gw_no_settings *settings, const gw_request *request) {
  (void)settings;
  int64_t limit = gw_as_integer_or(gw_argument(request, "/limit"), 10);
  return gw_edits_of(gw_set_integer("/limit", limit > 10 ? 10 : limit), gw_remove("/debug"));
}

GW_EDITOR(gw_no_settings, gw_read_no_settings, revise);
