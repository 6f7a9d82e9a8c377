// What a policy that rewrites arguments answers.

import { Edit } from "./edit";
import { Note } from "./note";

/** Changes to the arguments, in order, and why. */
export class Revision {
  /** Why; at most 16. */
  readonly notes: Note[] = [];

  constructor(
    /** The changes; none leaves the arguments as they are. */
    readonly edits: Edit[] = [],
  ) {}

  /** Why: a rule that the description lists, and words for the operator, which may be none. */
  because(rule: string, text: string = ""): Revision {
    this.notes.push(new Note(rule, text));
    return this;
  }
}
