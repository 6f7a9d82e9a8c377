/* What the gate gives, as the canonical ABI has it. */
#ifndef GATEWRIGHT_VALUES_H
#define GATEWRIGHT_VALUES_H

#include "../../include/gatewright/value.h"

/* `value`. The cases are in the order of `enum gw_kind`, which begins with nothing. */
typedef struct {
  uint8_t kind;
  union {
    bool boolean;
    int64_t integer;
    gw_text text;
    uint32_t count;
  };
} gw_gate_value;

/* `option<value>`. */
typedef struct {
  bool is_some;
  gw_gate_value value;
} gw_gate_optional_value;

/* `response-kind`. */
typedef struct {
  uint8_t kind;
  gw_text method;
} gw_gate_response_kind;

gw_value gw_lift_value(const gw_gate_value *from);
gw_value gw_lift_optional_value(const gw_gate_optional_value *from);

#endif
