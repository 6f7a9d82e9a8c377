/* The settings of the reference policy. */
#ifndef REFERENCE_SETTINGS_H
#define REFERENCE_SETTINGS_H

#include "gatewright.h"

struct settings {
  gw_text tag;
  gw_texts closed;
  int64_t max;
};

/* Checks the members in the order of the specification; the first error counts. */
void read_settings(struct settings *settings, gw_document *json);

#endif
