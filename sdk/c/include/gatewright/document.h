/* Reading arguments, settings and results by JSON Pointer (RFC 6901); `""` is the
 * whole. A pointer that is not well-formed is a fault. */
#ifndef GATEWRIGHT_DOCUMENT_H
#define GATEWRIGHT_DOCUMENT_H

#include "request.h"

/** What stands at a pointer. */
enum gw_kind {
  /** Nothing. */
  GW_MISSING,
  /** `null`. */
  GW_NULL,
  /** `true` or `false`. */
  GW_BOOLEAN,
  /** A number written as an integer that fits into 64 bits. */
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

/** What stands at a pointer, one level deep. */
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
  /** Where it stands. */
  gw_text pointer;
} gw_value;

/** The argument at a pointer (a C string or a `gw_text`). */
#define gw_argument(request, pointer) gw_value_at((request)->arguments, pointer)

/** What stands at a pointer of arguments, settings or a result. */
#define gw_value_at(document, pointer) gw_document_value((document), gw_text_of(pointer))

/** Member names of the object at a pointer, in their order; none where there is no object. */
#define gw_keys(document, pointer) gw_document_keys((document), gw_text_of(pointer))

/** The JSON text at a pointer, or nothing. */
#define gw_json(document, pointer) gw_document_json((document), gw_text_of(pointer))

/** The pointer to the member of that name (or the element with that index) of what stands at a pointer. */
#define gw_child(pointer, name) gw_pointer_child(gw_text_of(pointer), gw_text_of(name))

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

/** Refuses the document, with a message; the first refusal counts. Settings that
 * are refused keep the policy from being loaded; refused arguments deny the call,
 * a refused result is blocked. */
#define gw_refuse(document, message) gw_document_refuse((document), gw_text_of(message))

/** Why the document is refused, or nothing. */
gw_optional_text gw_refusal_of(const gw_document *document);

/* What the macros above call. */
gw_value gw_document_value(gw_document *document, gw_text pointer);
gw_texts gw_document_keys(gw_document *document, gw_text pointer);
gw_optional_text gw_document_json(gw_document *document, gw_text pointer);
void gw_document_refuse(gw_document *document, gw_text message);
gw_text gw_pointer_child(gw_text pointer, gw_text name);

#endif
