// What a policy that judges answers: yes, no or ask, what is owed, and why.

import { members } from "./check.js";

/** How long people have to decide when the policy does not say: a day. */
const DECIDE_WITHIN_SECONDS = 24 * 60 * 60;

/** How long an approval stays usable when the policy does not say. */
const USE_WITHIN_SECONDS = 900;

export const ASK_OPTIONS = ["show", "roles", "quorum", "excludeRequester", "exclude", "decideWithinSeconds", "useWithinSeconds"];

/** Sealed: an obligation under a name with a typo would be lost. */
export class Opinion {
  constructor(verdict) {
    this.verdict = verdict;
    this.obligations = [];
    this.notes = [];
    Object.seal(this);
  }

  owing(...obligations) {
    this.obligations.push(...obligations);
    return this;
  }

  because(rule, text = "") {
    this.notes.push({ rule, text });
    return this;
  }

  get allows() {
    return this.verdict.kind === "allow";
  }

  get denies() {
    return this.verdict.kind === "deny";
  }
}

export function abstain() {
  return new Opinion({ kind: "abstain" });
}

export function allow(...obligations) {
  const opinion = new Opinion({ kind: "allow" });
  return obligations.length === 0 ? opinion : opinion.owing(...obligations);
}

export function deny(message) {
  return denial("forbidden", message);
}

deny.invalidArguments = (message) => denial("invalid-arguments", message);
deny.unsafeContext = (message) => denial("unsafe-context", message);
deny.insufficientScope = (message, scopes) => denial("insufficient-scope", message, scopes);

export function ask(title, reason, options = {}) {
  const {
    show = [],
    roles = [],
    quorum = 1,
    excludeRequester = false,
    exclude = [],
    decideWithinSeconds = DECIDE_WITHIN_SECONDS,
    useWithinSeconds = USE_WITHIN_SECONDS,
  } = members(options, ASK_OPTIONS, "an ask");
  const asked = { title, reason, show, roles, quorum, excludeRequester, exclude, decideWithinSeconds, useWithinSeconds };
  return new Opinion({ kind: "ask", ...asked });
}

function denial(refusal, message, scopes = []) {
  return new Opinion({ kind: "deny", refusal, message, scopes });
}
