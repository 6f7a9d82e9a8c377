/* What the parts of the SDK share: documents, where their values come from, and
 * JSON in memory. */
#ifndef GATEWRIGHT_SOURCE_H
#define GATEWRIGHT_SOURCE_H

#include "../include/gatewright.h"

/* Where the values of a document come from: from the gate in a component, from
 * memory in settings and in tests. */
typedef struct {
  gw_value (*value)(gw_document *document, gw_text pointer);
  gw_texts (*keys)(gw_document *document, gw_text pointer);
  gw_optional_text (*json)(gw_document *document, gw_text pointer);
} gw_source;

/* A JSON value and what is in it. */
typedef struct gw_node {
  enum gw_kind kind;
  /* Of a boolean or an integer. */
  int64_t bits;
  /* Text, or a number as it was written. */
  gw_text written;
  /* Whether somebody asked for it. */
  bool is_read;
  /* Of a member of an object. */
  gw_text name;
  /* Of an array or an object, in order. */
  struct gw_node *first;
  struct gw_node *last;
  uint32_t count;
  /* Of an array: the element that was found last, and its index. */
  struct gw_node *found;
  uint32_t found_at;
  /* The next in the same array or object. */
  struct gw_node *next;
} gw_node;

struct gw_document {
  const gw_source *source;
  /* What its values are called in messages. */
  const char *noun;
  gw_optional_text refusal;
  /* Of a document in memory. */
  gw_node *root;
};

/* Reads JSON (RFC 8259) strictly: one value, no member twice, no lone surrogates.
 * NULL where the text is not JSON. */
gw_node *gw_json_read(gw_text json);
gw_text gw_json_write(const gw_node *node);
gw_node *gw_node_new(enum gw_kind kind);
void gw_node_add(gw_node *place, gw_text name, gw_node *node);
/* The member or element of that name, or NULL. */
gw_node *gw_node_find(gw_node *node, gw_text name);

/* A document in memory. */
gw_document *gw_memory_new(const char *noun, gw_node *root);
/* The pointer to the first member that nobody asked for, or nothing. */
gw_optional_text gw_memory_unread(const gw_document *document);

/* Takes the next name, unescaped, off a pointer; false at its end. Text that is
 * no pointer is a fault. */
bool gw_pointer_step(gw_text *pointer, gw_text *name);

/* Reads and checks settings; gives why they are refused, or nothing. */
gw_optional_text gw_configure(const gw_component *component, gw_text json);
/* The verdict, or a denial where something could not be read. */
gw_verdict gw_checked_verdict(gw_verdict verdict, const gw_request *request);
/* The finding, or a block where something could not be read. */
gw_finding gw_checked_finding(gw_finding finding, const gw_request *request, const gw_response *response);

static inline gw_optional_text gw_some(gw_text text) {
  return (gw_optional_text){.is_some = true, .text = text};
}

static inline gw_optional_text gw_none(void) {
  return (gw_optional_text){.is_some = false};
}

#endif
