// What a policy that judges answers.

import { Ask } from "./ask";
import { Denial } from "./denial";
import { Note } from "./note";
import { Obligation } from "./obligation";

/** What a policy makes of a call. */
export enum Verdict {
  /** Neither yes nor no. */
  Abstain,
  /** Yes. */
  Allow,
  /** No. Nothing outweighs it. */
  Deny,
  /** Only if people agree. */
  Ask,
}

/** A verdict, what the gate owes if the call goes ahead, and why. */
export class Opinion {
  /** What the gate owes if the call goes ahead, whoever allows it; at most 32. */
  readonly obligations: Obligation[] = [];
  /** Why; at most 16. */
  readonly notes: Note[] = [];

  private constructor(
    /** Yes, no, neither, or a question to people. */
    readonly verdict: Verdict,
    /** Of a deny: why. */
    readonly denial: Denial | null,
    /** Of an ask: what people are asked. */
    readonly question: Ask | null,
  ) {}

  /** Neither yes nor no. */
  static abstain(): Opinion {
    return new Opinion(Verdict.Abstain, null, null);
  }

  /** Yes. */
  static allow(): Opinion {
    return new Opinion(Verdict.Allow, null, null);
  }

  /**
   * No. Takes a `Denial`, or a text alone, which means `forbidden`; say what to
   * do instead, the agent reads it.
   */
  static deny<D>(denial: D): Opinion {
    if (isString<D>()) {
      return new Opinion(Verdict.Deny, Denial.forbidden(changetype<string>(denial)), null);
    }
    return new Opinion(Verdict.Deny, denial as Denial, null);
  }

  /**
   * Only if people agree. Alone it is not a yes: another policy must allow the
   * call, unless the operator lets this one allow too.
   */
  static ask(question: Ask): Opinion {
    return new Opinion(Verdict.Ask, null, question);
  }

  /** What the gate owes if the call goes ahead, whoever allows it. */
  owing(obligation: Obligation): Opinion {
    this.obligations.push(obligation);
    return this;
  }

  /** Why: a rule that the description lists, and words for the operator, which may be none. */
  because(rule: string, text: string = ""): Opinion {
    this.notes.push(new Note(rule, text));
    return this;
  }

  /** For logs and tests: `allow`, `deny forbidden: say why`, `ask: title`, `abstain`. */
  toString(): string {
    if (this.verdict == Verdict.Deny) return `deny ${this.denial!.toString()}`;
    if (this.verdict == Verdict.Ask) return `ask: ${this.question!.title}`;
    return this.verdict == Verdict.Allow ? "allow" : "abstain";
  }
}
