// What the gate must do if a call goes ahead.

import { Charge } from "./charge";

/** Which of the obligations it is. */
export enum ObligationKind {
  /** Charge a budget. */
  Charge,
  /** Leave labels on the session. */
  Label,
  /** Take labels off the session. */
  Declassify,
  /** Replace parts of the result with `null`. */
  Redact,
  /** Withhold a result that is too large. */
  LimitResult,
}

/** One thing that the gate must do; one that it cannot do denies the call. */
export class Obligation {
  private constructor(
    /** Which obligation it is. */
    readonly kind: ObligationKind,
    /** Of a charge. */
    readonly cost: Charge | null,
    /** The labels, or the JSON Pointers to redact. */
    readonly names: string[],
    /** Of a limit: the most that the result may have. */
    readonly bytesMax: u64,
  ) {}

  /** Charge a budget; a call that would overrun it is denied. */
  static charge(cost: Charge): Obligation {
    return new Obligation(ObligationKind.Charge, cost, [], 0);
  }

  /** Leave labels on the session. */
  static label(labels: string[]): Obligation {
    return new Obligation(ObligationKind.Label, null, labels, 0);
  }

  /** Take labels off the session. */
  static declassify(labels: string[]): Obligation {
    return new Obligation(ObligationKind.Declassify, null, labels, 0);
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
