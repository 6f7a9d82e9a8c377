/* Charges. */

#include "../include/gatewright/charge.h"

struct gw_charge gw_fixed_charge_of(gw_text key, uint64_t cost, uint64_t limit, uint32_t window_seconds) {
  gw_limit fixed = {.kind = GW_LIMIT_FIXED, .fixed = {.limit = limit, .window_seconds = window_seconds}};
  return (struct gw_charge){.key = key, .cost = cost, .limit = fixed, .on_failure = GW_KEEP};
}

struct gw_charge gw_budget_charge_of(gw_text key, uint64_t cost, gw_text budget) {
  gw_limit set = {.kind = GW_LIMIT_SET, .set = budget};
  return (struct gw_charge){.key = key, .cost = cost, .limit = set, .on_failure = GW_KEEP};
}

struct gw_charge gw_refunded(struct gw_charge charge) {
  charge.on_failure = GW_REFUND;
  return charge;
}
