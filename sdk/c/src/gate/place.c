/* Places in the documents of the call: handles that the gate gave. */

#include "../place.h"
#include "../layout.h"
#include "values.h"

gw_value gw_lift_value(const gw_gate_value *from) {
  gw_value value = {.kind = (enum gw_kind)(from->kind + 1)};
  switch (from->kind) {
    case GW_ABI_VALUE_CASE_BOOLEAN: value.boolean = from->boolean; break;
    case GW_ABI_VALUE_CASE_INTEGER: value.integer = from->integer; break;
    case GW_ABI_VALUE_CASE_NUMBER: case GW_ABI_VALUE_CASE_TEXT: value.text = from->text; break;
    case GW_ABI_VALUE_CASE_ARRAY: case GW_ABI_VALUE_CASE_OBJECT: value.count = from->count; break;
    default: break;
  }
  return value;
}

gw_value gw_lift_optional_value(const gw_gate_optional_value *from) {
  return from->is_some ? gw_lift_value(&from->value) : (gw_value){.kind = GW_MISSING};
}

enum gw_kind gw_place_kind(uintptr_t place) {
  switch (gw_abi_node_kind(place)) {
    case GW_ABI_KIND_CASE_NULL: return GW_NULL;
    case GW_ABI_KIND_CASE_BOOLEAN: return GW_BOOLEAN;
    case GW_ABI_KIND_CASE_NUMBER: return GW_NUMBER;
    case GW_ABI_KIND_CASE_TEXT: return GW_TEXT;
    case GW_ABI_KIND_CASE_ARRAY: return GW_ARRAY;
    case GW_ABI_KIND_CASE_OBJECT: return GW_OBJECT;
  }
  __builtin_trap();
}

gw_value gw_place_value(uintptr_t place) {
  gw_gate_value value;
  gw_abi_node_value(place, &value);
  return gw_lift_value(&value);
}

uint32_t gw_place_length(uintptr_t place) {
  return gw_abi_node_len(place);
}

gw_found gw_place_get(uintptr_t place, gw_text pointer) {
  gw_found found;
  gw_abi_node_get(place, pointer.at, pointer.length, &found);
  return found;
}

gw_found gw_place_member(uintptr_t place, gw_text name) {
  gw_found found;
  gw_abi_node_member(place, name.at, name.length, &found);
  return found;
}

gw_found gw_place_at(uintptr_t place, uint32_t index) {
  gw_found found;
  gw_abi_node_at(place, index, &found);
  return found;
}

gw_places gw_place_children(uintptr_t place) {
  gw_places places;
  gw_abi_node_children(place, &places);
  return places;
}

gw_texts gw_place_keys(uintptr_t place) {
  gw_texts keys;
  gw_abi_node_keys(place, &keys);
  return keys;
}

gw_optional_text gw_place_text(uintptr_t place) {
  gw_optional_text text;
  gw_abi_node_text(place, &text);
  return text;
}

gw_text gw_place_json(uintptr_t place) {
  gw_text json;
  gw_abi_node_json(place, &json);
  return json;
}

void gw_place_drop(uintptr_t place) {
  gw_abi_node_drop(place);
}
