/* What makes a component of a policy. One of these stands once in a policy:
 * `GW_POLICY(struct settings, read_settings, judge);` */
#ifndef GATEWRIGHT_COMPONENT_H
#define GATEWRIGHT_COMPONENT_H

#include "document.h"
#include "edit.h"
#include "verdict.h"

/** A policy that judges calls, from the type of its settings and two functions:
 *
 *     void read(settings *, gw_document *json)            reads the settings once, when the policy is loaded
 *     gw_verdict judge(const settings *, const gw_request *)  answers a call
 *
 * Settings that do not fit keep the policy from being loaded, and so does a member
 * that `read` never asks for. What `judge` cannot read, it denies. */
#define GW_POLICY(settings_type, read_it, judge_it) \
  GW_SETTINGS(settings_type, read_it) \
  static gw_verdict gw_this_judge(const gw_request *request) { \
    return judge_it(&gw_this_settings, request); \
  } \
  const gw_component gw_this_component = {.read = gw_this_read, .judge = gw_this_judge}; \
  GW_EXPORT("judging", "configure", gw_export_configure, (char *json, size_t length), (json, length)) \
  GW_EXPORT("judging", "judge", gw_export_judge, (const void *request), (request)) \
  extern const gw_component gw_this_component

/** A policy that rewrites arguments before anyone judges them:
 *
 *     void read(settings *, gw_document *json)
 *     gw_edits revise(const settings *, const gw_request *)   gives the changes, in order
 *
 * What `revise` cannot read, and what it refuses with `gw_refuse(request->arguments,
 * message)`, is denied. */
#define GW_EDITOR(settings_type, read_it, revise_it) \
  GW_SETTINGS(settings_type, read_it) \
  static gw_edits gw_this_revise(const gw_request *request) { \
    return revise_it(&gw_this_settings, request); \
  } \
  const gw_component gw_this_component = {.read = gw_this_read, .revise = gw_this_revise}; \
  GW_EXPORT("revising", "configure", gw_export_configure, (char *json, size_t length), (json, length)) \
  GW_EXPORT("revising", "revise", gw_export_revise, (const void *request), (request)) \
  extern const gw_component gw_this_component

/** A policy that looks at results on their way back:
 *
 *     void read(settings *, gw_document *json)
 *     gw_finding review(const settings *, const gw_request *, const gw_response *)
 *
 * What `review` cannot read, it blocks. */
#define GW_REVIEWER(settings_type, read_it, review_it) \
  GW_SETTINGS(settings_type, read_it) \
  static gw_finding gw_this_review(const gw_request *request, const gw_response *response) { \
    return review_it(&gw_this_settings, request, response); \
  } \
  const gw_component gw_this_component = {.read = gw_this_read, .review = gw_this_review}; \
  GW_EXPORT("reviewing", "configure", gw_export_configure, (char *json, size_t length), (json, length)) \
  GW_EXPORT("reviewing", "review", gw_export_review, (const void *request), (request)) \
  extern const gw_component gw_this_component

/** For a policy without settings: `GW_POLICY(gw_no_settings, gw_read_no_settings, judge)`. */
typedef struct {
  char nothing;
} gw_no_settings;

/** Accepts only `{}`. */
void gw_read_no_settings(gw_no_settings *settings, gw_document *json);

/* What the macros above are made of. */

/** The functions of this policy; the ones of other worlds are NULL. */
typedef struct {
  void (*read)(gw_document *json);
  gw_verdict (*judge)(const gw_request *request);
  gw_edits (*revise)(const gw_request *request);
  gw_finding (*review)(const gw_request *request, const gw_response *response);
} gw_component;

extern const gw_component gw_this_component;

#define GW_SETTINGS(settings_type, read_it) \
  static settings_type gw_this_settings; \
  static void gw_this_read(gw_document *json) { \
    read_it(&gw_this_settings, json); \
  }

#ifdef __wasm__
#define GW_EXPORT(interface, name, function, parameters, arguments) \
  __attribute__((export_name("gatewright:policy/" interface "@0.1.0#" name))) const void * \
  gw_this_##function parameters { \
    return function arguments; \
  }
const void *gw_export_configure(char *json, size_t length);
const void *gw_export_judge(const void *request);
const void *gw_export_revise(const void *request);
const void *gw_export_review(const void *request);
#else
#define GW_EXPORT(interface, name, function, parameters, arguments)
#endif

#endif
