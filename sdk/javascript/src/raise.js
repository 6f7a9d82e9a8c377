// What the gate tells, in the shape that authors see. The engine gives the members of a record
// as a list, in the order of the contract, enums and flags as numbers, and integers of 64 bits as
// two halves (build/wit.js). Members are taken by their place: taking lists apart walks an
// iterator, which is dear here.

/** Enums of the contract, in its order. */
export const PROOFS = ["none", "bearer", "sender", "call"];
export const PURPOSES = ["call", "listing"];
export const OUTCOMES = ["allowed", "denied", "held", "failed", "pending"];
export const KINDS = ["null", "boolean", "number", "text", "array", "object"];

/** Flags of the contract, in its order. */
export const HINTS = ["readOnly", "destructive", "idempotent", "openWorld", "untrusted", "sensitive"];

/**
 * Each fact as a function: what nobody asks for costs nothing.
 * @param {object} gate the interfaces that the component imports
 */
export function factsOf({ caller, action, context, history, document }) {
  return {
    agent: caller.id,
    issuer: caller.issuer,
    principal: () => known(caller.principal()),
    owner: () => known(caller.owner()),
    chain: () => caller.chain().map(raiseLink),
    scopes: caller.scopes,
    proof: () => PROOFS[caller.proof()],
    expiresAt: () => wholeOf(caller.expiresAt(), "expiresAt"),
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
    at: () => wholeOf(context.at(), "at"),
    decision: context.decision,
    session: context.session,
    labels: () => context.labels().map(raiseLabel),
    hasLabel: context.hasLabel,
    approvals: () => context.approvals().map(raiseApproval),
    history: (limit) => history.recent(limit).map(raisePastCall),
    document,
  };
}

export function raisePastCall(members) {
  return {
    id: members[0],
    at: unsigned(members[1], members[2]),
    method: members[3],
    server: members[4],
    name: members[5],
    outcome: OUTCOMES[members[6]],
    reason: known(members[7]),
  };
}

export function raiseLink(members) {
  return { id: members[0], issuer: known(members[1]) };
}

export function raiseLabel(members) {
  const at = known(members[2]);
  return { name: members[0], source: known(members[1]), at: at === undefined ? at : wholeOf(at, "at") };
}

export function raiseApproval(members) {
  return { by: members[0], roles: members[1], at: unsigned(members[2], members[3]), method: members[4] };
}

export function raiseHints(flags) {
  const hints = {};
  HINTS.forEach((hint, bit) => {
    hints[hint] = (flags & (1 << bit)) !== 0;
  });
  return hints;
}

/** One level of a JSON value. */
export function raiseValue({ tag, val }) {
  if (tag === "integer") return { kind: tag, value: BigInt.asIntN(64, unsigned(val[0], val[1])) };
  return { kind: tag, value: val ?? null };
}

/** The engine has `null` for what there is not. */
export function known(value) {
  return value ?? undefined;
}

function unsigned(low, high) {
  return high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low);
}

/**
 * What the engine gives as a number, and as a negative one from 2^63 on. Between 2^53 and
 * 2^64 - 2^53 it is rounded, which is no answer.
 */
function wholeOf(number, name) {
  if (!Number.isSafeInteger(number)) throw new RangeError(`\`${name}\` is about ${number}, which the engine rounds`);
  return BigInt.asUintN(64, BigInt(number));
}
