/* Faults of the SDK itself. They name no file of it, as `gw_fail` would: where the
 * SDK lies must not make another component. */
#ifndef GATEWRIGHT_STOP_H
#define GATEWRIGHT_STOP_H

#include "../include/gatewright/text.h"

/* Logs the message, then traps. Takes no memory. */
_Noreturn void gw_stop(gw_text message);

#endif
