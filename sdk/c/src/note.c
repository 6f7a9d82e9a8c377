/* Lists of notes. */

#include "list.h"
#include "note.h"

gw_notes gw_notes_with(gw_notes notes, gw_text rule, gw_text text) {
  gw_note note = {.rule = rule, .text = text};
  return (gw_notes){gw_list_join(notes.at, notes.count, &note, 1, sizeof note), notes.count + 1};
}
