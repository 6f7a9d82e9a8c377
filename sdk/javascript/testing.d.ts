/** Requests and responses for native tests. Whatever is not said has a harmless default. */

import type { Action, Context, Hints, PastCall, Request, Response, Subject } from "@gatewright/sdk";

/** A request in the form of a request file of `gatewright eval`, with names in camelCase. */
export interface Question {
  readonly subject?: Partial<Subject>;
  readonly action?: Partial<Omit<Action, "hints">> & { readonly hints?: Partial<Hints> };
  /** `history`: the newest call first. */
  readonly context?: Partial<Context> & { readonly history?: readonly PastCall[] };
  readonly arguments?: unknown;
  /** The arguments as text, where it matters how they are written. */
  readonly argumentsJson?: string;
}

/** A call of the tool `tool` with a good credential, except for what the question says. */
export function request(question?: Question): Request;

/** What a tool answered: the `result` of the JSON-RPC response. */
export function response(result: unknown): Response;
