/* Lines for the operator. They never reach the agent; the gate keeps a bounded
 * number of them for a call. In tests they go to stderr. */
#ifndef GATEWRIGHT_LOG_H
#define GATEWRIGHT_LOG_H

#include "text.h"

/** For whom a line is. */
enum gw_level {
  GW_LEVEL_DEBUG,
  GW_LEVEL_INFO,
  GW_LEVEL_WARN,
};

/** What helps to debug the policy. */
#define gw_log_debug(message) gw_log(GW_LEVEL_DEBUG, gw_text_of(message))
/** What an operator may want to know. */
#define gw_log_info(message) gw_log(GW_LEVEL_INFO, gw_text_of(message))
/** What an operator should look at. */
#define gw_log_warn(message) gw_log(GW_LEVEL_WARN, gw_text_of(message))

/** Gives up: logs the message and the place, then traps. A fault; the call is denied. */
#define gw_fail(message) gw_fault(gw_text_of(message), __FILE__, __LINE__)

/* What the macros above call. */
void gw_log(enum gw_level level, gw_text message);
_Noreturn void gw_fault(gw_text message, const char *file, int line);

#endif
