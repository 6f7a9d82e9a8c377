// Asks a policy as the gate asks it: settings first, then one call.

import { Component } from "../world/component";
import { Description, Powers } from "../description";
import { Editor } from "../world/editor";
import { Opinion } from "../opinion";
import { Policy } from "../world/policy";
import { Report } from "../report";
import { Request } from "../request";
import { Response } from "../response";
import { Reviewer } from "../world/reviewer";
import { Revision } from "../revision";
import { SettingsError } from "../settings";

/** The opinion of a function that judges, with settings as JSON text. */
export function ask<S>(judge: (settings: S, request: Request) => Opinion, settings: string, request: Request): Opinion {
  const policy = new Policy<S>(judge, nothing);
  configure(policy, settings);
  return policy.judge(request);
}

/** The changes of a function that rewrites arguments; `request.refusal` says whether it failed. */
export function revise<S>(change: (settings: S, request: Request) => Revision, settings: string, request: Request): Revision {
  const editor = new Editor<S>(change, nothing);
  configure(editor, settings);
  return editor.revise(request);
}

/** The report of a function that looks at results. */
export function review<S>(
  look: (settings: S, request: Request, response: Response) => Report,
  settings: string,
  request: Request,
  response: Response,
): Report {
  const reviewer = new Reviewer<S>(look, nothing);
  configure(reviewer, settings);
  return reviewer.review(request, response);
}

/** Why settings (JSON text) are refused, or null. `S` is the settings class. */
export function settingsError<S>(settings: string): SettingsError | null {
  const policy = new Policy<S>((settings: S, request: Request) => Opinion.abstain(), nothing);
  return policy.configure(settings);
}

function configure(component: Component, settings: string): void {
  const error = component.configure(settings);
  if (error !== null) throw new Error("the settings are refused: " + error.message);
}

/** What a policy says about itself is not asked here. */
function nothing(): Description {
  return new Description(<Powers>0);
}
