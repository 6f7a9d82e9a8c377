/* Walking through documents of the call. */

#include "../include/gatewright/node.h"
#include "../include/gatewright/response.h"
#include "document.h"
#include "place.h"
#include "pointer.h"

static gw_node gw_node_in(gw_document *document, gw_found found) {
  return (gw_node){.is_some = found.is_some, .place = found.place, .document = document};
}


gw_node gw_root(const gw_request *request) {
  return gw_document_root(gw_arguments(request));
}

gw_node gw_response_root(const gw_response *response) {
  return gw_document_root(gw_body(response));
}

enum gw_kind gw_node_kind(gw_node node) {
  return node.is_some ? gw_place_kind(node.place) : GW_MISSING;
}

gw_value gw_node_value(gw_node node) {
  gw_value value = node.is_some ? gw_place_value(node.place) : (gw_value){.kind = GW_MISSING};
  value.document = node.document;
  value.node = node;
  return value;
}

uint32_t gw_node_length(gw_node node) {
  return node.is_some ? gw_place_length(node.place) : 0;
}

gw_node gw_node_at_pointer(gw_node node, gw_text pointer) {
  if (node.is_some) return gw_node_in(node.document, gw_place_get(node.place, pointer));
  // A bad pointer must not look like one to nothing.
  for (gw_text name; gw_pointer_step(&pointer, &name);) {
  }
  return node;
}

gw_node gw_node_of_member(gw_node node, gw_text name) {
  if (!node.is_some) return node;
  return gw_node_in(node.document, gw_place_member(node.place, name));
}

gw_node gw_node_at(gw_node node, uint32_t index) {
  if (!node.is_some) return node;
  return gw_node_in(node.document, gw_place_at(node.place, index));
}

gw_nodes gw_node_children(gw_node node) {
  if (!node.is_some) return (gw_nodes){NULL, 0};
  gw_places places = gw_place_children(node.place);
  gw_node *children = gw_allocate(places.count * sizeof *children);
  for (size_t i = 0; i < places.count; i++) {
    children[i] = gw_node_in(node.document, (gw_found){.is_some = true, .place = places.at[i]});
  }
  return (gw_nodes){children, places.count};
}

gw_texts gw_node_keys(gw_node node) {
  return node.is_some ? gw_place_keys(node.place) : gw_no_texts();
}

gw_optional_text gw_node_text(gw_node node) {
  return node.is_some ? gw_place_text(node.place) : gw_none();
}

gw_optional_text gw_node_json(gw_node node) {
  return node.is_some ? gw_some(gw_place_json(node.place)) : gw_none();
}
