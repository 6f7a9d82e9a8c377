/* JSON in memory: settings, and what a test asks with. */
#ifndef GATEWRIGHT_TREE_H
#define GATEWRIGHT_TREE_H

#include "../include/gatewright/value.h"

/* A JSON value and what is in it. */
typedef struct gw_tree {
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
  struct gw_tree *first;
  struct gw_tree *last;
  uint32_t count;
  /* Of an array: the element that was found last, and its index. */
  struct gw_tree *found;
  uint32_t found_at;
  /* The next in the same array or object. */
  struct gw_tree *next;
} gw_tree;

/* Reads JSON (RFC 8259) strictly: one value, no member twice, no lone surrogates.
 * NULL where the text is not JSON. */
gw_tree *gw_json_read(gw_text json);
gw_text gw_json_write(const gw_tree *tree);

gw_tree *gw_tree_new(enum gw_kind kind);
void gw_tree_add(gw_tree *place, gw_text name, gw_tree *tree);
/* The member of that name, or NULL. */
gw_tree *gw_tree_member(const gw_tree *tree, gw_text name);
/* The element or member at an index, or NULL. */
gw_tree *gw_tree_at(gw_tree *tree, uint32_t index);
/* The member or element of a name that stands in a pointer, or NULL. */
gw_tree *gw_tree_step(gw_tree *tree, gw_text name);
/* What stands at a pointer, or NULL; marks what is on the way as read. */
gw_tree *gw_tree_get(gw_tree *tree, gw_text pointer);
/* One level of it. */
gw_value gw_tree_value(const gw_tree *tree);
/* Member names; none where this is no object. */
gw_texts gw_tree_keys(const gw_tree *tree);
/* Marks all of it as read. */
void gw_tree_mark_read(gw_tree *tree);
/* The pointer to the first member that nobody asked for, or nothing. */
gw_optional_text gw_tree_unread(const gw_tree *tree);

#endif
