/* What a component gives, where a public struct does not say it. */
#ifndef GATEWRIGHT_EXPORT_H
#define GATEWRIGHT_EXPORT_H

#include "../../include/gatewright/edit.h"

/* `result<revision, string>`. */
typedef struct {
  bool is_error;
  union {
    gw_revision revision;
    gw_text error;
  };
} gw_gate_revision;

#endif
