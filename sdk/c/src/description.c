/* What a policy says about itself. */

#include "../include/gatewright/description.h"
#include "document.h"
#include "list.h"

gw_description gw_description_of(unsigned powers) {
  return (gw_description){.powers = (uint16_t)powers};
}

gw_description gw_describe_rule(gw_description description, gw_text id, gw_text title) {
  gw_rules before = description.rules;
  gw_rule rule = {.id = id, .title = title};
  description.rules.at = gw_list_join(before.at, before.count, &rule, 1, sizeof rule);
  description.rules.count++;
  return description;
}

gw_description gw_describe_schema(gw_description description, gw_text json) {
  description.settings_schema = gw_some(json);
  return description;
}
