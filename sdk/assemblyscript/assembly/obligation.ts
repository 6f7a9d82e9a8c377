// What the gate must do if a call goes ahead.

/** Which of the four obligations it is. */
export enum ObligationKind {
  /** Charge a quota. */
  Charge,
  /** Leave labels on the session. */
  Label,
  /** Replace parts of the result with `null`. */
  Redact,
  /** Withhold a result that is too large. */
  LimitResult,
}

/** A budget, counted in fixed windows. */
export class Quota {
  constructor(
    /** Counted per binding and key. */
    readonly key: string,
    /** What this call costs. */
    readonly cost: u64,
    /** The most that one window may cost. */
    readonly limit: u64,
    /** Length of the window, in seconds. */
    readonly windowSeconds: u32,
  ) {}
}

/** One thing that the gate must do; one that it cannot do denies the call. */
export class Obligation {
  private constructor(
    /** Which obligation it is. */
    readonly kind: ObligationKind,
    /** Of a charge. */
    readonly quota: Quota | null,
    /** The labels, or the JSON Pointers to redact. */
    readonly names: string[],
    /** Of a limit: the most that the result may have. */
    readonly bytesMax: u64,
  ) {}

  /** Charge a quota; a call that would overrun it is denied. */
  static charge(quota: Quota): Obligation {
    return new Obligation(ObligationKind.Charge, quota, [], 0);
  }

  /** Leave labels on the session. */
  static label(labels: string[]): Obligation {
    return new Obligation(ObligationKind.Label, null, labels, 0);
  }

  /** Replace what stands at these JSON Pointers (RFC 6901) in the result with `null`. */
  static redact(pointers: string[]): Obligation {
    return new Obligation(ObligationKind.Redact, null, pointers, 0);
  }

  /** Withhold a result larger than this many bytes. */
  static limitResult(bytesMax: u64): Obligation {
    return new Obligation(ObligationKind.LimitResult, null, [], bytesMax);
  }
}
