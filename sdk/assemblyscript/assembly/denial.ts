// Why a policy says no.

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

/** The name that the contract gives a refusal. */
function nameOf(refusal: Refusal): string {
  if (refusal == Refusal.Forbidden) return "forbidden";
  if (refusal == Refusal.InsufficientScope) return "insufficient-scope";
  return refusal == Refusal.InvalidArguments ? "invalid-arguments" : "unsafe-context";
}
