/* Why a policy answered as it did. */
#ifndef GATEWRIGHT_NOTE_H
#define GATEWRIGHT_NOTE_H

#include "text.h"

/** Recorded; the agent does not see it. */
typedef struct {
  /** Id of a rule that the description lists, at most 128 bytes. One that it does
   * not list is recorded as a digest only. */
  gw_text rule;
  /** In words, at most 1,024 bytes; may be empty. */
  gw_text text;
} gw_note;

/** Several notes; at most 16 in an answer. */
typedef struct {
  const gw_note *at;
  size_t count;
} gw_notes;

#endif
