/* Text: UTF-8 with a length, not ended by NUL. */
#ifndef GATEWRIGHT_TEXT_H
#define GATEWRIGHT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Text of `length` bytes. */
typedef struct {
  const char *at;
  size_t length;
} gw_text;

/** Several texts. */
typedef struct {
  const gw_text *at;
  size_t count;
} gw_texts;

/** Text, or nothing. */
typedef struct {
  bool is_some;
  gw_text text;
} gw_optional_text;

/** The text of a C string, of an integer in decimal, or of a `gw_text`. */
#define gw_text_of(value)                     \
  _Generic((value),                           \
      gw_text: gw_text_of_text,               \
      char *: gw_text_of_string,              \
      const char *: gw_text_of_string,        \
      unsigned: gw_text_of_unsigned,          \
      unsigned long: gw_text_of_unsigned,     \
      unsigned long long: gw_text_of_unsigned,\
      default: gw_text_of_integer)(value)

/** The text of an integer in decimal, and of nothing else. */
#define gw_decimal_of(integer)                \
  _Generic((integer),                         \
      unsigned: gw_text_of_unsigned,          \
      unsigned long: gw_text_of_unsigned,     \
      unsigned long long: gw_text_of_unsigned,\
      default: gw_text_of_integer)(integer)

/** All its arguments (at most 12, each as `gw_text_of` takes it) in one text. */
#define gw_concat(...) gw_concat_texts(GW_COUNT(__VA_ARGS__), (const gw_text[]){GW_EACH(__VA_ARGS__)})

/** A list of its arguments (at most 12, each as `gw_text_of` takes it). */
#define gw_texts_of(...) gw_copy_texts(GW_COUNT(__VA_ARGS__), (const gw_text[]){GW_EACH(__VA_ARGS__)})

/** The list of the texts that stand in an array; the array is not copied. */
static inline gw_texts gw_texts_in(const gw_text *at, size_t count) {
  return (gw_texts){at, count};
}

/** No texts. */
static inline gw_texts gw_no_texts(void) {
  return (gw_texts){NULL, 0};
}

/** Whether both are the same, byte for byte. */
#define gw_equal(text, other) gw_equal_texts(gw_text_of(text), gw_text_of(other))
/** Whether a text begins with another. */
#define gw_starts_with(text, beginning) gw_text_starts_with(gw_text_of(text), gw_text_of(beginning))
/** Whether a text ends with another. */
#define gw_ends_with(text, ending) gw_text_ends_with(gw_text_of(text), gw_text_of(ending))
/** Whether a text holds another somewhere. */
#define gw_contains(text, part) gw_text_contains(gw_text_of(text), gw_text_of(part))
/** Whether a text is one of a list. */
#define gw_is_one_of(text, texts) gw_texts_contain((texts), gw_text_of(text))
/** The texts of a list, with a separator between them. */
#define gw_join(texts, separator) gw_join_texts((texts), gw_text_of(separator))
/** Whether a whole name fits a pattern, in which `*` stands for any run of characters; case counts. */
#define gw_matches(pattern, name) gw_pattern_matches(gw_text_of(pattern), gw_text_of(name))

/** The same text as a C string, ended by NUL. */
const char *gw_string_of(gw_text text);

/** Memory for this call; it need not be given back. Never NULL: no memory left is a fault. */
void *gw_allocate(size_t bytes);

/* What the macros above call. */
gw_text gw_text_of_text(gw_text text);
gw_text gw_text_of_string(const char *string);
gw_text gw_text_of_integer(int64_t integer);
gw_text gw_text_of_unsigned(uint64_t integer);
gw_text gw_concat_texts(size_t count, const gw_text *parts);
gw_texts gw_copy_texts(size_t count, const gw_text *texts);
gw_text gw_join_texts(gw_texts texts, gw_text separator);
bool gw_equal_texts(gw_text text, gw_text other);
bool gw_text_starts_with(gw_text text, gw_text beginning);
bool gw_text_ends_with(gw_text text, gw_text ending);
bool gw_text_contains(gw_text text, gw_text part);
bool gw_texts_contain(gw_texts texts, gw_text text);
bool gw_pattern_matches(gw_text pattern, gw_text name);

#define GW_COUNT(...) (sizeof((const gw_text[]){GW_EACH(__VA_ARGS__)}) / sizeof(gw_text))
#define GW_EACH(...)                                                                               \
  GW_PICK(__VA_ARGS__, GW_EACH12, GW_EACH11, GW_EACH10, GW_EACH9, GW_EACH8, GW_EACH7, GW_EACH6,    \
          GW_EACH5, GW_EACH4, GW_EACH3, GW_EACH2, GW_EACH1, 0)(__VA_ARGS__)
#define GW_PICK(a, b, c, d, e, f, g, h, i, j, k, l, chosen, ...) chosen
#define GW_EACH1(a) gw_text_of(a)
#define GW_EACH2(a, ...) gw_text_of(a), GW_EACH1(__VA_ARGS__)
#define GW_EACH3(a, ...) gw_text_of(a), GW_EACH2(__VA_ARGS__)
#define GW_EACH4(a, ...) gw_text_of(a), GW_EACH3(__VA_ARGS__)
#define GW_EACH5(a, ...) gw_text_of(a), GW_EACH4(__VA_ARGS__)
#define GW_EACH6(a, ...) gw_text_of(a), GW_EACH5(__VA_ARGS__)
#define GW_EACH7(a, ...) gw_text_of(a), GW_EACH6(__VA_ARGS__)
#define GW_EACH8(a, ...) gw_text_of(a), GW_EACH7(__VA_ARGS__)
#define GW_EACH9(a, ...) gw_text_of(a), GW_EACH8(__VA_ARGS__)
#define GW_EACH10(a, ...) gw_text_of(a), GW_EACH9(__VA_ARGS__)
#define GW_EACH11(a, ...) gw_text_of(a), GW_EACH10(__VA_ARGS__)
#define GW_EACH12(a, ...) gw_text_of(a), GW_EACH11(__VA_ARGS__)

#endif
