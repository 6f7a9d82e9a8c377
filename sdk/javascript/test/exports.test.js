// The component, without an engine: what the gate calls and what it gets.

import assert from "node:assert/strict";
import { test } from "node:test";

import { abstain, allow, ask, block, charge, deny, edit, editor, label, limitResult, log, pass, policy, redact, reviewer, text } from "@gatewright/sdk";
import { judgingOf, reviewingOf, revisingOf } from "../src/exports.js";
import { describe } from "../src/failure.js";

/** As the engine gives it: the members of records as lists, enums and flags as numbers. */
const asked = () => [
  ["agent", "issuer", "user:alice", null, ["parent"], ["*:*"], 1, -1],
  ["tools/call", "files", "t", 5],
  [5, "session", ["seen"], ["bob"]],
];

function gateOf(json = "null") {
  const lines = [];
  return { lines, arguments: { json: () => json, get: () => null, keys: () => [] }, response: {}, write: (...line) => lines.push(line) };
}

const answered = (verdict) => judgingOf(policy({ judge: () => verdict }), gateOf()).judge(asked());

test("every verdict has the shape of the contract", () => {
  for (const [verdict, lowered] of [
    [abstain(), { tag: "abstain" }],
    [allow(), { tag: "allow", val: [] }],
    [deny("no"), { tag: "deny", val: [0, "no", []] }],
    [deny.unsafeContext("no"), { tag: "deny", val: [3, "no", []] }],
    [ask("t", "r", { ttlSeconds: 4294967295 }), { tag: "ask", val: ["t", "r", [], 1, -1] }],
    [
      allow(charge({ key: "k", limit: 2n ** 64n - 1n, windowSeconds: 60 }), label("a", "b"), redact("/x"), limitResult(2n ** 53n)),
      {
        tag: "allow",
        val: [
          { tag: "charge", val: ["k", 1, 2 ** 64, 60] },
          { tag: "label", val: ["a", "b"] },
          { tag: "redact", val: ["/x"] },
          { tag: "limit-result", val: 2 ** 53 },
        ],
      },
    ],
  ]) {
    assert.deepEqual(answered(verdict), lowered);
  }
});

test("an answer that is none says so instead of trapping without a word", () => {
  for (const [verdict, message] of [
    [undefined, /returned undefined, which is no verdict/],
    [Promise.resolve(allow()), /a policy cannot wait/],
    [true, /returned true, which is no verdict/],
    [allow({ nothing: 1 }), /is no obligation/],
    [allow({ label: ["a"], redact: ["/x"] }), /an obligation has both `label` and `redact`; hint: give allow\(\.\.\) one of them each/],
    [deny("\ud83d"), /`message` is "\\ud83d", which holds half of a character/],
    [{ ...deny("no"), refusal: "never" }, /`refusal` is "never", and must be one of forbidden/],
    [deny(5), /`message` is 5, and must be text/],
    [ask("t", "r", { quorum: 256 }), /`quorum` is 256, and must be an integer from 0 to 255/],
    [ask("t", "r", { ttlSeconds: -1 }), /`ttlSeconds` is -1/],
    [allow(limitResult(1.5)), /`limitResult` is 1.5/],
    [allow(limitResult(2n ** 53n + 1n)), /JavaScript would round/],
    [allow(limitResult(2n ** 64n)), /must be an integer from 0/],
    [{ ...deny("no"), scopes: [, "a"] }, /`scopes` is undefined, and must be text/],
    [allow(label(["a"])), /`label` is an object, and must be text/],
  ]) {
    assert.throws(() => answered(verdict), message);
  }
});

test("a failure is logged with its place and stays a failure", () => {
  const gate = gateOf();
  const judging = judgingOf(policy({ judge() { throw new Error("on purpose"); } }), gate);
  assert.throws(() => judging.judge(asked()), /on purpose/);
  const [[level, message]] = gate.lines;
  assert.equal(level, 2);
  assert.match(message, /^Error: on purpose at .*judge/);
});

test("settings are read once, and an error is text for the operator", () => {
  const judging = judgingOf(policy({ settings: { tag: text }, judge: ({ tag }) => deny(tag) }), gateOf());
  assert.throws(() => judging.configure("{}"), (thrown) => thrown === "tag is missing");
  judging.configure('{"tag":"t"}');
  assert.equal(judging.judge(asked()).val[1], "t");
});

test("an argument that an editor cannot read is an error of the contract", () => {
  const revising = revisingOf(editor({ revise: (_, request) => [edit.set("/a", request.argument("/a", text))] }), gateOf("1"));
  assert.throws(() => revising.revise(asked()), (thrown) => thrown === "the argument `/a` is not text");
  assert.deepEqual(
    revisingOf(editor({ revise: () => [edit.set("/a", 1), edit.remove("/b")] }), gateOf()).revise(asked()),
    [["/a", "1"], ["/b", null]],
  );
});

test("findings have the shape of the contract", () => {
  const reviewed = (finding) => reviewingOf(reviewer({ review: () => finding }), gateOf()).review(asked());
  assert.deepEqual(reviewed(pass({ labels: ["l"] })), { tag: "pass", val: [[], ["l"]] });
  assert.deepEqual(reviewed(block("m")), { tag: "block", val: "m" });
  assert.throws(() => reviewed(allow()), /is no finding/);
});

test("another world than policy.toml says is refused", () => {
  assert.throws(() => judgingOf(editor({ revise: () => [] }), gateOf()), /this is no policy/);
  assert.throws(() => judgingOf(undefined, gateOf()), /this is no policy/);
});

test("times of 2^63 and more do not become negative", () => {
  const judging = judgingOf(policy({ judge: (_, { subject }) => deny(String(subject.expiresAt > 0)) }), gateOf());
  assert.equal(judging.judge(asked()).val[1], "true");
});

test("logs go to the gate, and only text", () => {
  const gate = gateOf();
  judgingOf(policy({ judge: () => { log.info(5); return abstain(); } }), gate).judge(asked());
  assert.deepEqual(gate.lines, [[1, "5"]]);
});

test("a failure without a stack is still described", () => {
  assert.equal(describe("text"), "thrown: text");
  assert.equal(describe(Object.assign(new Error("m"), { stack: undefined })), "Error: m");
});
