/* The opinions that can be wished for. */
#ifndef REFERENCE_ANSWER_H
#define REFERENCE_ANSWER_H

#include "gatewright.h"

/* The opinion of this name; false where there is none. */
bool answer(gw_text what, gw_text tag, gw_opinion *opinion);

#endif
