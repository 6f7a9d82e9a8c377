/* What a policy that judges answers. The structs are laid out as the contract's
 * variants and records are in WebAssembly. */
#ifndef GATEWRIGHT_VERDICT_H
#define GATEWRIGHT_VERDICT_H

#include "text.h"

/** Why a policy refuses. */
enum gw_refusal {
  /** Not allowed, whatever the arguments. */
  GW_FORBIDDEN,
  /** Another credential would be allowed; the denial names its scopes. */
  GW_INSUFFICIENT_SCOPE,
  /** This tool, but not with these arguments. */
  GW_INVALID_ARGUMENTS,
  /** Not in this session, after what happened before. */
  GW_UNSAFE_CONTEXT,
};

/** A refusal. */
typedef struct {
  /** Why: an `enum gw_refusal`. */
  uint8_t refusal;
  /** Shown to the agent: say what to do instead, and nothing secret. */
  gw_text message;
  /** Scopes that would have been enough; only with `GW_INSUFFICIENT_SCOPE`. */
  gw_texts scopes;
} gw_denial;

/** What an approver is asked. */
typedef struct {
  /** One line for the approver. */
  gw_text title;
  /** Why a person must look at it. */
  gw_text reason;
  /** Roles that may approve; none means any approver. */
  gw_texts roles;
  /** How many different people must approve; 0 counts as 1. */
  uint8_t quorum;
  /** How long a granted approval stays usable, in seconds. */
  uint32_t ttl_seconds;
} gw_approval_request;

/** A budget, counted in fixed windows. */
typedef struct {
  /** Counted per binding and key. */
  gw_text key;
  /** What this call costs. */
  uint64_t cost;
  /** The most that one window may cost. */
  uint64_t limit;
  /** Length of the window, in seconds. */
  uint32_t window_seconds;
} gw_quota;

/** What the gate must do. */
enum gw_obligation_kind {
  GW_CHARGE,
  GW_LABEL,
  GW_REDACT,
  GW_LIMIT_RESULT,
};

/** One thing that the gate must do if the call goes ahead; one that it cannot do denies the call. */
typedef struct {
  /** Which: an `enum gw_obligation_kind`. */
  uint8_t kind;
  union {
    gw_quota charge;
    gw_texts label;
    gw_texts redact;
    uint64_t limit_result;
  };
} gw_obligation;

/** Several obligations. */
typedef struct {
  const gw_obligation *at;
  size_t count;
} gw_obligations;

/** The four answers. */
enum gw_verdict_kind {
  GW_VERDICT_ABSTAIN,
  GW_VERDICT_ALLOW,
  GW_VERDICT_DENY,
  GW_VERDICT_ASK,
};

/** The answer of a policy that judges. */
typedef struct {
  /** Which: an `enum gw_verdict_kind`. */
  uint8_t kind;
  union {
    gw_obligations allow;
    gw_denial deny;
    gw_approval_request ask;
  };
} gw_verdict;

/** No opinion. */
gw_verdict gw_abstain(void);
/** Yes. */
gw_verdict gw_allow(void);
/** Yes, if the gate meets these obligations (one or more `gw_obligation`). */
#define gw_allow_with(...)                                                                    \
  gw_allow_obligations(sizeof((const gw_obligation[]){__VA_ARGS__}) / sizeof(gw_obligation), \
                       (const gw_obligation[]){__VA_ARGS__})
/** No. */
gw_verdict gw_deny(gw_denial denial);
/** Only if a person agrees. */
gw_verdict gw_ask(gw_approval_request request);

/** Not allowed, whatever the arguments. */
#define gw_forbidden(message) gw_denial_of(GW_FORBIDDEN, gw_text_of(message), gw_no_texts())
/** This tool, but not with these arguments. */
#define gw_invalid_arguments(message) gw_denial_of(GW_INVALID_ARGUMENTS, gw_text_of(message), gw_no_texts())
/** Not in this session, after what happened before. */
#define gw_unsafe_context(message) gw_denial_of(GW_UNSAFE_CONTEXT, gw_text_of(message), gw_no_texts())
/** A credential with these scopes (a `gw_texts`) would be allowed. */
#define gw_insufficient_scope(message, scopes) gw_denial_of(GW_INSUFFICIENT_SCOPE, gw_text_of(message), (scopes))

/** Asks one approver of any role, and keeps a granted approval for 15 minutes;
 * the fields of what it gives can be changed. */
#define gw_approval(title, reason) gw_approval_of(gw_text_of(title), gw_text_of(reason))

/** Charge a quota; a call that would overrun it is denied. */
gw_obligation gw_charge(gw_quota quota);
/** Leave labels on the session. */
gw_obligation gw_label(gw_texts labels);
/** Replace what stands at these JSON Pointers (RFC 6901) in the result with `null`. */
gw_obligation gw_redact(gw_texts pointers);
/** Withhold a result larger than this many bytes. */
gw_obligation gw_limit_result(uint64_t bytes_max);

/* What the macros above call. */
gw_verdict gw_allow_obligations(size_t count, const gw_obligation *obligations);
gw_denial gw_denial_of(enum gw_refusal refusal, gw_text message, gw_texts scopes);
gw_approval_request gw_approval_of(gw_text title, gw_text reason);

#endif
