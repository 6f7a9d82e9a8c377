/* Reads JSON. */

#include <string.h>

#include "tree.h"

/* How deep arrays and objects may stand in each other. */
#define GW_DEPTH_MAX 128

typedef struct {
  const char *at;
  const char *end;
} gw_reader;

static gw_tree *gw_read_value(gw_reader *reader, int depth);

/* The next byte, or -1 at the end. */
static int gw_peek(const gw_reader *reader) {
  return reader->at < reader->end ? (unsigned char)*reader->at : -1;
}

/* Steps over a byte if it is the next one. */
static bool gw_take(gw_reader *reader, char byte) {
  if (gw_peek(reader) != byte) return false;
  reader->at++;
  return true;
}

static void gw_skip_space(gw_reader *reader) {
  for (int next = gw_peek(reader); next == ' ' || next == '\n' || next == '\r' || next == '\t'; next = gw_peek(reader)) {
    reader->at++;
  }
}

static gw_tree *gw_read_word(gw_reader *reader, const char *word, enum gw_kind kind, int64_t bits) {
  gw_text rest = {reader->at, (size_t)(reader->end - reader->at)};
  if (!gw_starts_with(rest, word)) return NULL;
  reader->at += strlen(word);
  gw_tree *tree = gw_tree_new(kind);
  tree->bits = bits;
  return tree;
}

/* Steps over digits; says whether there was one. */
static bool gw_skip_digits(gw_reader *reader) {
  const char *start = reader->at;
  while (gw_peek(reader) >= '0' && gw_peek(reader) <= '9') reader->at++;
  return reader->at > start;
}

/* The integer, if it is one and fits into 64 bits; `-0` is none. */
static bool gw_integer_of(gw_text written, int64_t *integer) {
  bool is_negative = gw_starts_with(written, "-");
  uint64_t most = is_negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
  uint64_t sum = 0;
  for (size_t i = is_negative; i < written.length; i++) {
    uint64_t digit = (uint64_t)(written.at[i] - '0');
    if (digit > 9 || sum > (most - digit) / 10) return false;
    sum = sum * 10 + digit;
  }
  *integer = (int64_t)(is_negative ? -sum : sum);
  return !(is_negative && sum == 0);
}

static gw_tree *gw_read_number(gw_reader *reader) {
  const char *start = reader->at;
  gw_take(reader, '-');
  const char *digits = reader->at;
  if (!gw_skip_digits(reader)) return NULL;
  if (reader->at - digits > 1 && *digits == '0') return NULL;
  if (gw_take(reader, '.') && !gw_skip_digits(reader)) return NULL;
  if (gw_take(reader, 'e') || gw_take(reader, 'E')) {
    if (!gw_take(reader, '+')) gw_take(reader, '-');
    if (!gw_skip_digits(reader)) return NULL;
  }
  gw_tree *tree = gw_tree_new(GW_NUMBER);
  tree->written = (gw_text){start, (size_t)(reader->at - start)};
  if (gw_integer_of(tree->written, &tree->bits)) tree->kind = GW_INTEGER;
  return tree;
}

/* Four hexadecimal digits, or a negative number. */
static int32_t gw_read_hexadecimal(gw_reader *reader) {
  int32_t unit = 0;
  for (int i = 0; i < 4; i++) {
    int digit = gw_peek(reader);
    reader->at++;
    if (digit >= '0' && digit <= '9') unit = unit * 16 + digit - '0';
    else if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f') unit = unit * 16 + (digit | 0x20) - 'a' + 10;
    else return -1;
  }
  return unit;
}

/* The character after `\u`, of which surrogates make one in pairs, or a negative number. */
static int32_t gw_read_escaped_unit(gw_reader *reader) {
  int32_t unit = gw_read_hexadecimal(reader);
  if (unit >= 0xdc00 && unit <= 0xdfff) return -1;
  if (unit < 0xd800 || unit > 0xdbff) return unit;
  if (!gw_take(reader, '\\') || !gw_take(reader, 'u')) return -1;
  int32_t low = gw_read_hexadecimal(reader);
  if (low < 0xdc00 || low > 0xdfff) return -1;
  return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

/* The character that stands after a backslash, or a negative number. */
static int32_t gw_read_escape(gw_reader *reader) {
  int letter = gw_peek(reader);
  reader->at++;
  switch (letter) {
    case '"': case '\\': case '/': return letter;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'u': return gw_read_escaped_unit(reader);
    default: return -1;
  }
}

/* Writes a character as UTF-8. */
static char *gw_put_character(char *to, int32_t character) {
  if (character < 0x80) {
    *to++ = (char)character;
    return to;
  }
  int more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
  *to++ = (char)((0xf0 << (3 - more)) | (character >> (6 * more)));
  while (more-- > 0) *to++ = (char)(0x80 | ((character >> (6 * more)) & 0x3f));
  return to;
}

/* Text between quotation marks. No escape is shorter than what it stands for. */
static bool gw_read_quoted(gw_reader *reader, gw_text *text) {
  if (!gw_take(reader, '"')) return false;
  const char *end = reader->at;
  while (end < reader->end && *end != '"') end += *end == '\\' ? 2 : 1;
  if (end >= reader->end) return false;
  char *start = gw_allocate((size_t)(end - reader->at));
  char *to = start;
  while (!gw_take(reader, '"')) {
    int next = gw_peek(reader);
    if (next < 0x20) return false;
    reader->at++;
    if (next != '\\') {
      *to++ = (char)next;
      continue;
    }
    int32_t character = gw_read_escape(reader);
    if (character < 0) return false;
    to = gw_put_character(to, character);
  }
  *text = (gw_text){start, (size_t)(to - start)};
  return true;
}

/* Reads a value, with space around it, into an array or object. */
static bool gw_read_member(gw_reader *reader, int depth, gw_tree *place, gw_text name) {
  gw_skip_space(reader);
  gw_tree *tree = gw_read_value(reader, depth);
  if (tree == NULL) return false;
  gw_tree_add(place, name, tree);
  gw_skip_space(reader);
  return true;
}

static gw_tree *gw_read_array(gw_reader *reader, int depth) {
  gw_tree *tree = gw_tree_new(GW_ARRAY);
  reader->at++;
  gw_skip_space(reader);
  if (gw_take(reader, ']')) return tree;
  do {
    if (!gw_read_member(reader, depth, tree, gw_text_of(""))) return NULL;
  } while (gw_take(reader, ','));
  return gw_take(reader, ']') ? tree : NULL;
}

static gw_tree *gw_read_object(gw_reader *reader, int depth) {
  gw_tree *tree = gw_tree_new(GW_OBJECT);
  reader->at++;
  gw_skip_space(reader);
  if (gw_take(reader, '}')) return tree;
  do {
    gw_text name;
    gw_skip_space(reader);
    if (!gw_read_quoted(reader, &name) || gw_tree_member(tree, name) != NULL) return NULL;
    gw_skip_space(reader);
    if (!gw_take(reader, ':')) return NULL;
    if (!gw_read_member(reader, depth, tree, name)) return NULL;
  } while (gw_take(reader, ','));
  return gw_take(reader, '}') ? tree : NULL;
}

static gw_tree *gw_read_text(gw_reader *reader) {
  gw_tree *tree = gw_tree_new(GW_TEXT);
  return gw_read_quoted(reader, &tree->written) ? tree : NULL;
}

static gw_tree *gw_read_value(gw_reader *reader, int depth) {
  switch (gw_peek(reader)) {
    case '"': return gw_read_text(reader);
    case '{': return depth < GW_DEPTH_MAX ? gw_read_object(reader, depth + 1) : NULL;
    case '[': return depth < GW_DEPTH_MAX ? gw_read_array(reader, depth + 1) : NULL;
    case 't': return gw_read_word(reader, "true", GW_BOOLEAN, 1);
    case 'f': return gw_read_word(reader, "false", GW_BOOLEAN, 0);
    case 'n': return gw_read_word(reader, "null", GW_NULL, 0);
    default: return gw_read_number(reader);
  }
}

gw_tree *gw_json_read(gw_text json) {
  gw_reader reader = {json.at, json.at + json.length};
  gw_skip_space(&reader);
  gw_tree *tree = gw_read_value(&reader, 0);
  gw_skip_space(&reader);
  return reader.at == reader.end ? tree : NULL;
}
