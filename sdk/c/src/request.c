/* What follows from facts. */

#include "../include/gatewright/request.h"

bool gw_is_listing(const gw_request *request) {
  return gw_purpose(request) == GW_PURPOSE_LISTING;
}
