/* Tests of a policy, built with the host's compiler. No gate is needed: what a
 * policy asks for comes from memory. Link the test with the policy,
 * `gatewright.c` and `gatewright_testing.c`, which brings `main`:
 *
 *     GW_TEST(other_endings_are_refused) {
 *       GW_CONFIGURE("{\"endings\":[\".md\"]}");
 *       gw_request request = gw_test_tool("read_file");
 *       gw_test_text(&request, "/path", "passwords.db");
 *       GW_EXPECT_DENY(gw_test_judge(&request), GW_INVALID_ARGUMENTS, "use a path that ends in .md");
 *     }
 *
 * Every test runs in a process of its own, as every call has an instance of its own.
 */
#ifndef GATEWRIGHT_TESTING_H
#define GATEWRIGHT_TESTING_H

#include "gatewright.h"

/** A test; its name is what it claims. */
#define GW_TEST(name) GW_TEST_OF(name, false)
/** A test that must end in a fault. */
#define GW_TEST_FAULT(name) GW_TEST_OF(name, true)

/** Fails the test unless a condition holds. */
#define GW_EXPECT(condition) \
  ((condition) ? (void)0 : gw_test_fail(gw_text_of("expected " #condition), __FILE__, __LINE__))
/** Fails the test unless a text is the expected one. */
#define GW_EXPECT_TEXT(actual, expected) \
  gw_test_expect_text(gw_text_of(actual), gw_text_of(expected), __FILE__, __LINE__)
/** Fails the test unless the verdict of an opinion is of a kind: `GW_VERDICT_ALLOW` and so on. */
#define GW_EXPECT_VERDICT(opinion, expected) \
  gw_test_expect_verdict((opinion), (expected), __FILE__, __LINE__)
/** Fails the test unless the verdict of an opinion is that denial. */
#define GW_EXPECT_DENY(opinion, refusal, message) \
  gw_test_expect_deny((opinion), (refusal), gw_text_of(message), __FILE__, __LINE__)
/** Fails the test unless the notes of an answer name one rule, and no other. */
#define GW_EXPECT_RULE(answer, rule) \
  gw_test_expect_rule((answer).notes, gw_text_of(rule), __FILE__, __LINE__)
/** Configures the policy with settings as JSON text; fails the test if they are refused. */
#define GW_CONFIGURE(json) gw_test_configure((json), __FILE__, __LINE__)
/** Fails the test unless settings (JSON text) are refused, at that pointer and with that message. */
#define GW_EXPECT_SETTINGS_ERROR(json, pointer, message) \
  gw_test_expect_settings_error((json), gw_text_of(pointer), gw_text_of(message), __FILE__, __LINE__)

/** A budget that the operator set, with what is spent of it under a key. */
typedef struct {
  gw_text name;
  gw_text key;
  gw_budget_reading reading;
} gw_test_budget_at;

/** Several of them. */
typedef struct {
  const gw_test_budget_at *at;
  size_t count;
} gw_test_budgets;

/** What a test says about a call. Its fields can be changed as the test likes. */
struct gw_request {
  gw_text agent;
  gw_text issuer;
  gw_optional_text principal;
  gw_optional_text owner;
  gw_links chain;
  gw_texts scopes;
  enum gw_proof proof;
  uint64_t expires_at;
  /** Sorted by name; `gw_test_claim` adds one. */
  gw_claim_list claims;
  enum gw_purpose purpose;
  gw_text method;
  gw_text server;
  gw_text name;
  /** Flags of `enum gw_hint`. */
  unsigned hints;
  gw_texts targets;
  gw_texts contents;
  gw_optional_text definition;
  /** JSON text. */
  gw_optional_text schema;
  /** JSON text. */
  gw_optional_text claimed;
  uint64_t at;
  gw_text decision;
  gw_text session;
  /** Sorted by name; `gw_test_labels` makes them. */
  gw_session_labels labels;
  gw_approval_list approvals;
  /** What the session did before, newest first. */
  gw_past_calls history;
  /** `gw_test_budget` adds one. */
  gw_test_budgets budgets;
  /** `gw_test_json` and the like put them there. */
  gw_document *arguments;
};

/** What a test says about what came back. */
struct gw_response {
  enum gw_response_kind kind;
  /** Of a notification. */
  gw_text method;
  gw_document *body;
};

/** `tools/call` of a tool, without arguments. */
gw_request gw_test_tool(const char *name);
/** Any MCP method, with the tool, prompt or resource that it names. One that lists
 * asks whether the thing may be shown. */
gw_request gw_test_method(const char *method, const char *name);
/** Puts an argument, as JSON text; objects on the way are made where they are
 * missing, and `""` puts all arguments. */
void gw_test_json(gw_request *request, const char *pointer, const char *json);
/** Puts a text argument. */
void gw_test_text(gw_request *request, const char *pointer, const char *text);
/** Puts an integer argument. */
void gw_test_integer(gw_request *request, const char *pointer, int64_t integer);
/** A claim of the credential, with its values. */
void gw_test_claim(gw_request *request, const char *name, gw_texts values);
/** A budget that the operator set, with what is spent of it under a key. */
void gw_test_budget(gw_request *request, const char *name, const char *key, gw_budget_reading reading);
/** Labels that earlier calls left on the session. */
void gw_test_labels(gw_request *request, gw_texts names);
/** A result, as the tool server would answer it, as JSON text. */
gw_response gw_test_response(const char *json);
/** An error of the answer, as JSON text. */
gw_response gw_test_error(const char *json);
/** A message on the way, with its `params` as JSON text. */
gw_response gw_test_notification(const char *method, const char *json);

/** What the policy says about itself. */
gw_description gw_test_describe(void);
/** Why settings (JSON text) are refused, or nothing. */
gw_problem gw_test_settings(const char *json);
/** The opinion of the policy, as the gate would get it. */
gw_opinion gw_test_judge(const gw_request *request);
/** The revision of the editor; `gw_problem_of(request.arguments)` says whether it failed. */
gw_revision gw_test_revise(const gw_request *request);
/** The report of the reviewer, as the gate would get it. */
gw_report gw_test_review(const gw_request *request, const gw_response *response);

/* What the macros above are made of. */

typedef struct gw_test {
  const char *name;
  bool must_fault;
  void (*run)(void);
  struct gw_test *next;
} gw_test;

#define GW_TEST_OF(name, must_fault)                                              \
  static void name(void);                                                         \
  __attribute__((constructor)) static void gw_add_##name(void) {                  \
    static gw_test test = {#name, must_fault, name, NULL};                        \
    gw_test_add(&test);                                                           \
  }                                                                               \
  static void name(void)

void gw_test_add(gw_test *test);
_Noreturn void gw_test_fail(gw_text message, const char *file, int line);
void gw_test_expect_text(gw_text actual, gw_text expected, const char *file, int line);
void gw_test_expect_verdict(gw_opinion opinion, enum gw_verdict_kind expected, const char *file, int line);
void gw_test_expect_deny(gw_opinion opinion, enum gw_refusal refusal, gw_text message, const char *file, int line);
void gw_test_expect_rule(gw_notes notes, gw_text rule, const char *file, int line);
void gw_test_expect_settings_error(const char *json, gw_text pointer, gw_text message, const char *file, int line);
void gw_test_configure(const char *json, const char *file, int line);

#endif
