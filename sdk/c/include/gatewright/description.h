/* What a policy says about itself. It does not depend on settings. The structs are
 * laid out as the contract's records are in WebAssembly. */
#ifndef GATEWRIGHT_DESCRIPTION_H
#define GATEWRIGHT_DESCRIPTION_H

#include "text.h"

/** What an answer can do. The operator grants powers to a binding; an answer that
 * needs one that was not granted is a fault. */
enum gw_power {
  GW_MAY_ALLOW = 1,
  /** Also what denies a call whose arguments cannot be read. */
  GW_MAY_DENY = 2,
  GW_MAY_ASK = 4,
  GW_MAY_CHARGE = 8,
  GW_MAY_LABEL = 16,
  GW_MAY_DECLASSIFY = 32,
  GW_MAY_REDACT = 64,
  GW_MAY_LIMIT_RESULT = 128,
  GW_MAY_EDIT = 256,
  /** Also what blocks a response that cannot be read. */
  GW_MAY_BLOCK = 512,
};

/** A rule that a policy answers by. */
typedef struct {
  /** Stable: reports and exceptions refer to it. At most 128 bytes. */
  gw_text id;
  /** One line for a person, at most 1,024 bytes. */
  gw_text title;
} gw_rule;

/** Several rules; at most 1,024. */
typedef struct {
  const gw_rule *at;
  size_t count;
} gw_rules;

/** What a policy says about itself. */
typedef struct {
  /** A JSON Schema of the settings; nothing where reading them alone says which are accepted. */
  gw_optional_text settings_schema;
  /** Every power that any of its answers may need: flags of `enum gw_power`. */
  uint16_t powers;
  /** The rules that notes refer to. */
  gw_rules rules;
} gw_description;

/** Its answers need no more than these powers. */
gw_description gw_description_of(unsigned powers);
/** The same description, with a rule that notes refer to. Records name it in clear;
 * a rule that is not described stands in them as a digest. */
#define gw_with_rule(description, id, title) gw_describe_rule((description), gw_text_of(id), gw_text_of(title))
/** The same description, with a JSON Schema of the settings. */
#define gw_with_schema(description, json) gw_describe_schema((description), gw_text_of(json))

/* What the macros above call. */
gw_description gw_describe_rule(gw_description description, gw_text id, gw_text title);
gw_description gw_describe_schema(gw_description description, gw_text json);

#endif
