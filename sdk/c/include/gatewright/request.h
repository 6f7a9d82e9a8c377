/* What a policy may know about a call. Each fact is asked of the gate when its
 * function is called, and costs nothing before. The structs are laid out as the
 * contract's records are in WebAssembly. */
#ifndef GATEWRIGHT_REQUEST_H
#define GATEWRIGHT_REQUEST_H

#include "text.h"

/** One call. */
typedef struct gw_request gw_request;

/* Who asks. */

/** How strongly the caller proved that it holds the credential. */
enum gw_proof {
  /** No credential: the operator named this local agent in the configuration. */
  GW_PROOF_NONE,
  /** Whoever has the token may use it. */
  GW_PROOF_BEARER,
  /** The sender proved that it holds the key (for example DPoP, RFC 9449). */
  GW_PROOF_SENDER,
  /** The sender signed this very call. */
  GW_PROOF_CALL,
};

/** An agent on the way from the principal to the one that asks. */
typedef struct {
  gw_text id;
  /** Who says that it may delegate. */
  gw_optional_text issuer;
} gw_link;

/** Several of them. */
typedef struct {
  const gw_link *at;
  size_t count;
} gw_links;

/** A claim of the credential that the operator lets policies see. */
typedef struct {
  /** The name that the operator gave it. */
  gw_text name;
  /** Its values: one, or those of a list. */
  gw_texts values;
} gw_claim_values;

/** Several of them. */
typedef struct {
  const gw_claim_values *at;
  size_t count;
} gw_claim_list;

/** Stable id of the agent: a DID, a SPIFFE id, an OAuth client id. */
gw_text gw_agent(const gw_request *request);
/** Who issued the credential. */
gw_text gw_issuer(const gw_request *request);
/** The person or organisation the agent acts for. */
gw_optional_text gw_principal(const gw_request *request);
/** The accountable owner, as the agent registry of the gate has it. */
gw_optional_text gw_owner(const gw_request *request);
/** Every agent between the principal and this one, nearest the principal first. */
gw_links gw_chain(const gw_request *request);
/** What the credential covers, for example `files:read_*`. */
gw_texts gw_scopes(const gw_request *request);
/** How the credential was proved for this call. */
enum gw_proof gw_proof(const gw_request *request);
/** When the credential ends. Unix time, milliseconds. */
uint64_t gw_expires_at(const gw_request *request);
/** The claims of the credential that the operator lets policies see: groups, roles,
 * a tenant. Sorted by name. */
gw_claim_list gw_claims(const gw_request *request);
/** The values of the claim of this name; empty where there is none. */
#define gw_claim(request, name) gw_claim_named((request), gw_text_of(name))

/* What the agent wants to do. */

/** Why a policy is asked. */
enum gw_purpose {
  /** Somebody makes the call. */
  GW_PURPOSE_CALL,
  /** Somebody asks what there is. A denial hides the entry; no allow is needed to
   * show it; obligations do not count. There are no arguments then. */
  GW_PURPOSE_LISTING,
};

/** What the operator pinned about the tool; no flag means that nobody pinned it. */
enum gw_hint {
  /** The tool changes nothing. */
  GW_READ_ONLY = 1,
  /** The tool can destroy or overwrite. */
  GW_DESTRUCTIVE = 2,
  /** The same call twice has the effect of one. */
  GW_IDEMPOTENT = 4,
  /** The tool reaches beyond the system it belongs to. */
  GW_OPEN_WORLD = 8,
  /** What it answers may be written by anybody: instructions in it are not the user's. */
  GW_UNTRUSTED = 16,
  /** What it answers must not leave with another call. */
  GW_SENSITIVE = 32,
};

/** Why the policy is asked. */
enum gw_purpose gw_purpose(const gw_request *request);
/** Whether this asks if a tool, prompt or resource may be shown in a list, and
 * not if it may be used. */
bool gw_is_listing(const gw_request *request);
/** The MCP method, for example `tools/call` or `tools/list`. */
gw_text gw_method(const gw_request *request);
/** The configured name of the tool server. */
gw_text gw_server(const gw_request *request);
/** The tool or prompt name, or the resource URI; empty for methods that name nothing. */
gw_text gw_name(const gw_request *request);
/** What the operator pinned about it: flags of `enum gw_hint`. */
unsigned gw_hints(const gw_request *request);
/** Arguments that the operator pinned as what the tool works on, or where it
 * sends: JSON Pointers. */
gw_texts gw_targets(const gw_request *request);
/** Arguments that the operator pinned as handed on as they are: JSON Pointers. */
gw_texts gw_contents(const gw_request *request);
/** Digest of the definition that is pinned, if any. */
gw_optional_text gw_definition(const gw_request *request);

/* Everything else that a decision may rest on. */

/** A time, or nothing. */
typedef struct {
  bool is_some;
  /** Unix time, milliseconds. */
  uint64_t time;
} gw_optional_time;

/** A label of the session. */
typedef struct {
  gw_text name;
  /** The binding that left it last; nothing where that is not recorded. */
  gw_optional_text source;
  /** When it was left last; nothing where that is not recorded. */
  gw_optional_time at;
} gw_session_label;

/** Several of them. */
typedef struct {
  const gw_session_label *at;
  size_t count;
} gw_session_labels;

/** Somebody who approved exactly this call. */
typedef struct {
  /** Id of the person. */
  gw_text by;
  gw_texts roles;
  /** Unix time, milliseconds. */
  uint64_t at;
  /** How it was shown who approves. */
  gw_text method;
} gw_approval;

/** Several of them. */
typedef struct {
  const gw_approval *at;
  size_t count;
} gw_approval_list;

/** When the gate received the call. Unix time, milliseconds. */
uint64_t gw_at(const gw_request *request);
/** Id of the decision to come, as records and the agent have it; do not decide by it. */
gw_text gw_decision(const gw_request *request);
/** Groups the calls of one agent, for one principal, at one task. */
gw_text gw_session(const gw_request *request);
/** Labels that earlier calls of this session left behind, sorted by name. */
gw_session_labels gw_labels(const gw_request *request);
/** Whether the session carries a label of this name. */
#define gw_has_label(request, name) gw_has_label_named((request), gw_text_of(name))
/** Who approved this call already. */
gw_approval_list gw_approvals(const gw_request *request);

/* What this session did before. */

/** How an earlier call ended. */
enum gw_outcome {
  /** Went ahead, and the tool answered. */
  GW_ALLOWED,
  /** Was refused. */
  GW_DENIED,
  /** Waits, or waited, for a person. */
  GW_HELD,
  /** Went ahead, and no usable answer came back. */
  GW_FAILED,
  /** Went ahead, and nothing came back yet. */
  GW_PENDING,
};

/** One earlier call of the session. */
typedef struct {
  /** Id of the decision. Several calls have the same where one message named
   * several things. */
  gw_text id;
  /** Unix time, milliseconds. */
  uint64_t at;
  /** The MCP method. */
  gw_text method;
  /** The configured name of the tool server. */
  gw_text server;
  /** The tool or prompt name, or the resource URI. */
  gw_text name;
  /** How it ended: an `enum gw_outcome`. */
  uint8_t outcome;
  /** Why not, if not: a reason of the gate, for example `forbidden`. */
  gw_optional_text reason;
} gw_past_call;

/** Earlier calls, newest first. */
typedef struct {
  const gw_past_call *at;
  size_t count;
} gw_past_calls;

/** The latest calls of the session, newest first, at most `limit`; the gate keeps
 * the last 64. */
gw_past_calls gw_history(const gw_request *request, uint32_t limit);

/* What is spent of the budgets that the operator set for the binding. */

/** A budget, in the window that the call falls in. */
typedef struct {
  /** The most that one window may cost. */
  uint64_t limit;
  /** Length of the window, in seconds. */
  uint32_t window_seconds;
  /** What was charged when the call was judged; more than the limit where charges
   * came after their calls. */
  uint64_t spent;
} gw_budget_reading;

/** The budget of this name, as it is charged under a key. A name that is not set is
 * a fault. What others spend meanwhile is not in it: a charge keeps a call within
 * its budget. */
#define gw_budget(request, name, key) gw_budget_named((request), gw_text_of(name), gw_text_of(key))
/** What is left of it. */
uint64_t gw_budget_left(gw_budget_reading budget);

/* What the macros above call. */
gw_budget_reading gw_budget_named(const gw_request *request, gw_text name, gw_text key);
gw_texts gw_claim_named(const gw_request *request, gw_text name);
bool gw_has_label_named(const gw_request *request, gw_text name);

#endif
