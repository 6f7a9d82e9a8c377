/* Documents: where their values come from, and what is wrong with them. */
#ifndef GATEWRIGHT_DOCUMENTS_H
#define GATEWRIGHT_DOCUMENTS_H

#include "../include/gatewright/document.h"
#include "tree.h"

/* What the gate says about a document of the call. */
typedef struct {
  gw_value (*value)(gw_text pointer);
  gw_optional_text (*json)(gw_text pointer);
  /* The place of all of it: see `place.h`. */
  uintptr_t (*root)(void);
} gw_source;

struct gw_document {
  /* What one of its values, and all of it, are called in messages. */
  const char *noun;
  const char *whole;
  gw_problem problem;
  /* Of a document in memory; otherwise NULL. */
  gw_tree *tree;
  /* Of a document that the gate has; otherwise NULL. */
  const gw_source *source;
};

/* A document in memory. */
gw_document *gw_document_of(const char *noun, const char *whole, gw_tree *tree);
/* All of a document of the call. */
gw_node gw_document_root(gw_document *document);

static inline gw_optional_text gw_some(gw_text text) {
  return (gw_optional_text){.is_some = true, .text = text};
}

static inline gw_optional_text gw_none(void) {
  return (gw_optional_text){.is_some = false};
}

static inline gw_problem gw_problem_at(gw_text pointer, gw_text message) {
  return (gw_problem){.is_some = true, .pointer = pointer, .message = message};
}

static inline gw_problem gw_no_problem(void) {
  return (gw_problem){.is_some = false};
}

#endif
