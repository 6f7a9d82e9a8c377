/* Lists of notes. */
#ifndef GATEWRIGHT_NOTES_H
#define GATEWRIGHT_NOTES_H

#include "../include/gatewright/note.h"

gw_notes gw_notes_with(gw_notes notes, gw_text rule, gw_text text);

#endif
