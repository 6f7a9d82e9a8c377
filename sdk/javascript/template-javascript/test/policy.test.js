import assert from "node:assert/strict";
import { test } from "node:test";

import { allow, deny } from "@gatewright/sdk";
import { request } from "@gatewright/sdk/testing";

import policy from "../src/policy.js";

const settings = policy.readSettings('{ "endings": [".md", ".txt"] }');
const read = (given) => policy.judge(settings, request({ name: "read_file", arguments: given }));

test("other endings are refused", () => {
  const denial = deny.invalidArguments("use a path that ends in .md, .txt").because("endings");
  assert.deepEqual(read({ path: "passwords.db" }), denial);
  assert.deepEqual(read({ path: "notes.md" }), allow().because("endings"));
});

test("a call without a path is refused", () => {
  assert.deepEqual(read({}), deny.invalidArguments("the argument `/path` is missing"));
  assert.deepEqual(read({ path: 5 }), deny.invalidArguments("the argument `/path` is not text"));
});

test("settings with a typo are refused", () => {
  assert.throws(() => policy.readSettings('{ "ending": [".md"] }'), /endings is missing/);
});
