/* Calls and responses that a test makes, and the policy's answers to them.
 * Whatever is not said has a harmless default. */

#include <stdlib.h>
#include <string.h>

#include "../../include/gatewright_testing.h"
#include "../checked.h"
#include "../configure.h"
#include "../document.h"
#include "../pointer.h"

/* 2026-01-01T00:00:00Z, in milliseconds. */
#define GW_NOW 1767225600000

gw_request gw_test_method(const char *method, const char *name) {
  return (gw_request){
      .agent = gw_text_of("did:example:agent"),
      .issuer = gw_text_of("did:example:issuer"),
      .principal = gw_some(gw_text_of("user:alice")),
      .scopes = gw_texts_of("*:*"),
      .proof = GW_PROOF_BEARER,
      .expires_at = GW_NOW + 3600000,
      .purpose = gw_ends_with(method, "/list") ? GW_PURPOSE_LISTING : GW_PURPOSE_CALL,
      .method = gw_text_of(method),
      .server = gw_text_of("server"),
      .name = gw_text_of(name),
      .at = GW_NOW,
      .decision = gw_text_of("decision"),
      .session = gw_text_of("session"),
      .arguments = gw_document_of("argument", "the arguments", gw_tree_new(GW_OBJECT)),
  };
}

gw_request gw_test_tool(const char *name) {
  return gw_test_method("tools/call", name);
}

/* The member or element of that name; made where it is missing. */
static gw_tree *gw_test_place(gw_tree *parent, gw_text name) {
  gw_tree *tree = gw_tree_step(parent, name);
  if (tree != NULL) return tree;
  bool is_new_element = parent->kind == GW_ARRAY && gw_equal(name, "-");
  if (parent->kind != GW_OBJECT && !is_new_element) gw_fail(gw_concat("there is no place for `", name, "`"));
  tree = gw_tree_new(GW_OBJECT);
  gw_tree_add(parent, name, tree);
  return tree;
}

static gw_tree *gw_test_parse(gw_text json) {
  gw_tree *tree = gw_json_read(json);
  if (tree == NULL) gw_fail(gw_concat("`", json, "` is not JSON"));
  return tree;
}

void gw_test_json(gw_request *request, const char *pointer, const char *json) {
  gw_text rest = gw_text_of(pointer);
  gw_text name;
  gw_tree *place = request->arguments->tree;
  while (gw_pointer_step(&rest, &name)) place = gw_test_place(place, name);
  gw_tree value = *gw_test_parse(gw_text_of(json));
  value.name = place->name;
  value.next = place->next;
  *place = value;
}

void gw_test_text(gw_request *request, const char *pointer, const char *text) {
  gw_test_json(request, pointer, gw_string_of(gw_quote(gw_text_of(text))));
}

void gw_test_integer(gw_request *request, const char *pointer, int64_t integer) {
  gw_test_json(request, pointer, gw_string_of(gw_text_of(integer)));
}

static int gw_compare_names(gw_text name, gw_text after) {
  size_t shared = name.length < after.length ? name.length : after.length;
  int order = shared > 0 ? memcmp(name.at, after.at, shared) : 0;
  return order != 0 ? order : (name.length > after.length) - (name.length < after.length);
}

static int gw_compare_labels(const void *one, const void *other) {
  return gw_compare_names(((const gw_session_label *)one)->name, ((const gw_session_label *)other)->name);
}

static int gw_compare_claims(const void *one, const void *other) {
  return gw_compare_names(((const gw_claim_values *)one)->name, ((const gw_claim_values *)other)->name);
}

void gw_test_claim(gw_request *request, const char *name, gw_texts values) {
  size_t count = 0;
  gw_claim_values *claims = gw_allocate((request->claims.count + 1) * sizeof *claims);
  for (size_t i = 0; i < request->claims.count; i++) {
    if (!gw_equal(request->claims.at[i].name, name)) claims[count++] = request->claims.at[i];
  }
  claims[count++] = (gw_claim_values){gw_text_of(name), values};
  qsort(claims, count, sizeof *claims, gw_compare_claims);
  request->claims = (gw_claim_list){claims, count};
}

void gw_test_budget(gw_request *request, const char *name, const char *key, gw_budget_reading reading) {
  size_t count = request->budgets.count;
  gw_test_budget_at *budgets = gw_allocate((count + 1) * sizeof *budgets);
  for (size_t i = 0; i < count; i++) budgets[i] = request->budgets.at[i];
  budgets[count] = (gw_test_budget_at){gw_text_of(name), gw_text_of(key), reading};
  request->budgets = (gw_test_budgets){budgets, count + 1};
}

void gw_test_labels(gw_request *request, gw_texts names) {
  gw_session_label *labels = gw_allocate(names.count * sizeof *labels);
  for (size_t i = 0; i < names.count; i++) labels[i] = (gw_session_label){.name = names.at[i]};
  qsort(labels, names.count, sizeof *labels, gw_compare_labels);
  request->labels = (gw_session_labels){labels, names.count};
}

static gw_response gw_test_response_of(enum gw_response_kind kind, const char *method, const char *json) {
  gw_document *body = gw_document_of("response", "the response", gw_test_parse(gw_text_of(json)));
  return (gw_response){.kind = kind, .method = gw_text_of(method), .body = body};
}

gw_response gw_test_response(const char *json) {
  return gw_test_response_of(GW_RESPONSE_FINAL, "", json);
}

gw_response gw_test_error(const char *json) {
  return gw_test_response_of(GW_RESPONSE_ERROR, "", json);
}

gw_response gw_test_notification(const char *method, const char *json) {
  return gw_test_response_of(GW_RESPONSE_NOTIFICATION, method, json);
}

gw_description gw_test_describe(void) {
  return gw_this_component.about();
}

gw_problem gw_test_settings(const char *json) {
  return gw_configure(&gw_this_component, gw_text_of(json));
}

gw_opinion gw_test_judge(const gw_request *request) {
  return gw_checked_opinion(gw_this_component.judge(request), request);
}

gw_revision gw_test_revise(const gw_request *request) {
  return gw_this_component.revise(request);
}

gw_report gw_test_review(const gw_request *request, const gw_response *response) {
  return gw_checked_report(gw_this_component.review(request, response), request, response);
}
