/* JSON Pointers (RFC 6901). */

#include <string.h>

#include "pointer.h"
#include "stop.h"

static _Noreturn void gw_bad_pointer(gw_text pointer) {
  gw_stop(gw_concat("`", pointer, "` is not a JSON Pointer"));
}

bool gw_pointer_step(gw_text *pointer, gw_text *name) {
  if (pointer->length == 0) return false;
  if (pointer->at[0] != '/') gw_bad_pointer(*pointer);
  char *text = gw_allocate(pointer->length);
  size_t length = 0;
  size_t at = 1;
  for (; at < pointer->length && pointer->at[at] != '/'; at++) {
    char letter = pointer->at[at];
    if (letter == '~') {
      at++;
      if (at == pointer->length || (pointer->at[at] != '0' && pointer->at[at] != '1')) gw_bad_pointer(*pointer);
      letter = pointer->at[at] == '0' ? '~' : '/';
    }
    text[length++] = letter;
  }
  *name = (gw_text){text, length};
  *pointer = (gw_text){pointer->at + at, pointer->length - at};
  return true;
}

gw_text gw_pointer_parent(gw_text pointer) {
  while (pointer.length > 0 && pointer.at[pointer.length - 1] != '/') pointer.length--;
  if (pointer.length > 0) pointer.length--;
  return pointer;
}

gw_text gw_pointer_child(gw_text pointer, gw_text name) {
  char *text = gw_allocate(pointer.length + 1 + 2 * name.length);
  size_t length = pointer.length;
  if (length > 0) memcpy(text, pointer.at, length);
  text[length++] = '/';
  for (size_t i = 0; i < name.length; i++) {
    char letter = name.at[i];
    bool is_special = letter == '~' || letter == '/';
    text[length++] = is_special ? '~' : letter;
    if (is_special) text[length++] = letter == '~' ? '0' : '1';
  }
  return (gw_text){text, length};
}
