// What a policy that rewrites arguments answers.

/** Sealed: a change under a name with a typo would be lost. */
export class Revision {
  constructor(edits) {
    this.edits = edits;
    this.notes = [];
    Object.seal(this);
  }

  because(rule, text = "") {
    this.notes.push({ rule, text });
    return this;
  }
}

export function revision(...edits) {
  return new Revision(edits);
}
