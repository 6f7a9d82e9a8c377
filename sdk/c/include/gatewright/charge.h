/* What a call costs. The structs are laid out as the contract's records and
 * variants are in WebAssembly. */
#ifndef GATEWRIGHT_CHARGE_H
#define GATEWRIGHT_CHARGE_H

#include "text.h"

/** A budget in fixed windows. */
typedef struct {
  /** The most that one window may cost. */
  uint64_t limit;
  /** Length of the window, in seconds; 0 counts as 1. */
  uint32_t window_seconds;
} gw_window_limit;

/** Who says how much a budget holds. */
enum gw_limit_kind {
  /** The operator, for the binding (`[binding.budgets]`). */
  GW_LIMIT_SET,
  /** The policy. */
  GW_LIMIT_FIXED,
};

/** How much a budget holds. */
typedef struct {
  /** Which: an `enum gw_limit_kind`. */
  uint8_t kind;
  union {
    /** The name under which the operator set it. A name that is not set is a fault. */
    gw_text set;
    gw_window_limit fixed;
  };
} gw_limit;

/** What happens to a charge if no usable answer comes back. */
enum gw_on_failure {
  /** It stays. */
  GW_KEEP,
  /** It is given back. */
  GW_REFUND,
};

/** What a call costs. */
struct gw_charge {
  /** Counted per binding and key. */
  gw_text key;
  uint64_t cost;
  gw_limit limit;
  /** An `enum gw_on_failure`. */
  uint8_t on_failure;
};

/** Several charges. */
typedef struct {
  const struct gw_charge *at;
  size_t count;
} gw_charges;

/** A cost in windows of a fixed size; it stays if no usable answer comes back. */
#define gw_fixed_charge(key, cost, limit, window_seconds) \
  gw_fixed_charge_of(gw_text_of(key), (cost), (limit), (window_seconds))
/** A cost in the budget that the operator set for the binding under a name. */
#define gw_budget_charge(key, cost, budget) gw_budget_charge_of(gw_text_of(key), (cost), gw_text_of(budget))
/** The same, given back if no usable answer comes back. */
struct gw_charge gw_refunded(struct gw_charge charge);

/* What the macros above call. */
struct gw_charge gw_fixed_charge_of(gw_text key, uint64_t cost, uint64_t limit, uint32_t window_seconds);
struct gw_charge gw_budget_charge_of(gw_text key, uint64_t cost, gw_text budget);

#endif
