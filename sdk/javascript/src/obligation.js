// What the gate must do if the call goes ahead.

import { members } from "./check.js";

const CHARGE = ["key", "cost", "budget", "limit", "windowSeconds", "onFailure"];

export function charge(charge) {
  return { charge: chargeOf(charge) };
}

/** With what is not said. */
export function chargeOf(charge) {
  const { key, cost = 1, budget, limit, windowSeconds, onFailure = "keep" } = members(charge, CHARGE, "a charge");
  if (budget === undefined) return { key, cost, limit, windowSeconds, onFailure };
  if (limit !== undefined || windowSeconds !== undefined) {
    throw new TypeError("a charge has a `budget` and a limit of its own; hint: the operator sets the limit of a budget");
  }
  return { key, cost, budget, onFailure };
}

export function label(...labels) {
  return { label: labels };
}

export function declassify(...labels) {
  return { declassify: labels };
}

export function redact(...pointers) {
  return { redact: pointers };
}

export function limitResult(bytes) {
  return { limitResult: bytes };
}
