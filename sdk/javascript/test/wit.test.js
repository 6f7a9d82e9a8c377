// What the SDK knows of the contract by heart, held against the contract.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { retype } from "../build/retype.js";
import { withoutNames } from "../build/wit.js";
import { LEVELS, REFUSALS } from "../src/lower.js";
import { OUTCOMES, PROOFS, raisePastCall, raiseRequest } from "../src/raise.js";

const wit = await readFile(new URL("../../../wit/policy.wit", import.meta.url), "utf8");

const camel = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

/** The names in a record, flags or an enum of the contract, in its order. */
function namesOf(kind, name) {
  const [, body] = new RegExp(`${kind} ${name} \\{([^}]*)\\}`).exec(wit.replace(/\/\/.*/g, ""));
  return body.split(/,\s*(?![^<]*>)/).map((part) => part.trim().split(":")[0]).filter(Boolean);
}

const request = (flags) => raiseRequest([["a", "b", null, null, [], [], 3, 7], ["m", "s", "n", flags], [1, "s", [], []]]);

test("requests have the members of the contract, in its order", () => {
  const { subject, action, context } = request(0);
  for (const [record, raised] of Object.entries({ subject, action, context, "past-call": raisePastCall([1, "m", "s", "n", 0]) })) {
    assert.deepEqual(Object.keys(raised), namesOf("record", record).map(camel), record);
  }
  assert.deepEqual(namesOf("record", "request"), ["subject", "action", "context"]);
});

test("members have the values of their places", () => {
  assert.deepEqual({ ...raiseRequest([["i", "u", "p", "o", ["d"], ["s"], 2, -1], ["m", "v", "n", 10], [9, "e", ["l"], ["a"]]]) }, {
    subject: { id: "i", issuer: "u", principal: "p", owner: "o", delegation: ["d"], scopes: ["s"], proof: "sender", expiresAt: 2 ** 64 },
    action: { method: "m", server: "v", name: "n", hints: { readOnly: false, destructive: true, idempotent: false, openWorld: true } },
    context: { at: 9, session: "e", labels: ["l"], approvers: ["a"] },
  });
  assert.deepEqual(raisePastCall([4, "m", "s", "n", 2]), { at: 4, method: "m", server: "s", name: "n", outcome: "held" });
});

test("each flag of the contract is a bit", () => {
  namesOf("flags", "hints").forEach((name, bit) => {
    const set = Object.entries(request(1 << bit).action.hints).filter(([, isSet]) => isSet);
    assert.deepEqual(set, [[camel(name), true]]);
  });
});

test("enums have the cases of the contract, in its order", () => {
  for (const [name, cases] of Object.entries({ proof: PROOFS, refusal: REFUSALS, outcome: OUTCOMES, level: LEVELS })) {
    assert.deepEqual(cases, namesOf("enum", name), name);
  }
});

test("answers that are records have the members that the SDK writes", () => {
  for (const [record, names] of [
    ["denial", ["refusal", "message", "scopes"]],
    ["approval-request", ["title", "reason", "roles", "quorum", "ttl-seconds"]],
    ["quota", ["key", "cost", "limit", "window-seconds"]],
    ["edit", ["pointer", "json"]],
    ["passage", ["edits", "labels"]],
  ]) {
    assert.deepEqual(namesOf("record", record), names);
  }
});

test("no name of a record, an enum or flags is left for the engine", () => {
  assert.equal(
    withoutNames("record edit {\n  /// Where.\n  pointer: string,\n  json: option<tuple<u8, u8>>,\n}\nenum level { debug, info }"),
    "type edit = tuple<string, option<tuple<u8, u8>>>;\ntype level = u8;",
  );
  assert.doesNotMatch(withoutNames(wit), /\b(record|enum|flags) /);
});

test("flags that do not fit in a byte are refused", () => {
  assert.throws(() => withoutNames("flags many { a, b, c, d, e, f, g, h, i }"), /flags `many` .* do not fit/);
});

test("types are taken from the model at all depths, and nothing else is", () => {
  const section = (id, ...body) => [id, body.length, ...body];
  const component = (type, other, nested) =>
    Buffer.from([...HEADER, ...section(7, ...type), ...section(8, other), ...(nested ? section(4, ...nested) : [])]);
  const made = component([1], 2, component([3], 4));
  const model = component([5, 5, 5], 6, component(Array(100).fill(7), 8));
  assert.deepEqual(retype(made, model), component([5, 5, 5], 2, component(Array(100).fill(7), 4)));
  assert.throws(() => retype(made, component([1], 2)), /two shapes\nhint: install/);
});

const HEADER = [0, 97, 115, 109, 13, 0, 1, 0];
