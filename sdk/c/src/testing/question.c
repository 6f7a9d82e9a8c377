/* Requests and results that a test makes, and the policy's answers to them.
 * Whatever is not said has a harmless default. */

#include <stdio.h>
#include <stdlib.h>

#include "../../include/gatewright_testing.h"
#include "../source.h"

/* 2026-01-01T00:00:00Z, in milliseconds. */
#define GW_NOW 1767225600000
/* How many calls of a session the gate keeps. */
#define GW_HISTORY_MAX 64

gw_request gw_test_method(const char *method, const char *name) {
  return (gw_request){
      .subject = {.id = gw_text_of("did:example:agent"),
                  .issuer = gw_text_of("did:example:issuer"),
                  .principal = gw_some(gw_text_of("user:alice")),
                  .scopes = gw_texts_of("*:*"),
                  .proof = GW_PROOF_BEARER,
                  .expires_at = GW_NOW + 3600000},
      .action = {.method = gw_text_of(method), .server = gw_text_of("server"), .name = gw_text_of(name)},
      .context = {.at = GW_NOW, .session = gw_text_of("session")},
      .arguments = gw_memory_new("argument", gw_node_new(GW_OBJECT)),
  };
}

gw_request gw_test_tool(const char *name) {
  return gw_test_method("tools/call", name);
}

/* The member or element of that name; made where it is missing. */
static gw_node *gw_test_place(gw_node *parent, gw_text name) {
  gw_node *node = gw_node_find(parent, name);
  if (node != NULL) return node;
  bool is_new_element = parent->kind == GW_ARRAY && gw_equal(name, "-");
  if (parent->kind != GW_OBJECT && !is_new_element) gw_fail(gw_concat("there is no place for `", name, "`"));
  node = gw_node_new(GW_OBJECT);
  gw_node_add(parent, name, node);
  return node;
}

static gw_node *gw_test_parse(gw_text json) {
  gw_node *node = gw_json_read(json);
  if (node == NULL) gw_fail(gw_concat("`", json, "` is not JSON"));
  return node;
}

void gw_test_json(gw_request *request, const char *pointer, const char *json) {
  gw_text rest = gw_text_of(pointer);
  gw_text name;
  gw_node *place = request->arguments->root;
  while (gw_pointer_step(&rest, &name)) place = gw_test_place(place, name);
  gw_node value = *gw_test_parse(gw_text_of(json));
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

gw_response gw_test_response(const char *json) {
  gw_document *result = gw_memory_new("result", gw_test_parse(gw_text_of(json)));
  return (gw_response){.result = result, .is_error = gw_value_at(result, "/isError").boolean};
}

gw_text gw_test_settings_error(const char *json) {
  gw_optional_text error = gw_configure(&gw_this_component, gw_text_of(json));
  return error.is_some ? error.text : gw_text_of("");
}

gw_verdict gw_test_judge(const gw_request *request) {
  return gw_checked_verdict(gw_this_component.judge(request), request);
}

gw_edits gw_test_revise(const gw_request *request) {
  return gw_this_component.revise(request);
}

gw_finding gw_test_review(const gw_request *request, const gw_response *response) {
  return gw_checked_finding(gw_this_component.review(request, response), request, response);
}

/* What the gate does in a component. */

gw_past_calls gw_history(const gw_request *request, uint32_t limit) {
  size_t count = limit < GW_HISTORY_MAX ? limit : GW_HISTORY_MAX;
  return (gw_past_calls){request->past.at, count < request->past.count ? count : request->past.count};
}

void gw_log(int level, gw_text message) {
  static const char *const levels[] = {"debug", "info", "warn"};
  fprintf(stderr, "%s: %.*s\n", levels[level], (int)message.length, message.at);
}

_Noreturn void gw_fault(gw_text message, const char *file, int line) {
  gw_log_warn(gw_concat(message, " at ", file, ":", line));
  abort();
}
