// The whole way to a component, in each world.

import assert from "node:assert/strict";
import { test } from "node:test";

import { componentOf } from "../build/component.js";
import { sectionsOf } from "../build/sections.js";
import { withHalves } from "../build/halves.js";
import { withOwnTable } from "../build/table.js";

const SOURCES = {
  policy: "export const judging = { describe: () => [null, 0, []], configure() {}, judge: () => [{ tag: 'abstain' }, [], []] };",
  editor: "export const revising = { describe: () => [null, 0, []], configure() {}, revise: () => [[], []] };",
  reviewer: "export const reviewing = { describe: () => [null, 0, []], configure() {}, review: () => [{ tag: 'block', val: '' }, [], [], []] };",
};

const NAMES = {
  policy: ["exclude-requester", "window-seconds", "declassify"],
  editor: ["pointer"],
  reviewer: ["window-seconds", "notification"],
};

const TABLE = "__indirect_function_table";

/** The modules of a component, at all depths. */
function modulesOf(component) {
  return sectionsOf(component).flatMap(({ id, body }) => (id === 1 ? [body] : id === 4 ? modulesOf(body) : []));
}

const has = (module, wanted) => sectionsOf(module).some(({ id, body }) => id === wanted && body.includes(TABLE));

for (const [world, source] of Object.entries(SOURCES)) {
  test(`in the world ${world} the engine owns the function table, and types have their names`, async () => {
    const component = await componentOf(source, world);
    const engine = modulesOf(component).toSorted((a, b) => b.length - a.length)[0];
    assert.ok(!has(engine, 2), "it is not imported");
    assert.ok(has(engine, 7), "it is exported");
    const types = sectionsOf(component).filter(({ id }) => id === 7).map(({ body }) => body.toString("latin1")).join();
    for (const name of ["open-world", "bearer", "settings-schema", ...NAMES[world]]) assert.ok(types.includes(name), name);
    assert.throws(() => withOwnTable(component), /no engine with a function table\nhint: install/, "it is not shared any more");
  });
}

test("an error of the author's module is an error of the build", async () => {
  await assert.rejects(componentOf("export const judging = nothing;", "policy"), /nothing is not defined/);
});

test("a toolchain without the engine that is expected is refused", () => {
  const nothing = Buffer.from([0, 97, 115, 109, 13, 0, 1, 0]);
  assert.throws(() => withHalves(nothing), /no engine with integers of 64 bits\nhint: install/);
});
