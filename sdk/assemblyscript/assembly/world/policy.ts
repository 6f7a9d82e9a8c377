// A policy that judges calls.

import { Component } from "./component";
import { Denial, Verdict } from "../verdict";
import { Request } from "../request";
import { Settings } from "../settings";

/**
 * Makes a component of a function that judges. Call it once, at the top level of
 * the policy. `S` is the settings class; its constructor takes `Settings`. What
 * the function cannot read (see `Value`), it denies.
 */
export function policy<S>(judge: (settings: S, request: Request) => Verdict): void {
  judging = new Policy<S>(judge);
}

/** The policy of this component. */
export let judging: Judging | null = null;

export abstract class Judging extends Component {
  abstract judge(request: Request): Verdict;
}

export class Policy<S> extends Judging {
  private settings: S | null = null;

  constructor(private decide: (settings: S, request: Request) => Verdict) {
    super();
  }

  settle(settings: Settings): void {
    this.settings = instantiate<S>(settings);
  }

  judge(request: Request): Verdict {
    const verdict = this.decide(this.settings!, request);
    const refusal = request.refusal;
    return refusal === null ? verdict : Verdict.deny(Denial.invalidArguments(refusal));
  }
}
