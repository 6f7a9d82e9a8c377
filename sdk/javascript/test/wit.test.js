// What the SDK knows of the contract by heart, held against the contract.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { retype } from "../build/retype.js";
import { withoutNames } from "../build/wit.js";
import { LEVELS, lowerDescription, lowerOpinion, lowerReport, lowerRevision, ON_FAILURE, POWERS, REFUSALS } from "../src/lower.js";
import { charge } from "../src/obligation.js";
import { abstain, ask, deny } from "../src/opinion.js";
import {
  factsOf,
  KINDS,
  OUTCOMES,
  PROOFS,
  PURPOSES,
  raiseApproval,
  raiseBudget,
  raiseClaim,
  raiseHints,
  raiseLabel,
  raiseLink,
  raisePastCall,
  raiseValue,
} from "../src/raise.js";
import { pass } from "../src/report.js";
import { FACTS } from "../src/request.js";
import { revision } from "../src/revision.js";

const wit = await readFile(new URL("../../../wit/0.2/policy.wit", import.meta.url), "utf8");
const contract = wit.replace(/\/\/.*/g, "");

const camel = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

/** The names in a record, flags, a variant or an enum of the contract, in its order. */
function namesOf(kind, name) {
  const [, body] = new RegExp(`${kind} ${name} \\{([^}]*)\\}`).exec(contract);
  return body.split(/,\s*(?![^<]*>)/).map((part) => part.trim().split(/[:(]/)[0]).filter(Boolean);
}

/** The functions of an interface. */
function functionsOf(name) {
  const [, body] = new RegExp(`interface ${name} \\{(.*?)\\n\\}`, "s").exec(contract);
  return [...body.matchAll(/^  ([\w-]+): func/gm)].map(([, name]) => camel(name));
}

test("what is one fact in the contract is one in a request", () => {
  const asked = ["caller", "action", "context"].flatMap(functionsOf).map((name) => (name === "id" ? "agent" : name));
  const more = ["schema", "claimed", "claim", "hasLabel"];
  assert.deepEqual([...FACTS, ...more].sort(), asked.sort());
  const facts = factsOf({ caller: {}, action: {}, context: {}, history: {}, budget: {}, document: {} });
  assert.deepEqual(Object.keys(facts).sort(), [...asked, "history", "budget", "document"].sort());
});

test("records have the members of the contract, in its order", () => {
  for (const [record, raised] of Object.entries({
    link: raiseLink(["a", null]),
    "credential-claim": raiseClaim(["a", []]),
    label: raiseLabel(["a", null, null]),
    approval: raiseApproval(["a", [], [1, 0], "m"]),
    "past-call": raisePastCall(["d", [1, 0], "m", "s", "n", 0, null]),
    reading: raiseBudget([[1, 0], 1, [0, 0]]),
  })) {
    assert.deepEqual(Object.keys(raised), namesOf("record", record).map(camel), record);
  }
});

test("members have the values of their places", () => {
  assert.deepEqual(raiseLink(["i", "u"]), { id: "i", issuer: "u" });
  assert.deepEqual(raiseClaim(["n", ["v"]]), { name: "n", values: ["v"] });
  assert.deepEqual(raiseLabel(["n", "s", [5, 0]]), { name: "n", source: "s", at: 5n });
  assert.deepEqual(raiseApproval(["b", ["r"], [-1, -1], "m"]), { by: "b", roles: ["r"], at: 2n ** 64n - 1n, method: "m" });
  assert.deepEqual(raiseBudget([[-1, -1], -1, [1, 2 ** 21]]), { limit: 2n ** 64n - 1n, windowSeconds: 2 ** 32 - 1, spent: 2n ** 53n + 1n });
  assert.deepEqual(raisePastCall(["d", [1, 2 ** 21], "m", "s", "n", 4, "r"]), {
    id: "d",
    at: 2n ** 53n + 1n,
    method: "m",
    server: "s",
    name: "n",
    outcome: "pending",
    reason: "r",
  });
});

test("integers of 64 bits are put together exactly", () => {
  for (const [low, high, value] of [
    [0, 0, 0n],
    [-1, 0, 4294967295n],
    [1, 2097152, 9007199254740993n],
    [-1, 2147483647, 2n ** 63n - 1n],
    [0, -2147483648, -(2n ** 63n)],
    [-1, -1, -1n],
  ]) {
    assert.deepEqual(raiseValue({ tag: "integer", val: [low, high] }), { kind: "integer", value });
  }
});

test("each flag of the contract is a bit", () => {
  namesOf("flags", "hint-set").forEach((name, bit) => {
    const set = Object.entries(raiseHints(1 << bit)).filter(([, isSet]) => isSet);
    assert.deepEqual(set, [[camel(name), true]]);
  });
  assert.deepEqual(Object.keys(raiseHints(0)), namesOf("flags", "hint-set").map(camel));
  assert.deepEqual(POWERS, namesOf("flags", "powers"));
});

test("enums have the cases of the contract, in its order", () => {
  for (const [name, cases] of Object.entries({
    "proof-kind": PROOFS,
    "purpose-kind": PURPOSES,
    kind: KINDS,
    refusal: REFUSALS,
    "on-failure": ON_FAILURE,
    outcome: OUTCOMES,
    level: LEVELS,
  })) {
    assert.deepEqual(cases, namesOf("enum", name), name);
  }
});

test("variants have the cases that the SDK writes and reads", () => {
  for (const [name, cases] of [
    ["verdict", ["abstain", "allow", "deny", "ask"]],
    ["limit", ["set", "fixed"]],
    ["obligation", ["charge", "label", "declassify", "redact", "limit-result"]],
    ["finding", ["pass", "block"]],
    ["value", ["null", "boolean", "integer", "number", "text", "array", "object"]],
    ["response-kind", ["final", "error", "notification"]],
  ]) {
    assert.deepEqual(namesOf("variant", name), cases, name);
  }
});

test("answers that are records have the members that the SDK writes, in their order", () => {
  const members = (record) => namesOf("record", record).map(camel);
  const membersOf = (value) => Object.keys(value).filter((name) => name !== "kind");
  assert.deepEqual(membersOf(abstain()), members("opinion"));
  assert.deepEqual(membersOf(deny("no").verdict), members("denial"));
  assert.deepEqual(membersOf(ask("t", "r").verdict), members("ask"));
  assert.deepEqual(membersOf(pass()), members("report"));
  assert.deepEqual(membersOf(revision()), members("revision"));
  for (const [record, names] of [
    ["charge", ["key", "cost", "limit", "onFailure"]],
    ["window-limit", ["limit", "windowSeconds"]],
    ["note", ["rule", "text"]],
    ["rule", ["id", "title"]],
    ["edit", ["pointer", "json"]],
    ["description", ["settingsSchema", "powers", "rules"]],
    ["settings-error", ["pointer", "message"]],
  ]) {
    assert.deepEqual(members(record), names);
  }
  const lowered = [
    ["opinion", lowerOpinion(abstain())],
    ["revision", lowerRevision(revision())],
    ["report", lowerReport(pass())],
    ["description", lowerDescription({ powers: [], rules: [] })],
    ["ask", lowerOpinion(ask("t", "r"))[0].val],
  ];
  for (const [record, list] of lowered) assert.equal(list.length, members(record).length, record);
  const [{ val }] = lowerOpinion(abstain().owing(charge({ key: "k", budget: "b" })))[1];
  assert.equal(val.length, members("charge").length);
});

test("no name of a record, an enum or flags is left for the engine", () => {
  assert.equal(
    withoutNames("record edit {\n  /// Where.\n  pointer: string,\n  json: option<tuple<u8, u8>>,\n}\nenum level { debug, info }"),
    "type edit = tuple<string, option<tuple<u8, u8>>>;\ntype level = u8;",
  );
  assert.doesNotMatch(withoutNames(wit), /\b(record|enum|flags) /);
});

test("what does not fit in a number of the engine is refused", () => {
  const flags = (count) => `flags many { ${Array.from({ length: count }, (_, n) => `f${n}`).join(", ")} }`;
  assert.equal(withoutNames(flags(8)), "type many = u8;");
  assert.equal(withoutNames(flags(9)), "type many = u16;");
  assert.throws(() => withoutNames(flags(17)), /flags `many` .* do not fit/);
  assert.throws(() => withoutNames(flags(257).replace("flags", "enum")), /enum `many` .* do not fit/);
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
