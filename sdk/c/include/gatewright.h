/* Write a Gatewright policy in C: one struct of settings and one function.
 *
 *     struct endings { gw_texts endings; };
 *
 *     static void read_settings(struct endings *settings, gw_document *json) {
 *       settings->endings = gw_as_texts(gw_value_at(json, "/endings"));
 *     }
 *
 *     static gw_verdict judge(const struct endings *settings, const gw_request *request) {
 *       gw_text path = gw_as_text(gw_argument(request, "/path"));
 *       for (size_t i = 0; i < settings->endings.count; i++) {
 *         if (gw_ends_with(path, settings->endings.at[i])) return gw_allow();
 *       }
 *       return gw_deny(gw_invalid_arguments("use a path with another ending"));
 *     }
 *
 *     GW_POLICY(struct endings, read_settings, judge);
 *
 * `gatewright build` makes a component of it. A policy is a pure function of its
 * settings and the request: it has no clock, no randomness, no files and no
 * network; the time of the call is `request->context.at`. Every call has an
 * instance of its own, so nothing need be freed.
 */
#ifndef GATEWRIGHT_H
#define GATEWRIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatewright/text.h"
#include "gatewright/request.h"
#include "gatewright/document.h"
#include "gatewright/verdict.h"
#include "gatewright/edit.h"
#include "gatewright/log.h"
#include "gatewright/component.h"

#endif
