/* One JSON value, one level deep. */
#ifndef GATEWRIGHT_VALUE_H
#define GATEWRIGHT_VALUE_H

#include "text.h"

/** Arguments, settings or a response, read by JSON Pointer: see `document.h`. */
typedef struct gw_document gw_document;

/** A place in a document, to walk from: see `node.h`. */
typedef struct {
  /** Whether something stands there. */
  bool is_some;
  /** Known to the gate alone. */
  uintptr_t place;
  /** What it is a place in. */
  gw_document *document;
} gw_node;

/** What stands somewhere. */
enum gw_kind {
  /** Nothing. */
  GW_MISSING,
  /** `null`. */
  GW_NULL,
  /** `true` or `false`. */
  GW_BOOLEAN,
  /** A number written as an integer that fits into 64 bits; `-0` is none. */
  GW_INTEGER,
  /** Any other JSON number. */
  GW_NUMBER,
  /** Text. */
  GW_TEXT,
  /** An array. */
  GW_ARRAY,
  /** An object. */
  GW_OBJECT,
};

/** A value, one level deep. */
typedef struct {
  /** What it is. */
  enum gw_kind kind;
  /** Of a boolean. */
  bool boolean;
  /** Of an integer. */
  int64_t integer;
  /** The text, or a number that is no integer as it was written. */
  gw_text text;
  /** The number of elements or members. */
  uint32_t count;
  /** Where it was read. */
  gw_document *document;
  /** Where it stands; empty where it was read from a node. */
  gw_text pointer;
  /** The node that it was read from; none where it was read by pointer. */
  gw_node node;
} gw_value;

/* These want a type. Where something else stands, or nothing, they give an empty
 * value and refuse the whole document: the call is denied with
 * `invalid-arguments` and a message that says so, whatever the policy answers
 * then. The forms with `_or` take a missing value or `null` for the fallback. A
 * policy that wants to answer itself looks at `kind` first. */

/** The text. */
gw_text gw_as_text(gw_value value);
/** The text, or the fallback where there is none. */
gw_text gw_as_text_or(gw_value value, const char *fallback);
/** The integer. */
int64_t gw_as_integer(gw_value value);
/** The integer, or the fallback where there is none. */
int64_t gw_as_integer_or(gw_value value, int64_t fallback);
/** The number, rounded to 64 bits. */
double gw_as_number(gw_value value);
/** The number, or the fallback where there is none. */
double gw_as_number_or(gw_value value, double fallback);
/** The boolean. */
bool gw_as_boolean(gw_value value);
/** The boolean, or the fallback where there is none. */
bool gw_as_boolean_or(gw_value value, bool fallback);
/** The elements of an array of text. */
gw_texts gw_as_texts(gw_value value);
/** The elements of an array of text; none where there is no value. */
gw_texts gw_as_texts_or_none(gw_value value);

#endif
