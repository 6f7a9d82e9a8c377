// Asks a policy as the gate asks it: settings first, then one call.

import { Component } from "../world/component";
import { Edit } from "../edit";
import { Editor } from "../world/editor";
import { Finding } from "../finding";
import { Policy } from "../world/policy";
import { Request } from "../request";
import { Response } from "../response";
import { Reviewer } from "../world/reviewer";
import { Verdict } from "../verdict";

/** The verdict of a function that judges, with settings as JSON text. */
export function ask<S>(judge: (settings: S, request: Request) => Verdict, settings: string, request: Request): Verdict {
  const policy = new Policy<S>(judge);
  configure(policy, settings);
  return policy.judge(request);
}

/** The changes of a function that rewrites arguments; `request.refusal` says whether it failed. */
export function revise<S>(change: (settings: S, request: Request) => Edit[], settings: string, request: Request): Edit[] {
  const editor = new Editor<S>(change);
  configure(editor, settings);
  return editor.revise(request);
}

/** The finding of a function that looks at results. */
export function review<S>(
  find: (settings: S, request: Request, response: Response) => Finding,
  settings: string,
  request: Request,
  response: Response,
): Finding {
  const reviewer = new Reviewer<S>(find);
  configure(reviewer, settings);
  return reviewer.review(request, response);
}

/** Why settings (JSON text) are refused; empty where they are not. `S` is the settings class. */
export function settingsError<S>(settings: string): string {
  const policy = new Policy<S>((settings: S, request: Request) => Verdict.abstain());
  return policy.configure(settings) || "";
}

function configure(component: Component, settings: string): void {
  const error = component.configure(settings);
  if (error !== null) throw new Error("the settings are refused: " + error);
}
