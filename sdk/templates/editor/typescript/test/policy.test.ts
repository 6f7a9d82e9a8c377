import assert from "node:assert/strict";
import { test } from "node:test";

import { edit, revision } from "@gatewright/sdk";
import { request } from "@gatewright/sdk/testing";

import policy from "../src/policy.ts";

const settings = policy.readSettings('{ "most": 10 }');
const search = (given: object) => policy.revise(settings, request({ name: "search", arguments: given }));
const most = () => revision(edit.set("/limit", 10)).because("most");

test("more becomes the most", () => {
  assert.deepEqual(search({ limit: 1000 }), most());
  assert.deepEqual(search({}), most());
});

test("less stays as it is", () => {
  assert.deepEqual(search({ limit: 5 }), revision());
});

test("settings with a typo are refused", () => {
  assert.throws(() => policy.readSettings('{ "more": 10 }'), /most is missing/);
});
