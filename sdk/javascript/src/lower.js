// Answers in the shape that the engine takes: the members of a record as a list, in the order
// of the contract, enums and flags as numbers, and integers of 64 bits as two halves (build/wit.js,
// build/halves.js).
// Whatever cannot be said in it is a failure here: nothing of an answer is left out.

import { boolean, each, halves, members, oneOf, shown, small, text, texts, U32_MAX, U8_MAX } from "./check.js";
import { chargeOf } from "./obligation.js";
import { ASK_OPTIONS, Opinion } from "./opinion.js";
import { Report } from "./report.js";
import { Revision } from "./revision.js";

/** Enums of the contract, in its order. */
export const REFUSALS = ["forbidden", "insufficient-scope", "invalid-arguments", "unsafe-context"];
export const LEVELS = ["debug", "info", "warn"];
export const ON_FAILURE = ["keep", "refund"];

/** Flags of the contract, in its order. */
export const POWERS = ["allow", "deny", "ask", "charge", "label", "declassify", "redact", "limit-result", "edit", "block"];

export function lowerOpinion(answer) {
  if (!(answer instanceof Opinion)) {
    throw new TypeError(`judge returned ${shown(answer)}, which is no opinion; hint: return allow(), deny(".."), ask(..) or abstain()`);
  }
  return [
    lowerVerdict(answer.verdict),
    each(answer.obligations, "obligations", lowerObligation),
    each(answer.notes, "notes", lowerNote),
  ];
}

export function lowerRevision(answer) {
  const { edits, notes } = Array.isArray(answer) ? { edits: answer, notes: [] } : answer ?? {};
  if (!(Array.isArray(answer) || answer instanceof Revision)) {
    throw new TypeError(`revise returned ${shown(answer)}, which is no list of edits; hint: return [edit.set(..)] or revision(edit.set(..))`);
  }
  return [lowerEdits(edits), each(notes, "notes", lowerNote)];
}

export function lowerReport(answer) {
  if (!(answer instanceof Report)) {
    throw new TypeError(`review returned ${shown(answer)}, which is no report; hint: return pass() or block("..")`);
  }
  return [
    lowerFinding(answer.finding),
    texts(answer.labels, "labels"),
    each(answer.charges, "charges", lowerCharge),
    each(answer.notes, "notes", lowerNote),
  ];
}

export function lowerDescription({ schema, powers, rules }) {
  const bits = powers.reduce((bits, power) => bits | (1 << oneOf(POWERS, power, "powers")), 0);
  return [schema ?? null, bits, rules.map(({ id, title }) => [text(id, "rules"), text(title, "rules")])];
}

function lowerVerdict(verdict) {
  switch (verdict?.kind) {
    case "abstain":
    case "allow":
      members(verdict, ["kind"], `the verdict ${verdict.kind}`);
      return { tag: verdict.kind };
    case "deny":
      return { tag: "deny", val: lowerDenial(verdict) };
    case "ask":
      return { tag: "ask", val: lowerAsk(verdict) };
    default:
      throw new TypeError(`${shown(verdict)} is no verdict; hint: use allow(), deny(".."), ask(..) or abstain()`);
  }
}

function lowerDenial(denial) {
  const { refusal, message, scopes } = members(denial, ["kind", "refusal", "message", "scopes"], "a denial");
  return [oneOf(REFUSALS, refusal, "refusal"), text(message, "message"), texts(scopes, "scopes")];
}

function lowerAsk(ask) {
  const { title, reason, show, roles, quorum, excludeRequester, exclude, decideWithinSeconds, useWithinSeconds } = members(
    ask,
    ["kind", "title", "reason", ...ASK_OPTIONS],
    "an ask",
  );
  return [
    text(title, "title"),
    text(reason, "reason"),
    texts(show, "show"),
    texts(roles, "roles"),
    small(quorum, U8_MAX, "quorum"),
    boolean(excludeRequester, "excludeRequester"),
    texts(exclude, "exclude"),
    small(decideWithinSeconds, U32_MAX, "decideWithinSeconds"),
    small(useWithinSeconds, U32_MAX, "useWithinSeconds"),
  ];
}

function lowerObligation(obligation) {
  const [[name, value] = [], another] = Object.entries(obligation ?? {});
  if (another) {
    throw new TypeError(`an obligation has both \`${name}\` and \`${another[0]}\`; hint: give owing(..) one of them each`);
  }
  switch (name) {
    case "charge":
      return { tag: "charge", val: lowerCharge(value) };
    case "label":
    case "declassify":
    case "redact":
      return { tag: name, val: texts(value, name) };
    case "limitResult":
      return { tag: "limit-result", val: halves(value, "limitResult") };
    default:
      throw new TypeError(`${shown(obligation)} is no obligation; hint: use charge(..), label(..), declassify(..), redact(..) or limitResult(..)`);
  }
}

function lowerCharge(charge) {
  const { key, cost, budget, limit, windowSeconds, onFailure } = chargeOf(charge);
  return [
    text(key, "key"),
    halves(cost, "cost"),
    budget === undefined
      ? { tag: "fixed", val: [halves(limit, "limit"), small(windowSeconds, U32_MAX, "windowSeconds")] }
      : { tag: "set", val: text(budget, "budget") },
    oneOf(ON_FAILURE, onFailure, "onFailure"),
  ];
}

function lowerFinding(finding) {
  switch (finding?.kind) {
    case "pass":
      return { tag: "pass", val: lowerEdits(members(finding, ["kind", "edits"], "a finding").edits) };
    case "block":
      return { tag: "block", val: text(members(finding, ["kind", "message"], "a finding").message, "message") };
    default:
      throw new TypeError(`${shown(finding)} is no finding; hint: use pass() or block("..")`);
  }
}

function lowerEdits(edits) {
  return each(edits, "edits", (edit) => {
    const { pointer, json } = members(edit, ["pointer", "json"], "an edit");
    return [text(pointer, "pointer"), json === undefined || json === null ? null : text(json, "json")];
  });
}

function lowerNote(note) {
  const { rule, text: words } = members(note, ["rule", "text"], "a note");
  return [text(rule, "rule"), text(words, "text")];
}
