/* Reading documents by pointer. */

#include "document.h"
#include "place.h"

gw_document *gw_document_of(const char *noun, const char *whole, gw_tree *tree) {
  gw_document *document = gw_allocate(sizeof *document);
  *document = (gw_document){.noun = noun, .whole = whole, .tree = tree};
  return document;
}

gw_node gw_document_root(gw_document *document) {
  uintptr_t place = document->tree != NULL ? (uintptr_t)document->tree : document->source->root();
  return (gw_node){.is_some = true, .place = place, .document = document};
}

static gw_value gw_value_of_tree(gw_tree *tree, gw_text pointer) {
  gw_tree *found = gw_tree_get(tree, pointer);
  return found != NULL ? gw_tree_value(found) : (gw_value){.kind = GW_MISSING};
}

gw_value gw_document_value(gw_document *document, gw_text pointer) {
  gw_value value = document->tree != NULL ? gw_value_of_tree(document->tree, pointer) : document->source->value(pointer);
  value.document = document;
  value.pointer = pointer;
  return value;
}

gw_texts gw_document_keys(gw_document *document, gw_text pointer) {
  if (document->tree != NULL) {
    const gw_tree *found = gw_tree_get(document->tree, pointer);
    return found != NULL ? gw_tree_keys(found) : gw_no_texts();
  }
  gw_found found = gw_place_get(document->source->root(), pointer);
  if (!found.is_some) return gw_no_texts();
  gw_texts keys = gw_place_keys(found.place);
  gw_place_drop(found.place);
  return keys;
}

gw_optional_text gw_document_json(gw_document *document, gw_text pointer) {
  if (document->tree == NULL) return document->source->json(pointer);
  gw_tree *found = gw_tree_get(document->tree, pointer);
  if (found == NULL) return gw_none();
  gw_tree_mark_read(found);
  return gw_some(gw_json_write(found));
}

void gw_document_refuse(gw_document *document, gw_text pointer, gw_text message) {
  if (!document->problem.is_some) document->problem = gw_problem_at(pointer, message);
}

gw_problem gw_problem_of(const gw_document *document) {
  return document->problem;
}
