// What a policy can see, as text.

const HINTS = { readOnly: "read-only", destructive: "destructive", idempotent: "idempotent", openWorld: "open-world" };

export function describe(value) {
  if (value === undefined) return "missing";
  return value.kind === "null" ? "null" : `${value.kind} ${value.value}`;
}

export function describeSubject({ id, issuer, principal, owner, delegation, scopes, proof, expiresAt }) {
  return [id, issuer, principal, owner, delegation.join(","), scopes.join(","), proof, expiresAt].map(orDash).join("|");
}

export function describeAction({ method, server, name, hints }) {
  const set = Object.keys(HINTS).filter((hint) => hints[hint]);
  return [method, server, name, set.map((hint) => HINTS[hint]).join(",")].join("|");
}

export function describeContext({ at, session, labels, approvers }) {
  return [at, session, labels.join(","), approvers.join(",")].join("|");
}

export function describeCall({ at, method, server, name, outcome }) {
  return `${at} ${method} ${server} ${name} ${outcome}`;
}

function orDash(part) {
  return part ?? "-";
}
