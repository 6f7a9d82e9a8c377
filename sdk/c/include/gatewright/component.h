/* What makes a component of a policy. One of these stands once in a policy:
 * `GW_POLICY(struct settings, read_settings, judge, about);` */
#ifndef GATEWRIGHT_COMPONENT_H
#define GATEWRIGHT_COMPONENT_H

#include "description.h"
#include "document.h"
#include "edit.h"
#include "opinion.h"
#include "report.h"
#include "response.h"

#ifdef __wasm__
#include "../../src/layout.h"
#endif

/** A policy that judges calls, from the type of its settings and three functions:
 *
 *     void read(settings *, gw_document *json)            reads the settings once, when the policy is loaded
 *     gw_opinion judge(const settings *, const gw_request *)  answers a call
 *     gw_description about(void)                          says what the policy is
 *
 * Settings that do not fit keep the policy from being loaded, and so does a member
 * that `read` never asks for. What `judge` cannot read, it denies. */
#define GW_POLICY(settings_type, read_it, judge_it, about_it) \
  GW_SETTINGS(settings_type, read_it) \
  static gw_opinion gw_this_judge(const gw_request *request) { \
    return judge_it(&gw_this_settings, request); \
  } \
  const gw_component gw_this_component = {.read = gw_this_read, .about = about_it, .judge = gw_this_judge}; \
  GW_EXPORT(GW_ABI_EXPORT_JUDGING_DESCRIBE, gw_export_describe, (void), ()) \
  GW_EXPORT(GW_ABI_EXPORT_JUDGING_CONFIGURE, gw_export_configure, (char *json, size_t length), (json, length)) \
  GW_EXPORT(GW_ABI_EXPORT_JUDGING_JUDGE, gw_export_judge, (void), ()) \
  extern const gw_component gw_this_component

/** A policy that rewrites arguments before anyone judges them:
 *
 *     void read(settings *, gw_document *json)
 *     gw_revision revise(const settings *, const gw_request *)   gives the changes, in order
 *     gw_description about(void)
 *
 * What `revise` cannot read, and what it refuses with `gw_refuse(gw_arguments(request),
 * message)`, is denied. */
#define GW_EDITOR(settings_type, read_it, revise_it, about_it) \
  GW_SETTINGS(settings_type, read_it) \
  static gw_revision gw_this_revise(const gw_request *request) { \
    return revise_it(&gw_this_settings, request); \
  } \
  const gw_component gw_this_component = {.read = gw_this_read, .about = about_it, .revise = gw_this_revise}; \
  GW_EXPORT(GW_ABI_EXPORT_REVISING_DESCRIBE, gw_export_describe, (void), ()) \
  GW_EXPORT(GW_ABI_EXPORT_REVISING_CONFIGURE, gw_export_configure, (char *json, size_t length), (json, length)) \
  GW_EXPORT(GW_ABI_EXPORT_REVISING_REVISE, gw_export_revise, (void), ()) \
  extern const gw_component gw_this_component

/** A policy that looks at results on their way back:
 *
 *     void read(settings *, gw_document *json)
 *     gw_report review(const settings *, const gw_request *, const gw_response *)
 *     gw_description about(void)
 *
 * What `review` cannot read, it blocks; the labels and charges of its report stay. */
#define GW_REVIEWER(settings_type, read_it, review_it, about_it) \
  GW_SETTINGS(settings_type, read_it) \
  static gw_report gw_this_review(const gw_request *request, const gw_response *response) { \
    return review_it(&gw_this_settings, request, response); \
  } \
  const gw_component gw_this_component = {.read = gw_this_read, .about = about_it, .review = gw_this_review}; \
  GW_EXPORT(GW_ABI_EXPORT_REVIEWING_DESCRIBE, gw_export_describe, (void), ()) \
  GW_EXPORT(GW_ABI_EXPORT_REVIEWING_CONFIGURE, gw_export_configure, (char *json, size_t length), (json, length)) \
  GW_EXPORT(GW_ABI_EXPORT_REVIEWING_REVIEW, gw_export_review, (void), ()) \
  extern const gw_component gw_this_component

/** For a policy without settings: `GW_POLICY(gw_no_settings, gw_read_no_settings, judge, about)`. */
typedef struct {
  char nothing;
} gw_no_settings;

/** Accepts only `{}`. */
void gw_read_no_settings(gw_no_settings *settings, gw_document *json);

/* What the macros above are made of. */

/** The functions of this policy; the ones of other worlds are NULL. */
typedef struct {
  void (*read)(gw_document *json);
  gw_description (*about)(void);
  gw_opinion (*judge)(const gw_request *request);
  gw_revision (*revise)(const gw_request *request);
  gw_report (*review)(const gw_request *request, const gw_response *response);
} gw_component;

extern const gw_component gw_this_component;

#define GW_SETTINGS(settings_type, read_it) \
  static settings_type gw_this_settings; \
  static void gw_this_read(gw_document *json) { \
    read_it(&gw_this_settings, json); \
  }

#ifdef __wasm__
#define GW_EXPORT(name, function, parameters, arguments) \
  __attribute__((export_name(name))) const void *gw_this_##function parameters { \
    return function arguments; \
  }
const void *gw_export_describe(void);
const void *gw_export_configure(char *json, size_t length);
const void *gw_export_judge(void);
const void *gw_export_revise(void);
const void *gw_export_review(void);
#else
#define GW_EXPORT(name, function, parameters, arguments)
#endif

#endif
