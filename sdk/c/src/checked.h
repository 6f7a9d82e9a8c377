/* Answers of a policy, as the gate gets them: what it could not read it denies or blocks. */
#ifndef GATEWRIGHT_CHECKED_H
#define GATEWRIGHT_CHECKED_H

#include "../include/gatewright/component.h"

gw_opinion gw_checked_opinion(gw_opinion opinion, const gw_request *request);
/* Labels and charges stay: they count whatever the finding. */
gw_report gw_checked_report(gw_report report, const gw_request *request, const gw_response *response);

#endif
