/* The arguments and the response of the call, as the gate has them. */

#include "../../include/gatewright/response.h"
#include "../document.h"
#include "../layout.h"
#include "values.h"

static gw_value gw_asked_argument(gw_text pointer) {
  gw_gate_optional_value value;
  gw_abi_arguments_get(pointer.at, pointer.length, &value);
  return gw_lift_optional_value(&value);
}

static gw_optional_text gw_asked_argument_json(gw_text pointer) {
  gw_optional_text json;
  gw_abi_arguments_json(pointer.at, pointer.length, &json);
  return json;
}

/* One handle for all who ask. */
static uintptr_t gw_asked_arguments(void) {
  static uintptr_t root;
  if (root == 0) root = gw_abi_arguments_root();
  return root;
}

static gw_value gw_asked_part(gw_text pointer) {
  gw_gate_optional_value value;
  gw_abi_response_get(pointer.at, pointer.length, &value);
  return gw_lift_optional_value(&value);
}

static gw_optional_text gw_asked_part_json(gw_text pointer) {
  gw_optional_text json;
  gw_abi_response_json(pointer.at, pointer.length, &json);
  return json;
}

static uintptr_t gw_asked_response(void) {
  static uintptr_t root;
  if (root == 0) root = gw_abi_response_root();
  return root;
}

static const gw_source gw_source_of_arguments = {gw_asked_argument, gw_asked_argument_json, gw_asked_arguments};
static const gw_source gw_source_of_response = {gw_asked_part, gw_asked_part_json, gw_asked_response};
static gw_document gw_arguments_of_this_call = {
    .noun = "argument", .whole = "the arguments", .source = &gw_source_of_arguments};
static gw_document gw_response_of_this_call = {
    .noun = "response", .whole = "the response", .source = &gw_source_of_response};

gw_document *gw_arguments(const gw_request *request) {
  (void)request;
  return &gw_arguments_of_this_call;
}

gw_document *gw_body(const gw_response *response) {
  (void)response;
  return &gw_response_of_this_call;
}

enum gw_response_kind gw_response_kind(const gw_response *response) {
  (void)response;
  gw_gate_response_kind kind;
  gw_abi_response_kind(&kind);
  return (enum gw_response_kind)kind.kind;
}

gw_text gw_response_method(const gw_response *response) {
  (void)response;
  gw_gate_response_kind kind;
  gw_abi_response_kind(&kind);
  return kind.kind == GW_RESPONSE_NOTIFICATION ? kind.method : gw_text_of("");
}

bool gw_is_error(const gw_response *response) {
  (void)response;
  return gw_abi_response_is_error() != 0;
}
