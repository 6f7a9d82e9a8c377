// What a call costs.

/** A cost that is taken from a budget. Made with `fixed` or `set`. */
export class Charge {
  /** Whether it is given back if no usable answer comes back. */
  isRefunded: bool = false;

  private constructor(
    /** Counted per binding and key. */
    readonly key: string,
    /** What this call costs. */
    readonly cost: u64,
    /** The name of a budget that the operator set; null where the budget is fixed. */
    readonly budget: string | null,
    /** Of a fixed budget: the most that one window may cost. */
    readonly limit: u64,
    /** Of a fixed budget: the length of a window, in seconds; 0 counts as 1. */
    readonly windowSeconds: u32,
  ) {}

  /** A cost in windows of a fixed size. */
  static fixed(key: string, cost: u64, limit: u64, windowSeconds: u32): Charge {
    return new Charge(key, cost, null, limit, windowSeconds);
  }

  /** A cost in the budget that the operator set for the binding under a name; one that is not set is a fault. */
  static set(key: string, cost: u64, budget: string): Charge {
    return new Charge(key, cost, budget, 0, 0);
  }

  /** It is given back if no usable answer comes back. */
  refundedOnFailure(): Charge {
    this.isRefunded = true;
    return this;
  }
}
