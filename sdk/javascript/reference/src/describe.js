// What a policy can see, as text.

const HINTS = {
  readOnly: "read-only",
  destructive: "destructive",
  idempotent: "idempotent",
  openWorld: "open-world",
  untrusted: "untrusted",
  sensitive: "sensitive",
};

export function describe(value) {
  if (value === undefined) return "missing";
  return value.kind === "null" ? "null" : `${value.kind} ${value.value}`;
}

export function describeNode(node) {
  return node === undefined ? "missing" : `${node.kind} ${node.length} ${node.json}`;
}

/** What a walk finds. */
export function walk(node) {
  if (node === undefined) return "missing";
  switch (node.kind) {
    case "text":
      return `'${node.text}'`;
    case "array":
      return `[${node.children.map(walk).join(",")}]`;
    case "object": {
      const { keys } = node;
      return `{${node.children.map((child, index) => `${keys[index]}=${walk(child)}`).join(",")}}`;
    }
    default:
      return String(node.value.value);
  }
}

export function describeCaller({ agent, issuer, principal, owner, chain, scopes, proof, expiresAt }) {
  const links = chain.map(({ id, issuer }) => (issuer === undefined ? id : `${id}<${issuer}>`));
  return [agent, issuer, principal, owner, links.join(","), scopes.join(","), proof, expiresAt].map(orDash).join("|");
}

export function describeClaims(claims, values) {
  return `${claims.map(({ name, values }) => `${name}=${values.join("+")}`).join(",")}|${values.join("+")}`;
}

export function describeAction({ purpose, method, server, name, hints, targets, contents }) {
  const set = Object.keys(HINTS).filter((hint) => hints[hint]);
  return [purpose, method, server, name, set.map((hint) => HINTS[hint]).join(","), targets.join(","), contents.join(",")].join("|");
}

export function describeTool({ definition, schema, claimed }) {
  return [definition, schema?.json, claimed?.json].map(orDash).join("|");
}

export function describeContext({ at, session, labels, approvals }) {
  return [at, session, labels.map(describeLabel).join(","), approvals.map(describeApproval).join(",")].join("|");
}

export function describeBudget({ limit, windowSeconds, spent }) {
  return `${limit} ${windowSeconds} ${spent}`;
}

export function describeCall({ id, at, method, server, name, outcome, reason }) {
  return `${id} ${at} ${method} ${server} ${name} ${outcome} ${orDash(reason)}`;
}

function describeLabel({ name, source, at }) {
  return `${name}${source === undefined ? "" : `<${source}`}${at === undefined ? "" : `@${at}`}`;
}

function describeApproval({ by, roles, at, method }) {
  return `${by}:${roles.join("+")}:${at}:${method}`;
}

function orDash(part) {
  return part ?? "-";
}
