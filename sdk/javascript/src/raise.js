// What the gate tells, in the shape that authors see. The engine gives the members of a record
// as a list, in the order of the contract, enums and flags as numbers, and integers of 64 bits as
// two halves (build/wit.js, build/halves.js). Members are taken by their place: taking lists apart walks an
// iterator, which is dear here.

/** Enums of the contract, in its order. */
export const PROOFS = ["none", "bearer", "sender", "call"];
export const PURPOSES = ["call", "listing"];
export const OUTCOMES = ["allowed", "denied", "held", "failed", "pending"];
export const KINDS = ["null", "boolean", "number", "text", "array", "object"];

/**
 * Each fact as a function: what nobody asks for costs nothing.
 * @param {object} gate the interfaces that the component imports
 */
export function factsOf({ caller, action, context, history, budget, document }) {
  return {
    agent: caller.id,
    issuer: caller.issuer,
    principal: () => known(caller.principal()),
    owner: () => known(caller.owner()),
    chain: () => caller.chain().map(raiseLink),
    scopes: caller.scopes,
    proof: () => PROOFS[caller.proof()],
    expiresAt: () => unsigned(caller.expiresAt()),
    claims: () => caller.claims().map(raiseClaim),
    claim: caller.claim,
    purpose: () => PURPOSES[action.purpose()],
    method: action.method,
    server: action.server,
    name: action.name,
    hints: () => raiseHints(action.hints()),
    targets: action.targets,
    contents: action.contents,
    definition: () => known(action.definition()),
    schema: action.schema,
    claimed: action.claimed,
    at: () => unsigned(context.at()),
    decision: context.decision,
    session: context.session,
    labels: () => context.labels().map(raiseLabel),
    hasLabel: context.hasLabel,
    approvals: () => context.approvals().map(raiseApproval),
    history: (limit) => history.recent(limit).map(raisePastCall),
    budget: (name, key) => raiseBudget(budget.read(name, key)),
    document,
  };
}

export function raisePastCall(members) {
  return {
    id: members[0],
    at: unsigned(members[1]),
    method: members[2],
    server: members[3],
    name: members[4],
    outcome: OUTCOMES[members[5]],
    reason: known(members[6]),
  };
}

export function raiseBudget(members) {
  return { limit: unsigned(members[0]), windowSeconds: members[1] >>> 0, spent: unsigned(members[2]) };
}

export function raiseLink(members) {
  return { id: members[0], issuer: known(members[1]) };
}

export function raiseClaim(members) {
  return { name: members[0], values: members[1] };
}

export function raiseLabel(members) {
  const at = known(members[2]);
  return { name: members[0], source: known(members[1]), at: at === undefined ? at : unsigned(at) };
}

export function raiseApproval(members) {
  return { by: members[0], roles: members[1], at: unsigned(members[2]), method: members[3] };
}

export function raiseHints(flags) {
  return {
    readOnly: (flags & 1) !== 0,
    destructive: (flags & 2) !== 0,
    idempotent: (flags & 4) !== 0,
    openWorld: (flags & 8) !== 0,
    untrusted: (flags & 16) !== 0,
    sensitive: (flags & 32) !== 0,
  };
}

/** One level of a JSON value. */
export function raiseValue({ tag, val }) {
  if (tag === "integer") return { kind: tag, value: BigInt.asIntN(64, unsigned(val)) };
  return { kind: tag, value: val ?? null };
}

/** The engine has `null` for what there is not. */
export function known(value) {
  return value ?? undefined;
}

/** The engine gives halves with a sign. */
function unsigned(halves) {
  const low = BigInt(halves[0] >>> 0);
  return halves[1] === 0 ? low : (BigInt(halves[1] >>> 0) << 32n) | low;
}
