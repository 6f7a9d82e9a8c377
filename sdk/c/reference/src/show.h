/* What a policy can see, as text. */
#ifndef REFERENCE_SHOW_H
#define REFERENCE_SHOW_H

#include "gatewright.h"

gw_text show_value(gw_value value);
gw_text show_caller(const gw_request *request);
gw_text show_claims(const gw_request *request, gw_text name);
gw_text show_action(const gw_request *request);
gw_text show_tool(const gw_request *request);
gw_text show_context(const gw_request *request);
gw_text show_budget(gw_budget_reading budget);
gw_text show_history(gw_past_calls calls);

#endif
