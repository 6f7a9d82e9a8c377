/* Reading values with a type. */

#include <stdlib.h>

#include "document.h"
#include "place.h"
#include "pointer.h"

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

/* Whether it is all of a document. */
static bool gw_is_whole(gw_value value) {
  return value.pointer.at != NULL && value.pointer.length == 0;
}

/* What a value is called in messages. One that was read from a node has no pointer. */
static gw_text gw_name_of(gw_value value) {
  if (value.pointer.at == NULL) return gw_concat("a value in ", value.document->whole);
  if (gw_is_whole(value)) return gw_text_of(value.document->whole);
  return gw_concat("the ", value.document->noun, " `", value.pointer, "`");
}

/* Whether a value has a kind; refuses the document where it has not. */
static bool gw_is(gw_value value, enum gw_kind kind) {
  if (value.kind == kind) return true;
  if (value.kind == GW_MISSING) {
    gw_refuse_at(value.document, gw_pointer_parent(value.pointer), gw_concat(gw_name_of(value), " is missing"));
    return false;
  }
  const char *misfit = gw_is_whole(value) ? ": found " : " does not fit: found ";
  gw_text kinds = gw_concat(gw_kind_name(value.kind), ", expected ", gw_kind_name(kind));
  gw_refuse_at(value.document, value.pointer, gw_concat(gw_name_of(value), misfit, kinds));
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

/* The text of an element. Its pointer is wanted for a message only. */
static gw_text gw_element(gw_value array, size_t index, gw_value element) {
  if (element.kind == GW_TEXT) return element.text;
  element.document = array.document;
  if (array.pointer.at != NULL) element.pointer = gw_concat(array.pointer, "/", index);
  return gw_as_text(element);
}

static void gw_read_elements_of_tree(gw_value array, gw_text *texts) {
  const gw_tree *element = gw_tree_get(array.document->tree, array.pointer)->first;
  for (uint32_t i = 0; i < array.count; i++, element = element->next) {
    texts[i] = gw_element(array, i, gw_tree_value(element));
  }
}

/* By place: a pointer to each would be looked up from the first element on. */
static void gw_read_elements_at(uintptr_t place, gw_value array, gw_text *texts) {
  gw_places places = gw_place_children(place);
  for (uint32_t i = 0; i < places.count; i++) {
    texts[i] = gw_element(array, i, gw_place_value(places.at[i]));
    gw_place_drop(places.at[i]);
  }
}

gw_texts gw_as_texts(gw_value value) {
  if (!gw_is(value, GW_ARRAY)) return gw_no_texts();
  gw_text *texts = gw_allocate(value.count * sizeof *texts);
  if (value.node.is_some) {
    gw_read_elements_at(value.node.place, value, texts);
  } else if (value.document->tree != NULL) {
    gw_read_elements_of_tree(value, texts);
  } else {
    uintptr_t array = gw_place_get(value.document->source->root(), value.pointer).place;
    gw_read_elements_at(array, value, texts);
    gw_place_drop(array);
  }
  return (gw_texts){texts, value.count};
}

gw_texts gw_as_texts_or_none(gw_value value) {
  return gw_is_absent(value) ? gw_no_texts() : gw_as_texts(value);
}
