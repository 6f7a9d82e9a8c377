/** Requests and responses for native tests. Whatever is not said has a harmless default. */

import type { Approval, Hints, Label, Link, PastCall, Proof, Request, Response } from "@gatewright/sdk";

/** What a policy can know about a call. */
export interface Facts {
  readonly agent?: string;
  readonly issuer?: string;
  readonly principal?: string | undefined;
  readonly owner?: string | undefined;
  readonly chain?: readonly Link[];
  readonly scopes?: readonly string[];
  readonly proof?: Proof;
  readonly expiresAt?: number | bigint;
  /** Each claim by its name, with its value or its values. */
  readonly claims?: Readonly<Record<string, string | readonly string[]>>;
  /** Without it: `listing` for methods that end in `/list`, else `call`. */
  readonly purpose?: "call" | "listing";
  readonly method?: string;
  readonly server?: string;
  readonly name?: string;
  readonly hints?: Partial<Hints>;
  readonly targets?: readonly string[];
  readonly contents?: readonly string[];
  readonly definition?: string;
  readonly schema?: unknown;
  readonly claimed?: unknown;
  readonly at?: number | bigint;
  readonly decision?: string;
  readonly session?: string;
  /** Labels, or their names. */
  readonly labels?: readonly (string | Label)[];
  readonly approvals?: readonly Approval[];
  /** The newest call first. */
  readonly history?: readonly (Partial<Omit<PastCall, "at">> & { readonly at?: number | bigint })[];
  /** Budgets that the operator set, each with what is spent of it under a key. */
  readonly budgets?: readonly {
    readonly name: string;
    readonly key: string;
    readonly limit: number | bigint;
    readonly windowSeconds: number;
    readonly spent: number | bigint;
  }[];
  readonly arguments?: unknown;
  /** The arguments as text, where it matters how they are written. */
  readonly argumentsJson?: string;
}

/** A call of the tool `tool` with a good credential, except for what the facts say. */
export function request(facts?: Facts): Request;

/** What came back of a call. */
export const response: {
  /** The `result` of the JSON-RPC response. */
  (result: unknown): Response;
  /** A result of one text. */
  text(text: string): Response;
  /** The `error` of the JSON-RPC response. */
  error(error: unknown): Response;
  /** The `params` of a message on the way. */
  notification(method: string, params: unknown): Response;
};
