/* Write a Gatewright policy in C: one struct of settings and three functions.
 *
 *     struct endings { gw_texts endings; };
 *
 *     static void read_settings(struct endings *settings, gw_document *json) {
 *       settings->endings = gw_as_texts(gw_value_at(json, "/endings"));
 *     }
 *
 *     static gw_opinion judge(const struct endings *settings, const gw_request *request) {
 *       gw_text path = gw_as_text(gw_argument(request, "/path"));
 *       for (size_t i = 0; i < settings->endings.count; i++) {
 *         if (gw_ends_with(path, settings->endings.at[i])) return gw_because(gw_allow(), "endings", "");
 *       }
 *       return gw_because(gw_deny(gw_invalid_arguments("use a path with another ending")), "endings", "");
 *     }
 *
 *     static gw_description about(void) {
 *       return gw_with_rule(gw_description_of(GW_MAY_ALLOW | GW_MAY_DENY), "endings", "Paths end as the operator says");
 *     }
 *
 *     GW_POLICY(struct endings, read_settings, judge, about);
 *
 * `gatewright build` makes a component of it. A policy is a pure function of its
 * settings and the call: it has no clock, no randomness, no files and no network;
 * the time of the call is `gw_at(request)`. Every call has an instance of its own,
 * so nothing need be freed.
 */
#ifndef GATEWRIGHT_H
#define GATEWRIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatewright/text.h"
#include "gatewright/value.h"
#include "gatewright/request.h"
#include "gatewright/document.h"
#include "gatewright/node.h"
#include "gatewright/response.h"
#include "gatewright/note.h"
#include "gatewright/charge.h"
#include "gatewright/opinion.h"
#include "gatewright/edit.h"
#include "gatewright/report.h"
#include "gatewright/because.h"
#include "gatewright/description.h"
#include "gatewright/log.h"
#include "gatewright/component.h"

#endif
