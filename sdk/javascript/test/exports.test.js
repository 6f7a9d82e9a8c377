// The component, without an engine: what the gate calls and what it gets.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  abstain,
  allow,
  ask,
  block,
  charge,
  declassify,
  deny,
  edit,
  editor,
  label,
  limitResult,
  log,
  pass,
  policy,
  redact,
  reviewer,
  revision,
  text,
} from "@gatewright/sdk";
import { judgingOf, reviewingOf, revisingOf } from "../src/exports.js";
import { describe } from "../src/failure.js";

/** As the engine gives it. Asks for what is not here are failures. */
function gateOf(interfaces = {}) {
  const lines = [];
  const nothing = { root() {}, get: () => null, json: () => null };
  return {
    lines,
    document: nothing,
    response: nothing,
    caller: {},
    action: {},
    context: {},
    history: {},
    log: { write: (...line) => lines.push(line) },
    ...interfaces,
  };
}

const judgingWith = (judge, gate = gateOf()) => judgingOf(policy({ powers: [], judge }), gate);
const answered = (opinion) => judgingWith(() => opinion).judge();

test("every verdict has the shape of the contract", () => {
  for (const [opinion, verdict] of [
    [abstain(), { tag: "abstain" }],
    [allow(), { tag: "allow" }],
    [deny("no"), { tag: "deny", val: [0, "no", []] }],
    [deny.unsafeContext("no"), { tag: "deny", val: [3, "no", []] }],
    [deny.insufficientScope("no", ["a:b"]), { tag: "deny", val: [1, "no", ["a:b"]] }],
    [ask("t", "r"), { tag: "ask", val: ["t", "r", [], [], 1, false, [], 86400, 900] }],
    [
      ask("t", "r", { show: ["/a"], roles: ["l"], quorum: 2, excludeRequester: true, exclude: ["m"], useWithinSeconds: 4294967295 }),
      { tag: "ask", val: ["t", "r", ["/a"], ["l"], 2, true, ["m"], 86400, -1] },
    ],
  ]) {
    assert.deepEqual(answered(opinion), [verdict, [], []]);
  }
});

test("obligations and notes stand beside any verdict, in their order", () => {
  const obligations = [
    charge({ key: "k", limit: 2n ** 64n - 1n, windowSeconds: 60 }),
    charge({ key: "k", cost: 2n ** 53n + 1n, budget: "calls", onFailure: "refund" }),
    label("a", "b"),
    declassify("c"),
    redact("/x"),
    limitResult(2 ** 32),
  ];
  const lowered = [
    { tag: "charge", val: ["k", [1, 0], { tag: "fixed", val: [[-1, -1], 60] }, 0] },
    { tag: "charge", val: ["k", [1, 2 ** 21], { tag: "set", val: "calls" }, 1] },
    { tag: "label", val: ["a", "b"] },
    { tag: "declassify", val: ["c"] },
    { tag: "redact", val: ["/x"] },
    { tag: "limit-result", val: [0, 1] },
  ];
  for (const opinion of [allow(), abstain(), deny("no"), ask("t", "r")]) {
    const [, owed, notes] = answered(opinion.owing(...obligations).because("rule", "words").because("other"));
    assert.deepEqual(owed, lowered);
    assert.deepEqual(notes, [["rule", "words"], ["other", ""]]);
  }
});

test("what is owed is owed whether or not the opinion is chained", () => {
  const opinion = allow(label("a"));
  opinion.owing(label("b"));
  assert.deepEqual(answered(opinion)[1].length, 2);
});

test("an answer that is none says so instead of trapping without a word", () => {
  for (const [answer, message] of [
    [() => undefined, /returned undefined, which is no opinion/],
    [() => Promise.resolve(allow()), /a policy cannot wait/],
    [() => true, /returned true, which is no opinion/],
    [() => ({ ...allow(), obligation: [label("a")] }), /returned an object, which is no opinion/],
    [() => Object.assign(allow(), { obligation: [label("a")] }), /not extensible/],
    [() => Object.assign(allow(), { obligations: undefined }), /`obligations` is undefined, and must be an array/],
    [() => Object.assign(allow(), { verdict: { kind: "allow", obligations: [] } }), /the verdict allow has no `obligations`/],
    [() => Object.assign(allow(), { verdict: { ...deny("no").verdict, obligations: [] } }), /a denial has no `obligations`/],
    [() => Object.assign(allow(), { verdict: { ...ask("t", "r").verdict, ttl: 5 } }), /an ask has no `ttl`/],
    [() => Object.assign(allow(), { verdict: { ...deny("no").verdict, refusal: "never" } }), /`refusal` is "never", and must be one of forbidden/],
    [() => allow({ nothing: 1 }), /is no obligation/],
    [() => allow(undefined), /undefined is no obligation/],
    [() => allow([label("a")]), /an array is no obligation/],
    [() => allow({ label: ["a"], redact: ["/x"] }), /an obligation has both `label` and `redact`; hint: give owing\(\.\.\) one of them each/],
    [() => allow(label(["a"])), /`label` is an array, and must be text/],
    [() => allow(limitResult(1.5)), /`limitResult` is 1.5/],
    [() => allow(limitResult(2 ** 53)), /beyond 2\^53 write a bigint/],
    [() => allow(limitResult(2n ** 64n)), /must be an integer from 0/],
    [() => allow(charge({ key: "k", budget: "b", limit: 5 })), /a `budget` and a limit of its own/],
    [() => allow(charge({ key: "k", limit: 5, window: 60 })), /a charge has no `window`; hint: it has key, cost/],
    [() => allow(charge({ key: "k", limit: 5 })), /`windowSeconds` is undefined/],
    [() => allow(charge({ key: "k" })), /`limit` is undefined/],
    [() => allow(charge({ key: "k", budget: "b", onFailure: "forget" })), /`onFailure` is "forget"/],
    [() => allow({ charge: { key: "k", budget: "b", refund: true } }), /a charge has no `refund`/],
    [() => allow(charge(undefined)), /undefined is not a charge/],
    [() => deny("\ud83d"), /`message` is "\\ud83d", which holds half of a character/],
    [() => deny(5), /`message` is 5, and must be text/],
    [() => deny.insufficientScope("no", [, "a"]), /`scopes` is undefined, and must be text/],
    [() => ask("t", "r", { quorum: 256 }), /`quorum` is 256, and must be an integer from 0 to 255/],
    [() => ask("t", "r", { decideWithinSeconds: -1 }), /`decideWithinSeconds` is -1/],
    [() => ask("t", "r", { excludeRequester: "yes" }), /`excludeRequester` is "yes", and must be true or false/],
    [() => ask("t", "r", { role: ["lead"] }), /an ask has no `role`; hint: it has show, roles/],
    [() => allow().because(5), /`rule` is 5/],
  ]) {
    assert.throws(() => answeredBy(answer), message);
  }
});

const answeredBy = (answer) => judgingWith(answer).judge();

test("a failure is logged with its place and stays a failure", () => {
  const gate = gateOf();
  const judging = judgingWith(() => { throw new Error("on purpose"); }, gate);
  assert.throws(() => judging.judge(), /on purpose/);
  const [[level, message]] = gate.lines;
  assert.equal(level, 2);
  assert.match(message, /^Error: on purpose at .*judge/);
});

test("settings are read once, and an error says where", () => {
  const judging = judgingOf(policy({ settings: { tag: text }, powers: [], judge: ({ tag }) => deny(tag) }), gateOf());
  for (const [json, error] of [
    ["{}", ["", "tag is missing"]],
    ['{"tag":5}', ["/tag", "tag is not text"]],
  ]) {
    assert.throws(() => judging.configure(json), (thrown) => assert.deepEqual(thrown, error) ?? true);
  }
  judging.configure('{"tag":"t"}');
  assert.equal(judging.judge()[0].val[1], "t");
});

test("a policy says what it is, and nothing that is not so", () => {
  const judge = () => abstain();
  const described = (said) => judgingOf(policy({ judge, ...said }), gateOf()).describe();
  assert.deepEqual(described({ powers: [] }), [null, 0, []]);
  assert.deepEqual(
    described({ schema: { type: "object" }, powers: ["deny", "limit-result", "block"], rules: { a: "A", b: "B" } }),
    ['{"type":"object"}', 0b1010000010, [["a", "A"], ["b", "B"]]],
  );
  assert.equal(described({ schema: "{}", powers: [] })[0], "{}");
  for (const [said, message] of [
    [{}, /`powers` is undefined, and must be an array/],
    [{ powers: ["fly"] }, /`powers` is "fly", and must be one of allow, deny/],
    [{ powers: [], rules: { a: 5 } }, /`rules\.a` is 5, and must be text/],
    [{ powers: [], setting: {} }, /policy\(\{ \.\. \}\) has no `setting`; hint: it has settings, schema, powers, rules, judge/],
  ]) {
    assert.throws(() => described(said), message);
  }
});

test("a fact is asked for when somebody looks at it, and once", () => {
  let count = 0;
  const gate = gateOf({ action: { name: () => `n${++count}` } });
  const judging = judgingWith((_, request) => deny(`${request.name} ${request.name}`), gate);
  assert.equal(judging.judge()[0].val[1], "n1 n1");
});

test("an editor changes arguments, and says by which rule", () => {
  const revised = (revise, json = "null") =>
    revisingOf(editor({ powers: ["edit"], revise }), gateOf({ document: { json: () => json } })).revise();
  assert.deepEqual(revised(() => [edit.set("/a", 1), edit.remove("/b")]), [[["/a", "1"], ["/b", null]], []]);
  assert.deepEqual(revised(() => revision(edit.remove("/b")).because("r")), [[["/b", null]], [["r", ""]]]);
  assert.throws(
    () => revised((_, request) => [edit.set("/a", request.argument("/a", text))], "1"),
    (thrown) => thrown === "the argument `/a` is not text",
  );
  assert.throws(() => revised(() => undefined), /returned undefined, which is no list of edits/);
  assert.throws(() => revised(() => ({ edits: [] })), /returned an object, which is no list of edits/);
  assert.throws(() => revised(() => [{ pointer: "/a", value: 5 }]), /an edit has no `value`/);
});

test("reports have the shape of the contract", () => {
  const reviewed = (report) => reviewingOf(reviewer({ powers: [], review: () => report }), gateOf()).review();
  assert.deepEqual(
    reviewed(pass(edit.remove("/a")).labelling("l", "m").charging({ key: "k", budget: "b" }).because("r", "t")),
    [{ tag: "pass", val: [["/a", null]] }, ["l", "m"], [["k", [1, 0], { tag: "set", val: "b" }, 0]], [["r", "t"]]],
  );
  assert.deepEqual(reviewed(block("m").labelling("l")), [{ tag: "block", val: "m" }, ["l"], [], []]);
  assert.throws(() => reviewed(allow()), /is no report/);
  assert.throws(() => reviewed(pass([edit.remove("/a")])), /an array is not an edit/);
  assert.throws(() => reviewed(Object.assign(pass(), { finding: { kind: "pass", edits: [], labels: ["a"] } })), /a finding has no `labels`/);
  assert.throws(() => pass().charging(charge({ key: "k", budget: "b" })), /a charge has no `charge`/);
});

test("another world than policy.toml says is refused", () => {
  assert.throws(() => judgingOf(editor({ powers: [], revise: () => [] }), gateOf()), /this is no policy/);
  assert.throws(() => judgingOf(undefined, gateOf()), /this is no policy/);
});

test("logs go to the gate, and only text", () => {
  const gate = gateOf();
  judgingWith(() => { log.info(5); log.warn("\ud83d"); return abstain(); }, gate).judge();
  assert.deepEqual(gate.lines, [[1, "5"], [2, "\ufffd"]]);
});

test("a failure without a stack is still described", () => {
  assert.equal(describe("text"), "thrown: text");
  assert.equal(describe(Object.assign(new Error("m"), { stack: undefined })), "Error: m");
});
