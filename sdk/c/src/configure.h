/* The settings of a component. */
#ifndef GATEWRIGHT_CONFIGURE_H
#define GATEWRIGHT_CONFIGURE_H

#include "../include/gatewright/component.h"

/* Reads and checks settings; gives why they are refused, or nothing. */
gw_problem gw_configure(const gw_component *component, gw_text json);

#endif
