/* JSON Pointers (RFC 6901). */
#ifndef GATEWRIGHT_POINTER_H
#define GATEWRIGHT_POINTER_H

#include "../include/gatewright/document.h"

/* Takes the next name, unescaped, off a pointer; false at its end. Text that is
 * no pointer is a fault. */
bool gw_pointer_step(gw_text *pointer, gw_text *name);
/* The pointer without its last name. */
gw_text gw_pointer_parent(gw_text pointer);

#endif
