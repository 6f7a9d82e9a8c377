/* What tests need, in one file: compile it with the host's compiler, together with
 * the test, the policy and `gatewright.c`. */

#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "src/testing/expect.c"
#include "src/testing/facts.c"
#include "src/testing/place.c"
#include "src/testing/request.c"
#include "src/testing/run.c"
