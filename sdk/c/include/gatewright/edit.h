/* Changes to arguments and results. The structs are laid out as the contract's
 * records are in WebAssembly. */
#ifndef GATEWRIGHT_EDIT_H
#define GATEWRIGHT_EDIT_H

#include "note.h"
#include "text.h"

/** One change to a JSON document. */
typedef struct {
  /** Where: a JSON Pointer (RFC 6901). */
  gw_text pointer;
  /** The JSON to put there; nothing removes the member or element. */
  gw_optional_text json;
} gw_edit;

/** Changes, in order. */
typedef struct {
  const gw_edit *at;
  size_t count;
} gw_edits;

/** The answer of a policy that rewrites arguments. */
typedef struct {
  /** Changes to the arguments, in order. */
  gw_edits edits;
  gw_notes notes;
} gw_revision;

/** The arguments with these changes, in order; `gw_no_edits()` leaves them. */
gw_revision gw_revise(gw_edits edits);

/** A list of changes (one or more `gw_edit`). */
#define gw_edits_of(...) \
  gw_copy_edits(sizeof((const gw_edit[]){__VA_ARGS__}) / sizeof(gw_edit), (const gw_edit[]){__VA_ARGS__})
/** No changes. */
static inline gw_edits gw_no_edits(void) {
  return (gw_edits){NULL, 0};
}

/** Puts text where the pointer points: replaces what stands there, adds a missing
 * member, appends to an array at `-`. */
#define gw_set_text(pointer, text) gw_edit_json(gw_text_of(pointer), gw_quote(gw_text_of(text)))
/** Puts an integer there. */
#define gw_set_integer(pointer, integer) gw_edit_json(gw_text_of(pointer), gw_decimal_of(integer))
/** Puts JSON text there. */
#define gw_set_json(pointer, json) gw_edit_json(gw_text_of(pointer), gw_text_of(json))
/** Removes the member or element. */
#define gw_remove(pointer) gw_edit_remove(gw_text_of(pointer))

/** Text as JSON, between quotation marks. */
gw_text gw_quote(gw_text text);

/* What the macros above call. */
gw_edits gw_copy_edits(size_t count, const gw_edit *edits);
gw_edit gw_edit_json(gw_text pointer, gw_text json);
gw_edit gw_edit_remove(gw_text pointer);

#endif
