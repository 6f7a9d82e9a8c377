/* Reading documents with a type. */

#include <stdlib.h>

#include "source.h"

gw_value gw_document_value(gw_document *document, gw_text pointer) {
  gw_value value = document->source->value(document, pointer);
  value.document = document;
  value.pointer = pointer;
  return value;
}

gw_texts gw_document_keys(gw_document *document, gw_text pointer) {
  return document->source->keys(document, pointer);
}

gw_optional_text gw_document_json(gw_document *document, gw_text pointer) {
  return document->source->json(document, pointer);
}

void gw_document_refuse(gw_document *document, gw_text message) {
  if (!document->refusal.is_some) document->refusal = gw_some(message);
}

gw_optional_text gw_refusal_of(const gw_document *document) {
  return document->refusal;
}

static const char *gw_kind_name(enum gw_kind kind) {
  switch (kind) {
    case GW_MISSING: return "nothing";
    case GW_NULL: return "null";
    case GW_BOOLEAN: return "a boolean";
    case GW_INTEGER: return "an integer";
    case GW_NUMBER: return "a number";
    case GW_TEXT: return "text";
    case GW_ARRAY: return "an array";
    case GW_OBJECT: return "an object";
  }
  return "";
}

/* Whether a value has a kind; refuses the document where it has not. */
static bool gw_is(gw_value value, enum gw_kind kind) {
  if (value.kind == kind) return true;
  const char *noun = value.document->noun;
  bool is_whole = value.pointer.length == 0;
  gw_text what = is_whole ? gw_concat("the ", noun, "s") : gw_concat("the ", noun, " `", value.pointer, "`");
  if (value.kind == GW_MISSING) {
    gw_refuse(value.document, gw_concat(what, " is missing"));
  } else {
    const char *fit = is_whole ? " do not fit: found " : " does not fit: found ";
    gw_refuse(value.document, gw_concat(what, fit, gw_kind_name(value.kind), ", expected ", gw_kind_name(kind)));
  }
  return false;
}

/* Whether a reader of an optional value takes it for nothing. */
static bool gw_is_absent(gw_value value) {
  return value.kind == GW_MISSING || value.kind == GW_NULL;
}

gw_text gw_as_text(gw_value value) {
  return gw_is(value, GW_TEXT) ? value.text : gw_text_of("");
}

gw_text gw_as_text_or(gw_value value, const char *fallback) {
  return gw_is_absent(value) ? gw_text_of(fallback) : gw_as_text(value);
}

int64_t gw_as_integer(gw_value value) {
  return gw_is(value, GW_INTEGER) ? value.integer : 0;
}

int64_t gw_as_integer_or(gw_value value, int64_t fallback) {
  return gw_is_absent(value) ? fallback : gw_as_integer(value);
}

double gw_as_number(gw_value value) {
  if (value.kind == GW_INTEGER) return (double)value.integer;
  return gw_is(value, GW_NUMBER) ? strtod(gw_string_of(value.text), NULL) : 0;
}

double gw_as_number_or(gw_value value, double fallback) {
  return gw_is_absent(value) ? fallback : gw_as_number(value);
}

bool gw_as_boolean(gw_value value) {
  return gw_is(value, GW_BOOLEAN) && value.boolean;
}

bool gw_as_boolean_or(gw_value value, bool fallback) {
  return gw_is_absent(value) ? fallback : gw_as_boolean(value);
}

gw_texts gw_as_texts(gw_value value) {
  if (!gw_is(value, GW_ARRAY)) return gw_no_texts();
  gw_text *texts = gw_allocate(value.count * sizeof *texts);
  for (uint32_t i = 0; i < value.count; i++) {
    texts[i] = gw_as_text(gw_value_at(value.document, gw_concat(value.pointer, "/", i)));
  }
  return (gw_texts){texts, value.count};
}

gw_texts gw_as_texts_or_none(gw_value value) {
  return gw_is_absent(value) ? gw_no_texts() : gw_as_texts(value);
}

bool gw_is_listing(const gw_request *request) {
  return gw_ends_with(request->action.method, "/list");
}
