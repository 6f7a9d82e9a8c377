import assert from "node:assert/strict";
import { test } from "node:test";

import { allow, ArgumentError, block, child, deny, edit, integer, list, object, pass, policy, reviewer, text } from "@gatewright/sdk";
import { request, response } from "@gatewright/sdk/testing";

test("an argument of the wrong kind is not a missing one", () => {
  const asked = request({ arguments: { amount: "5", note: null, to: [{ name: 1 }] } });
  for (const [pointer, reader, message] of [
    ["/account", text, "the argument `/account` is missing"],
    ["/amount", integer, "the argument `/amount` is not an integer"],
    ["/note", text, "the argument `/note` is not text"],
    ["/to", list(object({ name: text })), "the argument `/to/0/name` is not text"],
    ["", object({}), "the argument `/amount` is unknown"],
    ["", list(text), "the arguments are not a list"],
    ["/amount", text.map(() => { throw new Error("too short"); }), "the argument `/amount` does not fit: too short"],
  ]) {
    assert.throws(() => asked.argument(pointer, reader), { name: "ArgumentError", message });
  }
  assert.equal(asked.argument("/account", text.optional()), undefined);
  assert.equal(asked.argument("/note", text.optional()), undefined);
  assert.equal(asked.argument("/amount", text.optional()), "5");
  assert.deepEqual(asked.argument("/to"), [{ name: 1 }]);
});

test("values are read one level at a time, exactly", () => {
  const asked = request({
    argumentsJson: '{"a":{"b":1,"c":18446744073709551615,"d":[true,null],"x/y":1.50,"z":9007199254740993}}',
  });
  for (const [pointer, value] of [
    ["", { kind: "object", value: 1 }],
    ["/a", { kind: "object", value: 5 }],
    ["/a/b", { kind: "integer", value: 1n }],
    ["/a/c", { kind: "number", value: "18446744073709551615" }],
    ["/a/d", { kind: "array", value: 2 }],
    ["/a/d/0", { kind: "boolean", value: true }],
    ["/a/d/1", { kind: "null", value: null }],
    ["/a/d/2", undefined],
    ["/a/d/length", undefined],
    ["/a/d/00", undefined],
    [child("/a", "x/y"), { kind: "number", value: "1.50" }],
    ["/a/z", { kind: "integer", value: 9007199254740993n }],
    ["/toString", undefined],
  ]) {
    assert.deepEqual(asked.get(pointer), value, pointer);
  }
  assert.deepEqual(asked.keys("/a"), ["b", "c", "d", "x/y", "z"]);
  assert.deepEqual(asked.keys("/a/d"), []);
  assert.equal(asked.json("/a/d"), "[true,null]");
  assert.equal(asked.json("/b"), undefined);
});

test("a bad pointer fails natively as it faults in the gate", () => {
  assert.throws(() => request().get("path"), /`path` is not a JSON Pointer/);
  assert.throws(() => request().argument("/~2", text), /is not a JSON Pointer/);
});

test("what a policy cannot read it denies, unless it says otherwise", () => {
  const strict = policy({ powers: [], judge: (_, asked) => (asked.argument("/n", integer) > 5 ? deny("too much") : allow()) });
  assert.deepEqual(strict.judge({}, request()), deny.invalidArguments("the argument `/n` is missing"));
  assert.deepEqual(strict.judge({}, request({ arguments: { n: 5 } })), allow());
  assert.deepEqual(strict.judge({}, request({ arguments: { n: 6 } })), deny("too much"));
  const lenient = policy({
    powers: [],
    judge(_, asked) {
      try {
        asked.argument("/n", integer);
      } catch (error) {
        if (error instanceof ArgumentError) return deny(`handled: ${error.pointer} ${error.problem}`);
        throw error;
      }
    },
  });
  assert.deepEqual(lenient.judge({}, request()), deny("handled: /n is missing"));
});

test("other errors are not denials", () => {
  const broken = policy({ powers: [], judge: () => { throw new TypeError("a bug"); } });
  assert.throws(() => broken.judge({}, request()), /a bug/);
});

test("history is the newest first and bounded", () => {
  const history = Array.from({ length: 100 }, (_, n) => ({ name: String(n) }));
  const asked = request({ history });
  assert.deepEqual(asked.history(2).map(({ name }) => name), ["0", "1"]);
  assert.equal(asked.history(1000).length, 64);
  assert.equal(asked.history(4294967295).length, 64);
  assert.throws(() => asked.history(-1), /`limit` is -1/);
});

test("a listing is not a call", () => {
  assert.ok(request({ method: "tools/list" }).isListing);
  assert.ok(!request({ name: "list" }).isListing);
  assert.ok(!request({ method: "tools/list", purpose: "call" }).isListing);
});

test("labels are sorted as in the gate", () => {
  const asked = request({ labels: ["b", { name: "a", source: "shield" }] });
  assert.deepEqual(asked.labels.map(({ name }) => name), ["a", "b"]);
  assert.ok(asked.hasLabel("b"));
  assert.ok(!asked.hasLabel("c"));
});

test("a budget is as the test says", () => {
  const asked = request({ budgets: [{ name: "calls", key: "bot", limit: 10, windowSeconds: 60, spent: 7 }] });
  assert.deepEqual(asked.budget("calls", "bot"), { limit: 10n, windowSeconds: 60, spent: 7n, left: 3n });
  assert.throws(() => asked.budget("calls", "other"), /no budget `calls`/);
  assert.throws(() => asked.budget("calls"), TypeError);
  const overdrawn = request({ budgets: [{ name: "rows", key: "", limit: 1, windowSeconds: 1, spent: 2 }] });
  assert.equal(overdrawn.budget("rows", "").left, 0n);
});

test("claims are sorted, and found by their name", () => {
  const asked = request({ claims: { tenant: "acme", groups: ["ops", "dev"] } });
  assert.deepEqual(asked.claims, [
    { name: "groups", values: ["ops", "dev"] },
    { name: "tenant", values: ["acme"] },
  ]);
  assert.deepEqual(asked.claim("groups"), ["ops", "dev"]);
  assert.deepEqual(asked.claim("Groups"), []);
  assert.deepEqual(request().claims, []);
  assert.throws(() => asked.claim(1), /name/);
});

test("what a test says is a fact, and a typo in it is none", () => {
  const asked = request({ agent: "a", principal: undefined, hints: { sensitive: true }, at: 5, targets: ["/path"], schema: { type: "object" } });
  assert.deepEqual([asked.agent, asked.principal, asked.at, asked.targets], ["a", undefined, 5n, ["/path"]]);
  assert.deepEqual([asked.hints.sensitive, asked.hints.readOnly], [true, false]);
  assert.equal(asked.schema.member("type").text, "object");
  assert.equal(asked.claimed, undefined);
  assert.throws(() => request({ action: { name: "a" } }), /a request has no `action`/);
  assert.throws(() => request({ hints: { readonly: true } }), /a tool has no `readonly`/);
});

test("a document can be walked", () => {
  const { root } = request({ argumentsJson: '{"b":[1.50,"\\u00e9",null],"a/b":{"":true},"n":-9223372036854775808}' });
  assert.deepEqual([root.kind, root.length, root.keys], ["object", 3, ["b", "a/b", "n"]]);
  assert.deepEqual(root.member("b").children.map(({ kind }) => kind), ["number", "text", "null"]);
  assert.deepEqual(root.get("/b/0").value, { kind: "number", value: "1.50" });
  assert.deepEqual(root.member("n").value, { kind: "integer", value: -9223372036854775808n });
  assert.deepEqual([root.get("/b/1").length, root.get("/b/1").text, root.get("/b").text], [2, "é", undefined]);
  assert.equal(root.member("a/b").get("/").json, "true");
  assert.equal(root.at(1).json, '{"":true}');
  assert.equal(root.at(4294967295), undefined);
  assert.equal(root.member("toString"), undefined);
  assert.throws(() => root.at(-1), /`index` is -1/);
  assert.deepEqual(root.member("a/b").read(), { "": true });
  assert.throws(() => root.member("b").read(list(text)), { message: "the argument `/0` is not text" });
});

test("a reviewer blocks what it cannot read", () => {
  const shield = reviewer({
    powers: [],
    review(_, __, answer) {
      if (answer.isError) return pass().labelling(answer.kind);
      return answer.read("/content/0/text", text).includes("secret") ? block("withheld") : pass(edit.remove("/meta")).labelling("seen");
    },
  });
  const review = (back) => shield.review({}, request(), back);
  assert.deepEqual(review(response({})), block("the argument `/content/0/text` is missing"));
  assert.deepEqual(review(response({ isError: true })), pass().labelling("final"));
  assert.deepEqual(review(response.error({ code: 1, message: "m" })), pass().labelling("error"));
  assert.deepEqual(review(response.text("a secret")), block("withheld"));
  assert.deepEqual(review(response.text("fine")), pass(edit.remove("/meta")).labelling("seen"));
  const message = response.notification("notifications/progress", { progress: 1 });
  assert.deepEqual([message.kind, message.method, message.isError, message.json("/progress")], ["notification", "notifications/progress", false, "1"]);
});

test("edits carry JSON", () => {
  assert.equal(edit.set("/a", 'x"y').json, '"x\\"y"');
  assert.equal(edit.set("/a", undefined).json, "null");
  assert.equal(edit.set("/a", 2n ** 63n).json, "9223372036854775808");
});
