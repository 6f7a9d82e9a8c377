// A policy that rewrites arguments before anyone judges them.

import { Component } from "./component";
import { Description } from "../description";
import { Request } from "../request";
import { Revision } from "../revision";
import { Settings } from "../settings";

/**
 * Makes a component of a function that rewrites arguments and one that describes
 * the policy. Call it once, at the top level of the policy. `S` is the settings
 * class; its constructor takes `Settings`. What the function cannot read (see
 * `Value`), and what it refuses with `request.refuse`, is denied.
 */
export function editor<S>(revise: (settings: S, request: Request) => Revision, about: () => Description): void {
  revising = new Editor<S>(revise, about);
}

/** The policy of this component. */
export let revising: Revising | null = null;

export abstract class Revising extends Component {
  abstract revise(request: Request): Revision;
}

export class Editor<S> extends Revising {
  private settings: S | null = null;

  constructor(private change: (settings: S, request: Request) => Revision, about: () => Description) {
    super(about);
  }

  settle(settings: Settings): void {
    this.settings = instantiate<S>(settings);
  }

  revise(request: Request): Revision {
    return this.change(this.settings!, request);
  }
}
