// What a policy that judges answers.

import { Obligation } from "./obligation";

/** Why a policy refuses. */
export enum Refusal {
  /** Not allowed, whatever the arguments. */
  Forbidden,
  /** Another credential would be allowed; the denial names its scopes. */
  InsufficientScope,
  /** This tool, but not with these arguments. */
  InvalidArguments,
  /** Not in this session, after what happened before. */
  UnsafeContext,
}

/** Which of the four answers a verdict is. */
export enum VerdictKind {
  /** No opinion. */
  Abstain,
  /** Yes, if the obligations are met. */
  Allow,
  /** No. Nothing outweighs it. */
  Deny,
  /** Only if a person agrees. */
  Ask,
}

/** How long an approval stays usable when the policy does not say. */
const TTL_SECONDS: u32 = 900;

/** The answer of a policy that judges. */
export class Verdict {
  private constructor(
    /** Which answer it is. */
    readonly kind: VerdictKind,
    /** Of an allow: what the gate must do. */
    readonly obligations: Obligation[],
    /** Of a deny: why. */
    readonly denial: Denial | null,
    /** Of an ask: what the approver is asked. */
    readonly approval: ApprovalRequest | null,
  ) {}

  /** No opinion. */
  static abstain(): Verdict {
    return new Verdict(VerdictKind.Abstain, [], null, null);
  }

  /** Yes. */
  static allow(): Verdict {
    return new Verdict(VerdictKind.Allow, [], null, null);
  }

  /** Yes, if the gate meets these obligations. */
  static allowWith(obligations: Obligation[]): Verdict {
    return new Verdict(VerdictKind.Allow, obligations, null, null);
  }

  /**
   * No. Takes a `Denial`, or a text alone, which means `forbidden`; say what to
   * do instead, the agent reads it.
   */
  static deny<D>(denial: D): Verdict {
    if (isString<D>()) {
      return new Verdict(VerdictKind.Deny, [], Denial.forbidden(changetype<string>(denial)), null);
    }
    return new Verdict(VerdictKind.Deny, [], changetype<Denial>(denial), null);
  }

  /** Only if a person agrees. */
  static ask(request: ApprovalRequest): Verdict {
    return new Verdict(VerdictKind.Ask, [], null, request);
  }

  /** For logs and tests: `allow`, `deny forbidden: say why`, `ask: title`. */
  toString(): string {
    if (this.kind == VerdictKind.Deny) return `deny ${this.denial!.toString()}`;
    if (this.kind == VerdictKind.Ask) return `ask: ${this.approval!.title}`;
    return this.kind == VerdictKind.Allow ? "allow" : "abstain";
  }
}

/** A refusal. */
export class Denial {
  constructor(
    /** Why. */
    readonly refusal: Refusal,
    /** Shown to the agent: say what to do instead, and nothing secret. */
    readonly message: string,
    /** Scopes that would have been enough; only with `InsufficientScope`. */
    readonly scopes: string[] = [],
  ) {}

  /** Not allowed, whatever the arguments. */
  static forbidden(message: string): Denial {
    return new Denial(Refusal.Forbidden, message);
  }

  /** This tool, but not with these arguments. */
  static invalidArguments(message: string): Denial {
    return new Denial(Refusal.InvalidArguments, message);
  }

  /** Not in this session, after what happened before. */
  static unsafeContext(message: string): Denial {
    return new Denial(Refusal.UnsafeContext, message);
  }

  /** A credential with these scopes would be allowed. */
  static insufficientScope(message: string, scopes: string[]): Denial {
    return new Denial(Refusal.InsufficientScope, message, scopes);
  }

  /** For logs and tests: `forbidden: say why`. */
  toString(): string {
    return `${nameOf(this.refusal)}: ${this.message}`;
  }
}

/** What an approver is asked. */
export class ApprovalRequest {
  constructor(
    /** One line for the approver. */
    readonly title: string,
    /** Why a person must look at it. */
    readonly reason: string,
    /** Roles that may approve; empty means any approver. */
    readonly roles: string[] = [],
    /** How many different people must approve; 0 counts as 1. */
    readonly quorum: u8 = 1,
    /** How long a granted approval stays usable, in seconds. */
    readonly ttlSeconds: u32 = TTL_SECONDS,
  ) {}
}

/** The name that the contract gives a refusal. */
function nameOf(refusal: Refusal): string {
  if (refusal == Refusal.Forbidden) return "forbidden";
  if (refusal == Refusal.InsufficientScope) return "insufficient-scope";
  return refusal == Refusal.InvalidArguments ? "invalid-arguments" : "unsafe-context";
}
