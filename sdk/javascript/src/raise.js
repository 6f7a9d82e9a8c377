// What the gate asks, in the shape that authors see. The engine gives the members of a record
// as a list, in the order of the contract, and enums and flags as numbers (build/wit.js).
// Members are taken by their place: taking lists apart walks an iterator, which is dear here.

import { Request } from "./request.js";

/** Enums of the contract, in its order. */
export const PROOFS = ["none", "bearer", "sender", "call"];
export const OUTCOMES = ["allowed", "denied", "held", "failed"];

/** @param {object} gate where the request reads its arguments */
export function raiseRequest(parts, gate) {
  return new Request(subjectOf(parts[0]), actionOf(parts[1]), contextOf(parts[2]), gate);
}

export function raisePastCall(members) {
  return {
    at: unsigned(members[0]),
    method: members[1],
    server: members[2],
    name: members[3],
    outcome: OUTCOMES[members[4]],
  };
}

function subjectOf(members) {
  return {
    id: members[0],
    issuer: members[1],
    principal: members[2],
    owner: members[3],
    delegation: members[4],
    scopes: members[5],
    proof: PROOFS[members[6]],
    expiresAt: unsigned(members[7]),
  };
}

function actionOf(members) {
  return { method: members[0], server: members[1], name: members[2], hints: hintsOf(members[3]) };
}

function hintsOf(flags) {
  return {
    readOnly: (flags & 1) !== 0,
    destructive: (flags & 2) !== 0,
    idempotent: (flags & 4) !== 0,
    openWorld: (flags & 8) !== 0,
  };
}

function contextOf(members) {
  return { at: unsigned(members[0]), session: members[1], labels: members[2], approvers: members[3] };
}

/** The engine gives unsigned integers of 2^63 and more as negative numbers. */
function unsigned(number) {
  return number < 0 ? number + 2 ** 64 : number;
}
