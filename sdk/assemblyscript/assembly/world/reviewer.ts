// A policy that looks at results on their way back.

import { Component } from "./component";
import { Finding } from "../finding";
import { Request } from "../request";
import { Response } from "../response";
import { Settings } from "../settings";

/**
 * Makes a component of a function that looks at results. Call it once, at the top
 * level of the policy. `S` is the settings class; its constructor takes
 * `Settings`. What the function cannot read (see `Value`), it blocks.
 */
export function reviewer<S>(review: (settings: S, request: Request, response: Response) => Finding): void {
  reviewing = new Reviewer<S>(review);
}

/** The policy of this component. */
export let reviewing: Reviewing | null = null;

export abstract class Reviewing extends Component {
  abstract review(request: Request, response: Response): Finding;
}

export class Reviewer<S> extends Reviewing {
  private settings: S | null = null;

  constructor(private find: (settings: S, request: Request, response: Response) => Finding) {
    super();
  }

  settle(settings: Settings): void {
    this.settings = instantiate<S>(settings);
  }

  review(request: Request, response: Response): Finding {
    const finding = this.find(this.settings!, request, response);
    if (request.refusal !== null) return Finding.block(request.refusal!);
    return response.refusal === null ? finding : Finding.block(response.refusal!);
  }
}
