// A policy that judges calls.

import { Component } from "./component";
import { Denial } from "../denial";
import { Description } from "../description";
import { Opinion } from "../opinion";
import { Request } from "../request";
import { Settings } from "../settings";

/**
 * Makes a component of a function that judges and one that describes the policy.
 * Call it once, at the top level of the policy. `S` is the settings class; its
 * constructor takes `Settings`. What the function cannot read (see `Value`), it
 * denies.
 */
export function policy<S>(judge: (settings: S, request: Request) => Opinion, about: () => Description): void {
  judging = new Policy<S>(judge, about);
}

/** The policy of this component. */
export let judging: Judging | null = null;

export abstract class Judging extends Component {
  abstract judge(request: Request): Opinion;
}

export class Policy<S> extends Judging {
  private settings: S | null = null;

  constructor(private decide: (settings: S, request: Request) => Opinion, about: () => Description) {
    super(about);
  }

  settle(settings: Settings): void {
    this.settings = instantiate<S>(settings);
  }

  judge(request: Request): Opinion {
    const opinion = this.decide(this.settings!, request);
    const refusal = request.refusal;
    return refusal === null ? opinion : Opinion.deny(Denial.invalidArguments(refusal));
  }
}
