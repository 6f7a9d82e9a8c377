/* What a policy is asked: who asks, what for, under which conditions. The structs
 * are laid out as the contract's records are in WebAssembly. */
#ifndef GATEWRIGHT_REQUEST_H
#define GATEWRIGHT_REQUEST_H

#include "text.h"

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

/** The agent, and the person or organisation it acts for. */
typedef struct {
  /** Stable id of the agent: a DID, a SPIFFE id, an OAuth client id. */
  gw_text id;
  /** Who issued the credential. */
  gw_text issuer;
  /** The person or organisation the agent acts for. */
  gw_optional_text principal;
  /** The accountable owner from the agent registry. */
  gw_optional_text owner;
  /** Every agent between the principal and the subject, nearest the principal first. */
  gw_texts delegation;
  /** What the credential covers, for example `files:read_*`. */
  gw_texts scopes;
  /** How the credential was proved for this call: an `enum gw_proof`. */
  uint8_t proof;
  /** When the credential ends. Unix time, milliseconds. */
  uint64_t expires_at;
} gw_subject;

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
};

/** What the agent wants to do. */
typedef struct {
  /** The MCP method, for example `tools/call` or `tools/list`. */
  gw_text method;
  /** The configured name of the tool server. */
  gw_text server;
  /** The tool or prompt name, or the resource URI; empty for methods that name nothing. */
  gw_text name;
  /** What the operator pinned about it: flags of `enum gw_hint`. */
  uint8_t hints;
} gw_action;

/** Everything else that a decision may rest on. */
typedef struct {
  /** When the gate received the call. Unix time, milliseconds. */
  uint64_t at;
  /** Groups the calls made with one credential. */
  gw_text session;
  /** Labels that earlier calls of this session left behind, sorted. */
  gw_texts labels;
  /** People who already approved exactly this call. */
  gw_texts approvers;
} gw_context;

/** How an earlier call ended. */
enum gw_outcome {
  /** Went ahead, and the tool answered. */
  GW_ALLOWED,
  /** Was refused. */
  GW_DENIED,
  /** Waits, or waited, for a person. */
  GW_HELD,
  /** Went ahead, and no usable answer came back, or none yet. */
  GW_FAILED,
};

/** One earlier call of the session. */
typedef struct {
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
} gw_past_call;

/** Earlier calls, newest first. */
typedef struct {
  const gw_past_call *at;
  size_t count;
} gw_past_calls;

/** Arguments, settings or a result, read by JSON Pointer: see `document.h`. */
typedef struct gw_document gw_document;

/** One call. */
typedef struct {
  /** The agent, and whom it acts for. */
  gw_subject subject;
  /** What the agent wants to do. */
  gw_action action;
  /** Everything else that a decision may rest on. */
  gw_context context;
  /** The `arguments` of `tools/call` and `prompts/get`, the `params` of every other method. */
  gw_document *arguments;
  /** Of a test; a policy asks `gw_history`. */
  gw_past_calls past;
} gw_request;

/** What the tool answered to a call that went ahead. */
typedef struct {
  /** The `result` of the JSON-RPC response. */
  gw_document *result;
  /** Whether the tool reported an error (`isError`). */
  bool is_error;
} gw_response;

/** Whether this asks if a tool, prompt or resource may be shown in a list, and
 * not if it may be used. There are no arguments then; a denial hides the entry,
 * and no allow is needed to show it. */
bool gw_is_listing(const gw_request *request);

/** The latest calls of the session, newest first, at most `limit`; the gate keeps
 * the last 64. Only for policies that judge. */
gw_past_calls gw_history(const gw_request *request, uint32_t limit);

#endif
