/* Reading arguments and walking through them. */

#include "read.h"

static gw_text or_missing(gw_optional_text text) {
  return text.is_some ? text.text : gw_text_of("missing");
}

gw_text text_at(const gw_request *request, const char *pointer) {
  gw_value value = gw_argument(request, pointer);
  return value.kind == GW_TEXT ? value.text : gw_text_of("");
}

gw_node node_at(const gw_request *request) {
  return gw_node_get(gw_root(request), text_at(request, "/pointer"));
}

/* Of UTF-8, the bytes that begin one. */
size_t scalars(gw_text text) {
  size_t count = 0;
  for (size_t i = 0; i < text.length; i++) count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
  return count;
}

gw_text read_keys(const gw_request *request) {
  return gw_join(gw_keys(gw_arguments(request), text_at(request, "/pointer")), "|");
}

gw_text read_json(const gw_request *request) {
  return or_missing(gw_json(gw_arguments(request), text_at(request, "/pointer")));
}

gw_text read_node(const gw_request *request) {
  static const char *const kinds[] = {
      [GW_NULL] = "null", [GW_BOOLEAN] = "boolean", [GW_NUMBER] = "number",
      [GW_TEXT] = "text", [GW_ARRAY] = "array",     [GW_OBJECT] = "object",
  };
  gw_node node = node_at(request);
  if (!node.is_some) return gw_text_of("missing");
  return gw_concat(kinds[gw_node_kind(node)], " ", gw_node_length(node), " ", gw_node_json(node).text);
}

gw_text read_text(const gw_request *request) {
  gw_optional_text text = gw_node_text(node_at(request));
  return text.is_some ? text.text : gw_text_of("none");
}

gw_text read_member(const gw_request *request) {
  return or_missing(gw_node_json(gw_node_member(node_at(request), text_at(request, "/member"))));
}

gw_text read_at(const gw_request *request) {
  gw_value index = gw_argument(request, "/index");
  bool is_index = index.kind == GW_INTEGER && index.integer >= 0 && index.integer <= UINT32_MAX;
  return or_missing(gw_node_json(gw_node_at(node_at(request), is_index ? (uint32_t)index.integer : 0)));
}

/* What is in an array or an object, with commas. */
static gw_text walk_inner(gw_node node) {
  gw_nodes children = gw_node_children(node);
  gw_texts keys = gw_node_keys(node);
  gw_text *parts = gw_allocate(children.count * sizeof *parts);
  for (size_t i = 0; i < children.count; i++) {
    gw_text inner = walk(children.at[i]);
    parts[i] = keys.count > 0 ? gw_concat(keys.at[i], "=", inner) : inner;
  }
  return gw_join(gw_texts_in(parts, children.count), ",");
}

gw_text walk(gw_node node) {
  switch (gw_node_kind(node)) {
    case GW_MISSING: return gw_text_of("missing");
    case GW_NULL: return gw_text_of("null");
    case GW_BOOLEAN: return gw_text_of(gw_node_value(node).boolean ? "true" : "false");
    case GW_INTEGER: case GW_NUMBER: {
      gw_value number = gw_node_value(node);
      return number.kind == GW_INTEGER ? gw_text_of(number.integer) : number.text;
    }
    case GW_TEXT: return gw_concat("'", gw_node_text(node).text, "'");
    case GW_ARRAY: return gw_concat("[", walk_inner(node), "]");
    case GW_OBJECT: return gw_concat("{", walk_inner(node), "}");
  }
  return gw_text_of("");
}
