// What a policy that reviews answers: what becomes of a result, and what follows from it.

import { chargeOf } from "./obligation.js";

/** Sealed: a label or charge under a name with a typo would be lost. */
export class Report {
  constructor(finding) {
    this.finding = finding;
    this.labels = [];
    this.charges = [];
    this.notes = [];
    Object.seal(this);
  }

  labelling(...labels) {
    this.labels.push(...labels);
    return this;
  }

  charging(charge) {
    this.charges.push(chargeOf(charge));
    return this;
  }

  because(rule, text = "") {
    this.notes.push({ rule, text });
    return this;
  }
}

export function pass(...edits) {
  return new Report({ kind: "pass", edits });
}

export function block(message) {
  return new Report({ kind: "block", message });
}
