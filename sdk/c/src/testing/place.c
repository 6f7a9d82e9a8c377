/* What the gate does in a component: places, which are JSON in memory here. */

#include "../place.h"
#include "../document.h"

static gw_tree *gw_tree_at_place(uintptr_t place) {
  return (gw_tree *)place;
}

static gw_found gw_found_tree(gw_tree *tree) {
  return (gw_found){.is_some = tree != NULL, .place = (uintptr_t)tree};
}

enum gw_kind gw_place_kind(uintptr_t place) {
  enum gw_kind kind = gw_tree_at_place(place)->kind;
  return kind == GW_INTEGER ? GW_NUMBER : kind;
}

gw_value gw_place_value(uintptr_t place) {
  return gw_tree_value(gw_tree_at_place(place));
}

uint32_t gw_place_length(uintptr_t place) {
  const gw_tree *tree = gw_tree_at_place(place);
  return tree->kind == GW_TEXT ? (uint32_t)tree->written.length : tree->count;
}

gw_found gw_place_get(uintptr_t place, gw_text pointer) {
  return gw_found_tree(gw_tree_get(gw_tree_at_place(place), pointer));
}

gw_found gw_place_member(uintptr_t place, gw_text name) {
  return gw_found_tree(gw_tree_member(gw_tree_at_place(place), name));
}

gw_found gw_place_at(uintptr_t place, uint32_t index) {
  return gw_found_tree(gw_tree_at(gw_tree_at_place(place), index));
}

gw_places gw_place_children(uintptr_t place) {
  const gw_tree *tree = gw_tree_at_place(place);
  uintptr_t *places = gw_allocate(tree->count * sizeof *places);
  size_t count = 0;
  for (gw_tree *inner = tree->first; inner != NULL; inner = inner->next) places[count++] = (uintptr_t)inner;
  return (gw_places){places, count};
}

gw_texts gw_place_keys(uintptr_t place) {
  return gw_tree_keys(gw_tree_at_place(place));
}

gw_optional_text gw_place_text(uintptr_t place) {
  const gw_tree *tree = gw_tree_at_place(place);
  return tree->kind == GW_TEXT ? gw_some(tree->written) : gw_none();
}

gw_text gw_place_json(uintptr_t place) {
  return gw_json_write(gw_tree_at_place(place));
}

void gw_place_drop(uintptr_t place) {
  (void)place;
}
