/* Places in documents of the call, as the gate hands them out: its handles in a
 * component (`gate/place.c`), JSON in memory in a test (`testing/place.c`). */
#ifndef GATEWRIGHT_PLACE_H
#define GATEWRIGHT_PLACE_H

#include "../include/gatewright/value.h"

/* A place, or nothing. */
typedef struct {
  bool is_some;
  uintptr_t place;
} gw_found;

/* Several places. */
typedef struct {
  const uintptr_t *at;
  size_t count;
} gw_places;

/* `GW_NUMBER` for every number. */
enum gw_kind gw_place_kind(uintptr_t place);
gw_value gw_place_value(uintptr_t place);
uint32_t gw_place_length(uintptr_t place);
gw_found gw_place_get(uintptr_t place, gw_text pointer);
gw_found gw_place_member(uintptr_t place, gw_text name);
gw_found gw_place_at(uintptr_t place, uint32_t index);
gw_places gw_place_children(uintptr_t place);
gw_texts gw_place_keys(uintptr_t place);
gw_optional_text gw_place_text(uintptr_t place);
gw_text gw_place_json(uintptr_t place);
/* Gives back one that nobody else has seen. */
void gw_place_drop(uintptr_t place);

#endif
