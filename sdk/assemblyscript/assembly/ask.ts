// What people are asked.

/** How long people have to decide when the policy does not say: a day. */
const DECIDE_WITHIN_SECONDS: u32 = 86_400;
/** How long an approval stays usable when the policy does not say. */
const USE_WITHIN_SECONDS: u32 = 900;

/** A question to people. The gate counts who approves: a policy never does. */
export class Ask {
  /** What an approver must see first. */
  show: string[] = [];
  /** Who may approve; empty means any approver. */
  roles: string[] = [];
  /** How many different people must approve. */
  quorum: u8 = 1;
  /** Whether the one that the call is made for must not approve it. */
  excludeRequester: bool = false;
  /** Who else must not approve. */
  exclude: string[] = [];
  /** How long people have to decide, in seconds. */
  decideWithinSeconds: u32 = DECIDE_WITHIN_SECONDS;
  /** How long the approval can be used, in seconds. */
  useWithinSeconds: u32 = USE_WITHIN_SECONDS;

  constructor(
    /** One line for the approver, at most 256 bytes. */
    readonly title: string,
    /** Why a person must look at it, at most 4,096 bytes. */
    readonly reason: string = "",
  ) {}

  /** What an approver must see first: JSON Pointers (RFC 6901) into the arguments, at most 16. */
  showing(pointers: string[]): Ask {
    this.show = pointers;
    return this;
  }

  /** Only people with one of these roles may approve; at most 16. */
  withRoles(roles: string[]): Ask {
    this.roles = roles;
    return this;
  }

  /** So many different people must approve: 1 to 16. */
  withQuorum(quorum: u8): Ask {
    this.quorum = quorum;
    return this;
  }

  /** Whom the call is made for must not approve it. */
  excludingRequester(): Ask {
    this.excludeRequester = true;
    return this;
  }

  /** These people, by id, must not approve; at most 16. */
  excluding(people: string[]): Ask {
    this.exclude = people;
    return this;
  }

  /** How long people have to decide, in seconds: 1 to 2,592,000 (30 days). */
  decideWithin(seconds: u32): Ask {
    this.decideWithinSeconds = seconds;
    return this;
  }

  /** How long the approval stays usable, in seconds: 1 to 2,592,000. It is used up by one call. */
  useWithin(seconds: u32): Ask {
    this.useWithinSeconds = seconds;
    return this;
  }
}
