/* Lines for the operator, and faults. */

#include "../../include/gatewright/log.h"
#include "../layout.h"
#include "../stop.h"

void gw_log(enum gw_level level, gw_text message) {
  gw_abi_log_write((uint32_t)level, message.at, message.length);
}

/* A trap has no text: says what before. */
_Noreturn void gw_stop(gw_text message) {
  gw_log_warn(message);
  __builtin_trap();
}

/* What `assert` of the C library calls; its own would want a file system. */
_Noreturn void __assert_fail(const char *expression, const char *file, int line, const char *function) {
  (void)function;
  gw_fault(gw_concat("assertion failed: ", expression), file, line);
}
