/* Text. */

#include <string.h>

#include "../include/gatewright/text.h"

gw_text gw_text_of_text(gw_text text) {
  return text;
}

gw_text gw_text_of_string(const char *string) {
  return (gw_text){string, strlen(string)};
}

gw_text gw_text_of_unsigned(uint64_t integer) {
  char digits[20];
  size_t at = sizeof digits;
  do {
    digits[--at] = (char)('0' + integer % 10);
    integer /= 10;
  } while (integer > 0);
  return gw_concat_texts(1, &(gw_text){digits + at, sizeof digits - at});
}

gw_text gw_text_of_integer(int64_t integer) {
  if (integer >= 0) return gw_text_of_unsigned((uint64_t)integer);
  return gw_concat("-", gw_text_of_unsigned(-(uint64_t)integer));
}

gw_text gw_concat_texts(size_t count, const gw_text *parts) {
  size_t length = 0;
  for (size_t i = 0; i < count; i++) length += parts[i].length;
  char *text = gw_allocate(length);
  size_t at = 0;
  for (size_t i = 0; i < count; i++) {
    if (parts[i].length > 0) memcpy(text + at, parts[i].at, parts[i].length);
    at += parts[i].length;
  }
  return (gw_text){text, length};
}

gw_texts gw_copy_texts(size_t count, const gw_text *texts) {
  if (count == 0) return gw_no_texts();
  return (gw_texts){memcpy(gw_allocate(count * sizeof *texts), texts, count * sizeof *texts), count};
}

gw_text gw_join_texts(gw_texts texts, gw_text separator) {
  if (texts.count == 0) return gw_text_of("");
  gw_text *parts = gw_allocate((2 * texts.count - 1) * sizeof *parts);
  for (size_t i = 0; i < texts.count; i++) {
    if (i > 0) parts[2 * i - 1] = separator;
    parts[2 * i] = texts.at[i];
  }
  return gw_concat_texts(2 * texts.count - 1, parts);
}

bool gw_equal_texts(gw_text text, gw_text other) {
  return text.length == other.length && (text.length == 0 || memcmp(text.at, other.at, text.length) == 0);
}

bool gw_text_starts_with(gw_text text, gw_text beginning) {
  return text.length >= beginning.length && gw_equal_texts((gw_text){text.at, beginning.length}, beginning);
}

bool gw_text_ends_with(gw_text text, gw_text ending) {
  if (text.length < ending.length) return false;
  return gw_equal_texts((gw_text){text.at + (text.length - ending.length), ending.length}, ending);
}

/* What is left of a text after the first place where a part stands; false where it does not. */
static bool gw_skip_past(gw_text *text, gw_text part) {
  for (gw_text rest = *text; rest.length >= part.length; rest.at++, rest.length--) {
    if (gw_text_starts_with(rest, part)) {
      *text = (gw_text){rest.at + part.length, rest.length - part.length};
      return true;
    }
    if (rest.length == 0) break;
  }
  return false;
}

bool gw_text_contains(gw_text text, gw_text part) {
  return gw_skip_past(&text, part);
}

bool gw_texts_contain(gw_texts texts, gw_text text) {
  for (size_t i = 0; i < texts.count; i++) {
    if (gw_equal_texts(texts.at[i], text)) return true;
  }
  return false;
}

/* Cuts off what stands before the next `*`; false where there is none. */
static bool gw_cut_at_star(gw_text *pattern, gw_text *part) {
  for (size_t i = 0; i < pattern->length; i++) {
    if (pattern->at[i] != '*') continue;
    *part = (gw_text){pattern->at, i};
    *pattern = (gw_text){pattern->at + i + 1, pattern->length - i - 1};
    return true;
  }
  return false;
}

bool gw_pattern_matches(gw_text pattern, gw_text name) {
  gw_text part;
  if (!gw_cut_at_star(&pattern, &part)) return gw_equal_texts(pattern, name);
  if (!gw_text_starts_with(name, part)) return false;
  name = (gw_text){name.at + part.length, name.length - part.length};
  while (gw_cut_at_star(&pattern, &part)) {
    if (!gw_skip_past(&name, part)) return false;
  }
  return gw_text_ends_with(name, pattern);
}

const char *gw_string_of(gw_text text) {
  return gw_concat_texts(2, (gw_text[]){text, {"", 1}}).at;
}
