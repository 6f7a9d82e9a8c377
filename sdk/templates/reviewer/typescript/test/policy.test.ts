import assert from "node:assert/strict";
import { test } from "node:test";

import { pass } from "@gatewright/sdk";
import { request, response } from "@gatewright/sdk/testing";

import policy from "../src/policy.ts";

const settings = policy.readSettings('{ "label": "outside" }');
const fetched = (result: object) => policy.review(settings, request({ name: "fetch" }), response(result));

test("a result labels the session", () => {
  assert.deepEqual(fetched({ content: [] }), pass().labelling("outside").because("label"));
});

test("an error brings nothing in", () => {
  assert.deepEqual(fetched({ isError: true }), pass());
});

test("settings with a typo are refused", () => {
  assert.throws(() => policy.readSettings('{ "labels": "outside" }'), /label is missing/);
});
