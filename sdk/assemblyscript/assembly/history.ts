// What the session did before.

/** How an earlier call ended. */
export enum Outcome {
  /** Went ahead, and the tool answered. */
  Allowed,
  /** Was refused. */
  Denied,
  /** Waits, or waited, for a person. */
  Held,
  /** Went ahead, and no usable answer came back, or none yet. */
  Failed,
}

/** One earlier call of the session. */
export class PastCall {
  constructor(
    /** Unix time, milliseconds. */
    public at: u64,
    /** The MCP method. */
    public method: string,
    /** The configured name of the tool server. */
    public server: string,
    /** The tool or prompt name, or the resource URI. */
    public name: string,
    /** How it ended. */
    public outcome: Outcome,
  ) {}
}
