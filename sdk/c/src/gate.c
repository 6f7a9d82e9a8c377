/* What the gate offers to a component and what it calls, as the canonical ABI has
 * it. The structs of the public headers are laid out as the ABI wants them
 * (`layout.c` checks that), so that nothing is converted. */

#include <string.h>

#include "source.h"

#define GW_IMPORT(interface, name) \
  __attribute__((import_module("gatewright:policy/" interface "@0.1.0"), import_name(name)))

/* `option<value>`. The cases of `value` are in the order of `enum gw_kind`. */
typedef struct {
  bool is_some;
  struct {
    uint8_t kind;
    union {
      bool boolean;
      int64_t integer;
      gw_text text;
      uint32_t count;
    };
  } value;
} gw_gate_value;

/* `result<_, string>` and `result<list<edit>, string>`. */
typedef struct {
  bool is_error;
  union {
    gw_text error;
    gw_edits edits;
  };
} gw_gate_result;

GW_IMPORT("arguments", "get") void gw_arguments_get(const char *pointer, size_t length, gw_gate_value *value);
GW_IMPORT("arguments", "keys") void gw_arguments_keys(const char *pointer, size_t length, gw_texts *keys);
GW_IMPORT("arguments", "json") void gw_arguments_json(const char *pointer, size_t length, gw_optional_text *json);
GW_IMPORT("response", "is-error") int gw_response_is_error(void);
GW_IMPORT("response", "get") void gw_response_get(const char *pointer, size_t length, gw_gate_value *value);
GW_IMPORT("response", "keys") void gw_response_keys(const char *pointer, size_t length, gw_texts *keys);
GW_IMPORT("response", "json") void gw_response_json(const char *pointer, size_t length, gw_optional_text *json);
GW_IMPORT("history", "recent") void gw_history_recent(uint32_t limit, gw_past_calls *calls);
GW_IMPORT("log", "write") void gw_log_write(int level, const char *message, size_t length);

static gw_value gw_lift_value(const gw_gate_value *from) {
  gw_value value = {.kind = GW_MISSING};
  if (!from->is_some) return value;
  value.kind = (enum gw_kind)(from->value.kind + 1);
  if (value.kind == GW_BOOLEAN) value.boolean = from->value.boolean;
  if (value.kind == GW_INTEGER) value.integer = from->value.integer;
  if (value.kind == GW_NUMBER || value.kind == GW_TEXT) value.text = from->value.text;
  if (value.kind == GW_ARRAY || value.kind == GW_OBJECT) value.count = from->value.count;
  return value;
}

static gw_value gw_gate_argument(gw_document *document, gw_text pointer) {
  (void)document;
  gw_gate_value value;
  gw_arguments_get(pointer.at, pointer.length, &value);
  return gw_lift_value(&value);
}

static gw_texts gw_gate_argument_keys(gw_document *document, gw_text pointer) {
  (void)document;
  gw_texts keys;
  gw_arguments_keys(pointer.at, pointer.length, &keys);
  return keys;
}

static gw_optional_text gw_gate_argument_json(gw_document *document, gw_text pointer) {
  (void)document;
  gw_optional_text json;
  gw_arguments_json(pointer.at, pointer.length, &json);
  return json;
}

static gw_value gw_gate_part(gw_document *document, gw_text pointer) {
  (void)document;
  gw_gate_value value;
  gw_response_get(pointer.at, pointer.length, &value);
  return gw_lift_value(&value);
}

static gw_texts gw_gate_part_keys(gw_document *document, gw_text pointer) {
  (void)document;
  gw_texts keys;
  gw_response_keys(pointer.at, pointer.length, &keys);
  return keys;
}

static gw_optional_text gw_gate_part_json(gw_document *document, gw_text pointer) {
  (void)document;
  gw_optional_text json;
  gw_response_json(pointer.at, pointer.length, &json);
  return json;
}

static const gw_source gw_gate_arguments = {gw_gate_argument, gw_gate_argument_keys, gw_gate_argument_json};
static const gw_source gw_gate_response = {gw_gate_part, gw_gate_part_keys, gw_gate_part_json};
static gw_document gw_arguments_of_this_call = {.source = &gw_gate_arguments, .noun = "argument"};
static gw_document gw_result_of_this_call = {.source = &gw_gate_response, .noun = "result"};

gw_past_calls gw_history(const gw_request *request, uint32_t limit) {
  (void)request;
  gw_past_calls calls;
  gw_history_recent(limit, &calls);
  return calls;
}

void gw_log(int level, gw_text message) {
  gw_log_write(level, message.at, message.length);
}

/* A trap has no text: says what and where before. */
_Noreturn void gw_fault(gw_text message, const char *file, int line) {
  gw_log_warn(gw_concat(message, " at ", file, ":", line));
  __builtin_trap();
}

/* What `assert` of the C library calls; its own would want a file system. */
_Noreturn void __assert_fail(const char *expression, const char *file, int line, const char *function) {
  (void)function;
  gw_fault(gw_concat("assertion failed: ", expression), file, line);
}

/* The record of the gate is the first part of a request. */
static gw_request gw_lift_request(const void *record) {
  gw_request request = {.arguments = &gw_arguments_of_this_call};
  memcpy(&request, record, offsetof(gw_request, arguments));
  return request;
}

const void *gw_export_configure(char *json, size_t length) {
  static gw_gate_result result;
  gw_optional_text error = gw_configure(&gw_this_component, (gw_text){json, length});
  result = (gw_gate_result){.is_error = error.is_some, .error = error.text};
  return &result;
}

const void *gw_export_judge(const void *record) {
  static gw_verdict verdict;
  gw_request request = gw_lift_request(record);
  verdict = gw_checked_verdict(gw_this_component.judge(&request), &request);
  return &verdict;
}

const void *gw_export_revise(const void *record) {
  static gw_gate_result result;
  gw_request request = gw_lift_request(record);
  gw_edits edits = gw_this_component.revise(&request);
  gw_optional_text refusal = gw_refusal_of(request.arguments);
  result = (gw_gate_result){.is_error = refusal.is_some};
  if (refusal.is_some) result.error = refusal.text;
  else result.edits = edits;
  return &result;
}

const void *gw_export_review(const void *record) {
  static gw_finding finding;
  gw_request request = gw_lift_request(record);
  gw_response response = {.result = &gw_result_of_this_call, .is_error = gw_response_is_error() != 0};
  finding = gw_checked_finding(gw_this_component.review(&request, &response), &request, &response);
  return &finding;
}
