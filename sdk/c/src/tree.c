/* JSON in memory. */

#include <string.h>

#include "document.h"
#include "pointer.h"
#include "tree.h"

gw_tree *gw_tree_new(enum gw_kind kind) {
  gw_tree *tree = memset(gw_allocate(sizeof *tree), 0, sizeof *tree);
  tree->kind = kind;
  return tree;
}

void gw_tree_add(gw_tree *place, gw_text name, gw_tree *tree) {
  tree->name = name;
  if (place->last == NULL) place->first = tree;
  else place->last->next = tree;
  place->last = tree;
  place->count++;
}

/* An index without sign and leading zeros; false for everything else. */
static bool gw_index_of(gw_text name, uint32_t *index) {
  if (name.length == 0 || name.length > 9 || (name.length > 1 && name.at[0] == '0')) return false;
  *index = 0;
  for (size_t i = 0; i < name.length; i++) {
    if (name.at[i] < '0' || name.at[i] > '9') return false;
    *index = *index * 10 + (uint32_t)(name.at[i] - '0');
  }
  return true;
}

/* Goes on from what was found last: arrays are read in order. */
gw_tree *gw_tree_at(gw_tree *tree, uint32_t index) {
  if (index >= tree->count) return NULL;
  if (tree->found == NULL || tree->found_at > index) {
    tree->found = tree->first;
    tree->found_at = 0;
  }
  for (; tree->found_at < index; tree->found_at++) tree->found = tree->found->next;
  return tree->found;
}

gw_tree *gw_tree_member(const gw_tree *tree, gw_text name) {
  if (tree->kind != GW_OBJECT) return NULL;
  for (gw_tree *inner = tree->first; inner != NULL; inner = inner->next) {
    if (gw_equal(inner->name, name)) return inner;
  }
  return NULL;
}

gw_tree *gw_tree_step(gw_tree *tree, gw_text name) {
  uint32_t index;
  if (tree->kind != GW_ARRAY) return gw_tree_member(tree, name);
  return gw_index_of(name, &index) ? gw_tree_at(tree, index) : NULL;
}

gw_tree *gw_tree_get(gw_tree *tree, gw_text pointer) {
  gw_text name;
  while (gw_pointer_step(&pointer, &name)) {
    if (tree != NULL) tree = gw_tree_step(tree, name);
    if (tree != NULL) tree->is_read = true;
  }
  return tree;
}

gw_value gw_tree_value(const gw_tree *tree) {
  gw_value value = {.kind = tree->kind, .count = tree->count};
  if (tree->kind == GW_BOOLEAN) value.boolean = tree->bits != 0;
  if (tree->kind == GW_INTEGER) value.integer = tree->bits;
  if (tree->kind == GW_TEXT || tree->kind == GW_NUMBER) value.text = tree->written;
  return value;
}

gw_texts gw_tree_keys(const gw_tree *tree) {
  if (tree->kind != GW_OBJECT) return gw_no_texts();
  gw_text *names = gw_allocate(tree->count * sizeof *names);
  size_t count = 0;
  for (const gw_tree *inner = tree->first; inner != NULL; inner = inner->next) names[count++] = inner->name;
  return (gw_texts){names, count};
}

void gw_tree_mark_read(gw_tree *tree) {
  tree->is_read = true;
  for (gw_tree *inner = tree->first; inner != NULL; inner = inner->next) gw_tree_mark_read(inner);
}

static gw_optional_text gw_first_unread(const gw_tree *tree, gw_text pointer) {
  size_t index = 0;
  for (const gw_tree *inner = tree->first; inner != NULL; inner = inner->next, index++) {
    bool is_member = tree->kind == GW_OBJECT;
    gw_text place = gw_child(pointer, is_member ? inner->name : gw_text_of(index));
    if (is_member && !inner->is_read) return gw_some(place);
    gw_optional_text found = inner->is_read ? gw_first_unread(inner, place) : gw_none();
    if (found.is_some) return found;
  }
  return gw_none();
}

gw_optional_text gw_tree_unread(const gw_tree *tree) {
  return gw_first_unread(tree, gw_text_of(""));
}
