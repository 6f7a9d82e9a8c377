// The bundle that becomes a component, and the places that are logged for it.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { bundle } from "../build/bundle.js";
import { sourceOf } from "../src/places.js";

const SOURCE = `import { deny, policy } from "@gatewright/sdk";

type Name = string;
interface Unused { readonly name: Name }

export default policy({
  powers: ["deny"],
  judge() {
    return deny("a text that is easy to find");
  },
});
`;

test("a line of the bundle is known as a line of the author's file", async (t) => {
  const project = await mkdtemp(join(tmpdir(), "gatewright-"));
  t.after(() => rm(project, { recursive: true }));
  await writeFile(join(project, "policy.ts"), SOURCE);
  const { source, places } = await bundle({ project, entry: join(project, "policy.ts"), world: "policy" });
  const lineOf = (text) => text.split("\n").findIndex((line) => line.includes("easy to find")) + 1;
  assert.equal(sourceOf(places, lineOf(source)), `policy.ts:${lineOf(SOURCE)}`);
  assert.equal(sourceOf(places, 1), undefined, "the SDK is no place that an author looks for");
});

test("a file that is missing is named", async (t) => {
  const project = await mkdtemp(join(tmpdir(), "gatewright-"));
  t.after(() => rm(project, { recursive: true }));
  await assert.rejects(bundle({ project, entry: join(project, "nothing.js"), world: "policy" }), /nothing\.js/);
});
