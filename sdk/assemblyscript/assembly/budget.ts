// What is spent of a budget.

/** A budget, in the window that the call falls in. */
export class Budget {
  constructor(
    /** The most that one window may cost. */
    readonly limit: u64,
    /** Length of the window, in seconds. */
    readonly windowSeconds: u32,
    /** What was charged when the call was judged; more than the limit where charges came after their calls. */
    readonly spent: u64,
  ) {}

  /** What is left of it. */
  get left(): u64 {
    return this.limit - min<u64>(this.spent, this.limit);
  }
}
