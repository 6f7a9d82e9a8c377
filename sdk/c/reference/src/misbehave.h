/* What a policy must not do, done on purpose. */
#ifndef REFERENCE_MISBEHAVE_H
#define REFERENCE_MISBEHAVE_H

#include "gatewright.h"

_Noreturn void loop(void);
int recurse(int depth);
_Noreturn void grow(void);
gw_text huge(void);
/* How often it was asked: always 1, every call has an instance of its own. */
int count(void);

#endif
