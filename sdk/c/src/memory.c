/* Documents in memory: settings, and what a test asks with. */

#include <string.h>

#include "source.h"

gw_node *gw_node_new(enum gw_kind kind) {
  gw_node *node = memset(gw_allocate(sizeof *node), 0, sizeof *node);
  node->kind = kind;
  return node;
}

void gw_node_add(gw_node *place, gw_text name, gw_node *node) {
  node->name = name;
  if (place->last == NULL) place->first = node;
  else place->last->next = node;
  place->last = node;
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

/* Goes on from the element that was found last: arrays are read in order. */
static gw_node *gw_element_find(gw_node *array, uint32_t index) {
  if (index >= array->count) return NULL;
  if (array->found == NULL || array->found_at > index) {
    array->found = array->first;
    array->found_at = 0;
  }
  for (; array->found_at < index; array->found_at++) array->found = array->found->next;
  return array->found;
}

gw_node *gw_node_find(gw_node *node, gw_text name) {
  uint32_t index;
  if (node->kind == GW_ARRAY) return gw_index_of(name, &index) ? gw_element_find(node, index) : NULL;
  for (gw_node *inner = node->first; inner != NULL; inner = inner->next) {
    if (gw_equal(inner->name, name)) return inner;
  }
  return NULL;
}

static gw_node *gw_memory_find(gw_document *document, gw_text pointer) {
  gw_node *node = document->root;
  gw_text name;
  while (gw_pointer_step(&pointer, &name)) {
    if (node != NULL) node = gw_node_find(node, name);
    if (node != NULL) node->is_read = true;
  }
  return node;
}

static gw_value gw_memory_value(gw_document *document, gw_text pointer) {
  const gw_node *node = gw_memory_find(document, pointer);
  if (node == NULL) return (gw_value){.kind = GW_MISSING};
  gw_value value = {.kind = node->kind, .count = node->count};
  if (node->kind == GW_BOOLEAN) value.boolean = node->bits != 0;
  if (node->kind == GW_INTEGER) value.integer = node->bits;
  if (node->kind == GW_TEXT || node->kind == GW_NUMBER) value.text = node->written;
  return value;
}

static gw_texts gw_memory_keys(gw_document *document, gw_text pointer) {
  const gw_node *node = gw_memory_find(document, pointer);
  if (node == NULL || node->kind != GW_OBJECT) return gw_no_texts();
  gw_text *names = gw_allocate(node->count * sizeof *names);
  size_t count = 0;
  for (const gw_node *inner = node->first; inner != NULL; inner = inner->next) names[count++] = inner->name;
  return (gw_texts){names, count};
}

static void gw_mark_read(gw_node *node) {
  node->is_read = true;
  for (gw_node *inner = node->first; inner != NULL; inner = inner->next) gw_mark_read(inner);
}

static gw_optional_text gw_memory_json(gw_document *document, gw_text pointer) {
  gw_node *node = gw_memory_find(document, pointer);
  if (node == NULL) return gw_none();
  gw_mark_read(node);
  return gw_some(gw_json_write(node));
}

static const gw_source gw_memory = {gw_memory_value, gw_memory_keys, gw_memory_json};

gw_document *gw_memory_new(const char *noun, gw_node *root) {
  gw_document *document = gw_allocate(sizeof *document);
  *document = (gw_document){.source = &gw_memory, .noun = noun, .root = root};
  return document;
}

static gw_optional_text gw_first_unread(const gw_node *node, gw_text pointer) {
  size_t index = 0;
  for (const gw_node *inner = node->first; inner != NULL; inner = inner->next, index++) {
    bool is_member = node->kind == GW_OBJECT;
    gw_text place = gw_child(pointer, is_member ? inner->name : gw_text_of(index));
    if (is_member && !inner->is_read) return gw_some(place);
    gw_optional_text found = inner->is_read ? gw_first_unread(inner, place) : gw_none();
    if (found.is_some) return found;
  }
  return gw_none();
}

gw_optional_text gw_memory_unread(const gw_document *document) {
  return gw_first_unread(document->root, gw_text_of(""));
}
