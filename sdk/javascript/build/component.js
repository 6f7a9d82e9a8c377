// From one ES module to a component of a world.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { withHalves } from "./halves.js";
import { retype } from "./retype.js";
import { withOwnTable } from "./table.js";
import { withoutNames } from "./wit.js";

/** Where it is in a repository; a package has none, and is told. */
const CONTRACT = new URL("../../../wit/0.2/policy.wit", import.meta.url);

/**
 * The code is made for the contract without names; an empty module lends the types that have them.
 * @param {string} source
 * @param {string} world
 * @param {string | URL} contract
 */
export async function componentOf(source, world, contract = CONTRACT) {
  const { componentize } = await import("componentize-qjs");
  const wit = await readFile(contract, "utf8");
  const make = (text, jsSource) =>
    inScratch(text, (witPath) => componentize({ witPath, world, jsSource, sync: true, stubWasi: true }));
  const { component } = await make(withoutNames(wit), source);
  const { component: model } = await make(wit, "");
  return withHalves(withOwnTable(retype(component, model)));
}

/** The toolchain reads the contract from a file. */
async function inScratch(wit, use) {
  const folder = await mkdtemp(join(tmpdir(), "gatewright-"));
  try {
    const path = join(folder, "policy.wit");
    await writeFile(path, wit);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}
