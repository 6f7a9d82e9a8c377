/* Changes to arguments and results, and what becomes of a result. The structs are
 * laid out as the contract's variants and records are in WebAssembly. */
#ifndef GATEWRIGHT_EDIT_H
#define GATEWRIGHT_EDIT_H

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
#define gw_set_integer(pointer, integer) gw_edit_json(gw_text_of(pointer), gw_text_of_integer(integer))
/** Puts JSON text there. */
#define gw_set_json(pointer, json) gw_edit_json(gw_text_of(pointer), gw_text_of(json))
/** Removes the member or element. */
#define gw_remove(pointer) gw_edit_remove(gw_text_of(pointer))

/** A result that may go on to the agent. */
typedef struct {
  /** Changes to the result, in order. */
  gw_edits edits;
  /** Labels that the session carries from now on. */
  gw_texts labels;
} gw_passage;

/** What becomes of a result. */
enum gw_finding_kind {
  GW_FINDING_PASS,
  GW_FINDING_BLOCK,
};

/** The answer of a policy that reviews. */
typedef struct {
  /** Which: an `enum gw_finding_kind`. */
  uint8_t kind;
  union {
    gw_passage pass;
    gw_text block;
  };
} gw_finding;

/** The result goes on as it is. */
gw_finding gw_pass(void);
/** The result goes on with edits and labels. */
gw_finding gw_pass_with(gw_edits edits, gw_texts labels);
/** The agent gets this text instead of the result. */
#define gw_block(message) gw_finding_block(gw_text_of(message))

/** Text as JSON, between quotation marks. */
gw_text gw_quote(gw_text text);

/* What the macros above call. */
gw_edits gw_copy_edits(size_t count, const gw_edit *edits);
gw_edit gw_edit_json(gw_text pointer, gw_text json);
gw_edit gw_edit_remove(gw_text pointer);
gw_finding gw_finding_block(gw_text message);

#endif
