/* Writes JSON. */

#include "../include/gatewright/edit.h"
#include "tree.h"

static const char gw_hexadecimal[] = "0123456789abcdef";

/* The letter that stands after a backslash for a character, or 0. */
static char gw_short_escape(char character) {
  switch (character) {
    case '"': case '\\': return character;
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
  }
}

gw_text gw_quote(gw_text text) {
  char *quoted = gw_allocate(6 * text.length + 2);
  size_t length = 0;
  quoted[length++] = '"';
  for (size_t i = 0; i < text.length; i++) {
    char character = text.at[i];
    char escape = gw_short_escape(character);
    if (escape != 0) {
      quoted[length++] = '\\';
      quoted[length++] = escape;
    } else if ((unsigned char)character < 0x20) {
      for (const char *start = "\\u00"; *start != 0; start++) quoted[length++] = *start;
      quoted[length++] = gw_hexadecimal[character >> 4];
      quoted[length++] = gw_hexadecimal[character & 15];
    } else {
      quoted[length++] = character;
    }
  }
  quoted[length++] = '"';
  return (gw_text){quoted, length};
}

/* What stands in an array or object, with commas. */
static gw_text gw_write_inner(const gw_tree *tree) {
  gw_text *parts = gw_allocate(tree->count * sizeof *parts);
  size_t count = 0;
  for (const gw_tree *inner = tree->first; inner != NULL; inner = inner->next) {
    gw_text json = gw_json_write(inner);
    parts[count++] = tree->kind == GW_OBJECT ? gw_concat(gw_quote(inner->name), ":", json) : json;
  }
  return gw_join(gw_texts_in(parts, count), ",");
}

gw_text gw_json_write(const gw_tree *tree) {
  switch (tree->kind) {
    case GW_MISSING: case GW_NULL: return gw_text_of("null");
    case GW_BOOLEAN: return gw_text_of(tree->bits != 0 ? "true" : "false");
    case GW_INTEGER: case GW_NUMBER: return tree->written;
    case GW_TEXT: return gw_quote(tree->written);
    case GW_ARRAY: return gw_concat("[", gw_write_inner(tree), "]");
    case GW_OBJECT: return gw_concat("{", gw_write_inner(tree), "}");
  }
  return gw_text_of("null");
}
