// Requests and responses for native tests. Whatever is not said has a harmless default.

import { members } from "./check.js";
import { Memory } from "./memory.js";
import { FACTS, Request } from "./request.js";
import { Response } from "./response.js";

/** 2026-01-01T00:00:00Z, in milliseconds. */
const NOW = 1_767_225_600_000n;

/** The gate keeps so many calls of a session. */
const HISTORY_MAX = 64;

const HINTS = { readOnly: false, destructive: false, idempotent: false, openWorld: false, untrusted: false, sensitive: false };

const CALL = { id: "decision-0", at: NOW, method: "tools/call", server: "server", name: "tool", outcome: "allowed", reason: undefined };

export function request(said = {}) {
  const { arguments: given = {}, argumentsJson = JSON.stringify(given), history = [], budgets = [], schema, claimed, ...facts } = members(
    said,
    [...FACTS, "arguments", "argumentsJson", "history", "budgets", "schema", "claimed"],
    "a request",
  );
  const method = facts.method ?? "tools/call";
  const whole = {
    agent: "did:example:agent",
    issuer: "did:example:issuer",
    principal: "user:alice",
    chain: [],
    scopes: ["*:*"],
    proof: "bearer",
    purpose: method.endsWith("/list") ? "listing" : "call",
    method,
    server: "server",
    name: "tool",
    targets: [],
    contents: [],
    decision: "decision",
    session: "session",
    approvals: [],
    ...facts,
    claims: claimsOf(facts.claims ?? {}),
    expiresAt: BigInt(facts.expiresAt ?? NOW + 3_600_000n),
    hints: { ...HINTS, ...members(facts.hints ?? {}, Object.keys(HINTS), "a tool") },
    at: BigInt(facts.at ?? NOW),
    labels: (facts.labels ?? []).map(labelOf).sort((one, other) => (one.name < other.name ? -1 : 1)),
  };
  const calls = history.map((call) => ({ ...CALL, ...members(call, Object.keys(CALL), "a past call"), at: BigInt(call.at ?? NOW) }));
  return new Request({
    ...Object.fromEntries(FACTS.map((fact) => [fact, () => whole[fact]])),
    claim: (name) => whole.claims.find((claim) => claim.name === name)?.values ?? [],
    hasLabel: (name) => whole.labels.some((label) => label.name === name),
    // As a number of 32 bits without sign.
    history: (limit) => calls.slice(0, Math.min(limit >>> 0, HISTORY_MAX)),
    budget: (name, key) => budgetOf(budgets, name, key),
    schema: () => rootOf(schema),
    claimed: () => rootOf(claimed),
    document: new Memory(argumentsJson),
  });
}

export function response(result) {
  return responseOf(result, { tag: "final" });
}

response.text = (text) => response({ content: [{ type: "text", text }] });
response.error = (error) => responseOf(error, { tag: "error" });
response.notification = (method, params) => responseOf(params, { tag: "notification", val: method });

function responseOf(document, what) {
  return new Response(new Memory(JSON.stringify(document), what));
}

function budgetOf(budgets, name, key) {
  const found = budgets.find((budget) => budget.name === name && budget.key === key);
  if (found === undefined) throw new Error(`no budget \`${name}\` is set for the key \`${key}\``);
  const { limit, windowSeconds, spent } = found;
  return { limit: BigInt(limit), windowSeconds, spent: BigInt(spent) };
}

function claimsOf(claims) {
  return Object.keys(claims)
    .sort()
    .map((name) => ({ name, values: [claims[name]].flat() }));
}

function labelOf(label) {
  return typeof label === "string" ? { name: label, source: undefined, at: undefined } : { source: undefined, at: undefined, ...label };
}

function rootOf(document) {
  return document === undefined ? undefined : new Memory(JSON.stringify(document)).root();
}
