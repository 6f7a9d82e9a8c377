// Requests and responses for native tests. Whatever is not said has a harmless default.

import { Memory } from "./memory.js";
import { Request } from "./request.js";
import { Response } from "./response.js";

/** 2026-01-01T00:00:00Z, in milliseconds. */
const NOW = 1_767_225_600_000;

/** The gate keeps so many calls of a session. */
const HISTORY_MAX = 64;

export function request({ subject, action, context: { history = [], ...context } = {}, arguments: given, argumentsJson } = {}) {
  const gate = {
    arguments: new Memory(argumentsJson ?? JSON.stringify(given ?? {})),
    recent: (limit) => history.slice(0, Math.min(limit, HISTORY_MAX)),
  };
  const whole = {
    subject: {
      id: "did:example:agent",
      issuer: "did:example:issuer",
      principal: "user:alice",
      owner: null,
      delegation: [],
      scopes: ["*:*"],
      proof: "bearer",
      expiresAt: NOW + 3_600_000,
      ...subject,
    },
    action: {
      method: "tools/call",
      server: "server",
      name: "tool",
      ...action,
      hints: { readOnly: false, destructive: false, idempotent: false, openWorld: false, ...action?.hints },
    },
    context: {
      at: NOW,
      session: "session",
      approvers: [],
      ...context,
      labels: [...(context.labels ?? [])].sort(),
    },
  };
  return new Request(whole.subject, whole.action, whole.context, gate);
}

export function response(result) {
  return new Response(new Memory(JSON.stringify(result)));
}
