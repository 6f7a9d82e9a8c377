// What a policy that reviews answers.

import { Charge } from "./charge";
import { Edit } from "./edit";
import { Note } from "./note";

/** What becomes of a result, what it leaves behind, and why. */
export class Report {
  private constructor(
    /** What the agent gets instead of the result; null when the result goes on. */
    readonly blocked: string | null,
    /** Changes to the result, in order. */
    readonly edits: Edit[],
    /** Labels that the session carries from now on, whatever becomes of the result. */
    readonly labels: string[] = [],
    /** What the call cost beyond what was charged before it; at most 32. */
    readonly charges: Charge[] = [],
    /** Why; at most 16. */
    readonly notes: Note[] = [],
  ) {}

  /** The result goes on as it is. */
  static pass(): Report {
    return new Report(null, []);
  }

  /** The result goes on, changed like this, in order. */
  static edit(edits: Edit[]): Report {
    return new Report(null, edits);
  }

  /** The agent gets this text instead of the result. */
  static block(message: string): Report {
    return new Report(message, []);
  }

  /** The agent gets this text instead of the result; labels, charges and notes stay. */
  blockedBy(message: string): Report {
    return new Report(message, [], this.labels, this.charges, this.notes);
  }

  /** The session carries these labels from now on, whatever becomes of the result. */
  labelling(labels: string[]): Report {
    for (let i = 0; i < labels.length; i++) this.labels.push(labels[i]);
    return this;
  }

  /** The call cost this, beyond what was charged before it. */
  charging(charge: Charge): Report {
    this.charges.push(charge);
    return this;
  }

  /** Why: a rule that the description lists, and words for the operator, which may be none. */
  because(rule: string, text: string = ""): Report {
    this.notes.push(new Note(rule, text));
    return this;
  }
}
