/* Faults of a policy. */

#include "../include/gatewright/log.h"
#include "stop.h"

_Noreturn void gw_fault(gw_text message, const char *file, int line) {
  gw_stop(gw_concat(message, " at ", file, ":", line));
}
