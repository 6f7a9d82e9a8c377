/* What follows from facts. */

#include "../include/gatewright/request.h"

uint64_t gw_budget_left(gw_budget_reading budget) {
  return budget.spent < budget.limit ? budget.limit - budget.spent : 0;
}

bool gw_is_listing(const gw_request *request) {
  return gw_purpose(request) == GW_PURPOSE_LISTING;
}
