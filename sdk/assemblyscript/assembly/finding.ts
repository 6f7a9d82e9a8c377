// What a policy that reviews answers.

import { Edit } from "./edit";

/** What becomes of a result. */
export class Finding {
  private constructor(
    /** What the agent gets instead of the result; null when the result goes on. */
    readonly blocked: string | null,
    /** Changes to the result, in order. */
    readonly edits: Edit[],
    /** Labels that the session carries from now on. */
    readonly labels: string[],
  ) {}

  /** The result goes on as it is. */
  static pass(): Finding {
    return new Finding(null, [], []);
  }

  /** The result goes on, changed like this, in order. */
  static edit(edits: Edit[]): Finding {
    return new Finding(null, edits, []);
  }

  /** The result goes on as it is, and the session carries these labels from now on. */
  static label(labels: string[]): Finding {
    return new Finding(null, [], labels);
  }

  /** The result goes on with edits and labels. */
  static passWith(edits: Edit[], labels: string[]): Finding {
    return new Finding(null, edits, labels);
  }

  /** The agent gets this text instead of the result. */
  static block(message: string): Finding {
    return new Finding(message, [], []);
  }
}
