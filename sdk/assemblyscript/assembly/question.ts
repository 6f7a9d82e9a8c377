// Who asks, what for, and under which conditions.

/** How strongly the caller proved that it holds the credential. */
export enum Proof {
  /** No credential: the operator named this local agent in the configuration. */
  None,
  /** Whoever has the token may use it. */
  Bearer,
  /** The sender proved that it holds the key (for example DPoP, RFC 9449). */
  Sender,
  /** The sender signed this very call. */
  Call,
}

/** An agent on the way from the principal to the one that asks. */
export class Link {
  constructor(
    /** Id of the agent. */
    readonly id: string,
    /** Who says that it may delegate. */
    readonly issuer: string | null = null,
  ) {}
}

/** A claim of the credential that the operator lets policies see. */
export class Claim {
  constructor(
    /** The name that the operator gave it. */
    readonly name: string,
    /** Its values: one, or those of a list. */
    readonly values: string[],
  ) {}
}

/** Why a policy is asked. */
export enum Purpose {
  /** Somebody makes the call. */
  Call,
  /** Somebody asks what there is. */
  Listing,
}

/** What the operator pinned about the tool; nothing set means that nobody pinned it. */
export class Hints {
  constructor(
    /** The tool changes nothing. */
    public readOnly: bool = false,
    /** The tool can destroy or overwrite. */
    public destructive: bool = false,
    /** The same call twice has the effect of one. */
    public idempotent: bool = false,
    /** The tool reaches beyond the system it belongs to. */
    public openWorld: bool = false,
    /** What it answers may be written by anybody. */
    public untrusted: bool = false,
    /** What it answers must not leave with another call. */
    public sensitive: bool = false,
  ) {}
}

/** A label of the session. */
export class Label {
  constructor(
    /** What it is called. */
    readonly name: string,
    /** The binding that left it last; null where that is not recorded. */
    readonly source: string | null = null,
    /** Whether it is recorded when. */
    readonly isDated: bool = false,
    /** When it was left last. Unix time, milliseconds; only where it is dated. */
    readonly at: u64 = 0,
  ) {}
}

/** Somebody who approved exactly this call. */
export class Approval {
  constructor(
    /** Id of the person. */
    readonly by: string,
    /** The roles that the person has. */
    readonly roles: string[],
    /** Unix time, milliseconds. */
    readonly at: u64,
    /** How it was shown who approves. */
    readonly method: string,
  ) {}
}
