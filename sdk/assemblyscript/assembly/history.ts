// What the session did before.

/** How an earlier call ended. */
export enum Outcome {
  /** Went ahead, and the tool answered. */
  Allowed,
  /** Was refused. */
  Denied,
  /** Waits, or waited, for a person. */
  Held,
  /** Went ahead, and no usable answer came back. */
  Failed,
  /** Went ahead, and nothing came back yet. */
  Pending,
}

/** One earlier call of the session. */
export class PastCall {
  constructor(
    /** Id of the decision. Several calls have the same where one message named several things. */
    readonly id: string,
    /** Unix time, milliseconds. */
    readonly at: u64,
    /** The MCP method. */
    readonly method: string,
    /** The configured name of the tool server. */
    readonly server: string,
    /** The tool or prompt name, or the resource URI. */
    readonly name: string,
    /** How it ended. */
    readonly outcome: Outcome,
    /** Why not, if not: a reason of the gate, for example `forbidden`. */
    readonly reason: string | null = null,
  ) {}
}
