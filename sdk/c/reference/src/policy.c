/* The policy that every SDK ships; what it answers stands in
 * `tests/corpus/reference-policy.md`. */

#include "gatewright.h"

#include <stdlib.h>

#include "settings.h"
#include "show.h"

#define HUGE_BYTES 4000000

static gw_verdict forbidden(gw_text message) {
  return gw_deny(gw_forbidden(message));
}

static gw_verdict invalid(gw_text message) {
  return gw_deny(gw_invalid_arguments(message));
}

static gw_obligation charge(gw_text tag) {
  return gw_charge((gw_quota){.key = tag, .cost = 1, .limit = UINT64_MAX, .window_seconds = 60});
}

static gw_obligation label(gw_text tag) {
  return gw_label(gw_texts_of(tag, "seen"));
}

static gw_obligation redact(void) {
  return gw_redact(gw_texts_of("/content/0/text", "/a~1b"));
}

static gw_obligation limit(void) {
  return gw_limit_result(9007199254740993);
}

static gw_verdict ask(gw_text tag) {
  gw_approval_request request = gw_approval(tag, "because");
  request.roles = gw_texts_of("lead", "owner");
  request.quorum = 2;
  request.ttl_seconds = 600;
  return gw_ask(request);
}

static gw_text pointer(const gw_request *request) {
  return gw_as_text_or(gw_argument(request, "/pointer"), "");
}

static gw_verdict json(const gw_request *request) {
  gw_optional_text json = gw_json(request->arguments, pointer(request));
  return forbidden(json.is_some ? json.text : gw_text_of("missing"));
}

static gw_verdict at_most(int64_t max, const gw_request *request) {
  gw_value n = gw_argument(request, "/n");
  if (n.kind != GW_INTEGER) return invalid(gw_text_of("n is not an integer"));
  return n.integer > max ? invalid(gw_concat(n.integer, " is above ", max)) : gw_allow();
}

/* The number of Unicode scalar values: of UTF-8, the bytes that begin one. */
static size_t scalars(gw_text text) {
  size_t count = 0;
  for (size_t i = 0; i < text.length; i++) count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
  return count;
}

static gw_verdict write_log(gw_text tag) {
  gw_log_debug(gw_concat(tag, " debug"));
  gw_log_info(gw_concat(tag, " info"));
  gw_log_warn(gw_concat(tag, " warn"));
  return gw_allow();
}

static _Noreturn void loop(void) {
  for (volatile int again = 1;; again++) {
  }
}

static int recurse(volatile int *depth) {
  volatile int next = *depth + 1;
  return next > 0 ? recurse(&next) + *depth : 0;
}

static _Noreturn void grow(void) {
  for (;;) {
    volatile char *kept = gw_allocate(1 << 20);
    *kept = 1;
  }
}

static gw_text huge(void) {
  char *text = gw_allocate(HUGE_BYTES);
  for (size_t i = 0; i < HUGE_BYTES; i++) text[i] = 'x';
  return (gw_text){text, HUGE_BYTES};
}

/* How often it was asked: always 1, every call has an instance of its own. */
static gw_text count(void) {
  static int count;
  return gw_text_of(++count);
}

static gw_verdict judge_misuse(gw_text what) {
  if (gw_equal(what, "throw")) gw_fail("thrown on purpose");
  if (gw_equal(what, "loop")) loop();
  if (gw_equal(what, "recurse")) return forbidden(gw_text_of(recurse(&(volatile int){0})));
  if (gw_equal(what, "grow")) grow();
  if (gw_equal(what, "huge")) return forbidden(huge());
  if (gw_equal(what, "count")) return forbidden(count());
  return invalid(gw_concat("unknown: ", what));
}

static gw_verdict judge_reading(gw_text what, const struct settings *settings, const gw_request *request) {
  if (gw_equal(what, "value")) return forbidden(show_value(gw_argument(request, pointer(request))));
  if (gw_equal(what, "keys")) return forbidden(gw_join(gw_keys(request->arguments, pointer(request)), "|"));
  if (gw_equal(what, "json")) return json(request);
  if (gw_equal(what, "at-most")) return at_most(settings->max, request);
  if (gw_equal(what, "starts")) {
    gw_value text = gw_argument(request, "/text"), prefix = gw_argument(request, "/prefix");
    bool are_texts = text.kind == GW_TEXT && prefix.kind == GW_TEXT;
    return are_texts && gw_starts_with(gw_as_text(text), gw_as_text(prefix)) ? gw_allow() : gw_abstain();
  }
  if (gw_equal(what, "echo")) return forbidden(gw_as_text(gw_argument(request, "/text")));
  if (gw_equal(what, "length")) return forbidden(gw_text_of(scalars(gw_as_text(gw_argument(request, "/text")))));
  if (gw_equal(what, "subject")) return forbidden(show_subject(&request->subject));
  if (gw_equal(what, "action")) return forbidden(show_action(&request->action));
  if (gw_equal(what, "context")) return forbidden(show_context(&request->context));
  if (gw_equal(what, "history")) return forbidden(show_history(gw_history(request, 3)));
  return judge_misuse(what);
}

static gw_verdict judge(const struct settings *settings, const gw_request *request) {
  gw_text tag = settings->tag;
  gw_text name = request->action.name;
  if (gw_is_one_of(name, settings->closed)) return forbidden(gw_concat(tag, ": ", name, " is closed"));
  gw_value value = gw_argument(request, "/do");
  if (value.kind == GW_MISSING) return gw_abstain();
  if (value.kind != GW_TEXT) return invalid(gw_text_of("do is not text"));
  gw_text what = value.text;

  if (gw_equal(what, "abstain")) return gw_abstain();
  if (gw_equal(what, "allow")) return gw_allow();
  if (gw_equal(what, "forbidden")) return forbidden(tag);
  if (gw_equal(what, "insufficient-scope")) return gw_deny(gw_insufficient_scope(tag, gw_texts_of("a:b", "c:*")));
  if (gw_equal(what, "invalid-arguments")) return invalid(tag);
  if (gw_equal(what, "unsafe-context")) return gw_deny(gw_unsafe_context(tag));
  if (gw_equal(what, "ask")) return ask(tag);
  if (gw_equal(what, "ask-anyone")) return gw_ask((gw_approval_request){.title = tag});
  if (gw_equal(what, "charge")) return gw_allow_with(charge(tag));
  if (gw_equal(what, "label")) return gw_allow_with(label(tag));
  if (gw_equal(what, "redact")) return gw_allow_with(redact());
  if (gw_equal(what, "limit")) return gw_allow_with(limit());
  if (gw_equal(what, "all")) return gw_allow_with(charge(tag), label(tag), redact(), limit());
  if (gw_equal(what, "log")) return write_log(tag);
  return judge_reading(what, settings, request);
}

GW_POLICY(struct settings, read_settings, judge);
