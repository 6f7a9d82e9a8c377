/* What a policy that judges answers. The structs are laid out as the contract's
 * variants and records are in WebAssembly. Types that share a name with a function
 * are written with `struct`. */
#ifndef GATEWRIGHT_OPINION_H
#define GATEWRIGHT_OPINION_H

#include "charge.h"
#include "note.h"
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

/** What people are asked. The gate counts who approves: a policy never does. */
struct gw_ask {
  /** One line for the approver, at most 256 bytes. */
  gw_text title;
  /** Why a person must look at it, at most 4,096 bytes. */
  gw_text reason;
  /** JSON Pointers into the arguments: what an approver must see first. At most 16. */
  gw_texts show;
  /** Roles that may approve; none means any approver. At most 16. */
  gw_texts roles;
  /** How many different people must approve: 1 to 16. */
  uint8_t quorum;
  /** Whom the call is made for must not approve it. */
  bool exclude_requester;
  /** Who else must not approve, by id. At most 16. */
  gw_texts exclude;
  /** How long people have to decide, in seconds: 1 to 2,592,000 (30 days). */
  uint32_t decide_within_seconds;
  /** How long the approval can be used once it is given, in seconds: 1 to 2,592,000. */
  uint32_t use_within_seconds;
};

/** The four answers. */
enum gw_verdict_kind {
  /** Neither yes nor no. */
  GW_VERDICT_ABSTAIN,
  /** Yes. */
  GW_VERDICT_ALLOW,
  /** No. Nothing outweighs it. */
  GW_VERDICT_DENY,
  /** Only if people agree. */
  GW_VERDICT_ASK,
};

/** What a policy makes of a call. */
typedef struct {
  /** Which: an `enum gw_verdict_kind`. */
  uint8_t kind;
  union {
    gw_denial deny;
    struct gw_ask ask;
  };
} gw_verdict;

/** What the gate must do. */
enum gw_obligation_kind {
  GW_CHARGE,
  GW_LABEL,
  GW_DECLASSIFY,
  GW_REDACT,
  GW_LIMIT_RESULT,
};

/** One thing that the gate must do if the call goes ahead; one that it cannot do denies the call. */
typedef struct {
  /** Which: an `enum gw_obligation_kind`. */
  uint8_t kind;
  union {
    struct gw_charge charge;
    gw_texts label;
    gw_texts declassify;
    gw_texts redact;
    uint64_t limit_result;
  };
} gw_obligation;

/** Several obligations; at most 32 in an opinion. */
typedef struct {
  const gw_obligation *at;
  size_t count;
} gw_obligations;

/** The answer of a policy that judges. */
typedef struct {
  gw_verdict verdict;
  /** What the gate owes if the call goes ahead, whoever allows it. */
  gw_obligations obligations;
  gw_notes notes;
} gw_opinion;

/** Neither yes nor no. */
gw_opinion gw_abstain(void);
/** Yes. */
gw_opinion gw_allow(void);
/** No. */
gw_opinion gw_deny(gw_denial denial);
/** Only if people agree. */
gw_opinion gw_ask(struct gw_ask ask);

/** The same opinion, owing one or more `gw_obligation` if the call goes ahead,
 * whoever allows it. */
#define gw_owing(opinion, ...)                                                              \
  gw_opinion_owing((opinion), sizeof((const gw_obligation[]){__VA_ARGS__}) / sizeof(gw_obligation), \
                   (const gw_obligation[]){__VA_ARGS__})

/** Not allowed, whatever the arguments. */
#define gw_forbidden(message) gw_denial_of(GW_FORBIDDEN, gw_text_of(message), gw_no_texts())
/** This tool, but not with these arguments. */
#define gw_invalid_arguments(message) gw_denial_of(GW_INVALID_ARGUMENTS, gw_text_of(message), gw_no_texts())
/** Not in this session, after what happened before. */
#define gw_unsafe_context(message) gw_denial_of(GW_UNSAFE_CONTEXT, gw_text_of(message), gw_no_texts())
/** A credential with these scopes (a `gw_texts`) would be allowed. */
#define gw_insufficient_scope(message, scopes) gw_denial_of(GW_INSUFFICIENT_SCOPE, gw_text_of(message), (scopes))

/** Asks one approver of any role, who has a day, and whose approval can be used for
 * 15 minutes; the fields of what it gives can be changed. */
#define gw_ask_of(title, reason) gw_ask_of_texts(gw_text_of(title), gw_text_of(reason))

/** Charge a budget; a call that would overrun it is denied. */
gw_obligation gw_charge(struct gw_charge charge);
/** Leave labels on the session. */
gw_obligation gw_label(gw_texts labels);
/** Take labels off the session. */
gw_obligation gw_declassify(gw_texts labels);
/** Replace what stands at these JSON Pointers (RFC 6901) in the result with `null`. */
gw_obligation gw_redact(gw_texts pointers);
/** Withhold a result larger than this many bytes. */
gw_obligation gw_limit_result(uint64_t bytes_max);

/* What the macros above call. */
gw_opinion gw_opinion_owing(gw_opinion opinion, size_t count, const gw_obligation *obligations);
gw_denial gw_denial_of(enum gw_refusal refusal, gw_text message, gw_texts scopes);
struct gw_ask gw_ask_of_texts(gw_text title, gw_text reason);

#endif
