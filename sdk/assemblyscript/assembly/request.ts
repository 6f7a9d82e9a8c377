// What a policy is asked.

import { Action, Context, Subject } from "./question";
import { Document, Source } from "./document";
import { PastCall } from "./history";
import { Value } from "./value";

/**
 * One call: who asks, what for, under which conditions, with which arguments
 * (the `arguments` of `tools/call` and `prompts/get`, the `params` of every other
 * method).
 */
export class Request extends Document {
  constructor(
    /** The agent, and whom it acts for. */
    public subject: Subject,
    /** What the agent wants to do. */
    public action: Action,
    /** Everything else that a decision may rest on. */
    public context: Context,
    source: Source,
    private past: Past,
  ) {
    super(source, "argument");
  }

  /**
   * Whether this asks if a tool, prompt or resource may be shown in a list, and
   * not if it may be used. There are no arguments then; a denial hides the entry,
   * and no allow is needed to show it.
   */
  get isListing(): bool {
    return this.action.method.endsWith("/list");
  }

  /** The argument at a JSON Pointer. */
  argument(pointer: string): Value {
    return this.value(pointer);
  }

  /**
   * The latest calls of the session, newest first, at most `limit`; the gate keeps
   * the last 64. Only for policies that judge.
   */
  history(limit: u32): PastCall[] {
    return this.past.recent(limit);
  }
}

/** Where the history comes from. */
export abstract class Past {
  abstract recent(limit: u32): PastCall[];
}
