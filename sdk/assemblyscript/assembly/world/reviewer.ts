// A policy that looks at results on their way back.

import { Component } from "./component";
import { Description } from "../description";
import { Report } from "../report";
import { Request } from "../request";
import { Response } from "../response";
import { Settings } from "../settings";

/**
 * Makes a component of a function that looks at results and one that describes the
 * policy. Call it once, at the top level of the policy. `S` is the settings class;
 * its constructor takes `Settings`. What the function cannot read (see `Value`), it
 * blocks; the labels, charges and notes of its report hold all the same.
 */
export function reviewer<S>(
  review: (settings: S, request: Request, response: Response) => Report,
  about: () => Description,
): void {
  reviewing = new Reviewer<S>(review, about);
}

/** The policy of this component. */
export let reviewing: Reviewing | null = null;

export abstract class Reviewing extends Component {
  abstract review(request: Request, response: Response): Report;
}

export class Reviewer<S> extends Reviewing {
  private settings: S | null = null;

  constructor(
    private look: (settings: S, request: Request, response: Response) => Report,
    about: () => Description,
  ) {
    super(about);
  }

  settle(settings: Settings): void {
    this.settings = instantiate<S>(settings);
  }

  review(request: Request, response: Response): Report {
    const report = this.look(this.settings!, request, response);
    if (request.refusal !== null) return report.blockedBy(request.refusal!);
    return response.refusal === null ? report : report.blockedBy(response.refusal!);
  }
}
