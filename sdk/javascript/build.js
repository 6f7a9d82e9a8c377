#!/usr/bin/env node
// Makes a component of a policy: build.js <project folder> <world> <out.wasm>

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { bundle } from "./build/bundle.js";
import { retype } from "./build/retype.js";
import { withoutNames } from "./build/wit.js";
import { sourceOf } from "./src/places.js";

const WORLDS = ["policy", "editor", "reviewer"];
const wit = fileURLToPath(new URL("../../wit/policy.wit", import.meta.url));

const [folder, world, out] = process.argv.slice(2);
try {
  await make();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function make() {
  if (out === undefined || !WORLDS.includes(world)) {
    throw new Error(`usage: build.js <project folder> ${WORLDS.join("|")} <out.wasm>`);
  }
  const project = resolve(folder);
  const { source, places } = await bundle({ project, world, entry: await entryOf(project) });
  const scratch = await mkdtemp(join(tmpdir(), "gatewright-"));
  try {
    await writeFile(out, await componentOf(source, world, scratch));
  } catch (error) {
    throw new Error(inSources(error.message, places));
  } finally {
    await rm(scratch, { recursive: true });
  }
}

/** The code is made for the contract without names; an empty module lends the types that have them. */
async function componentOf(source, world, scratch) {
  const { componentize } = await import("componentize-qjs");
  const nameless = join(scratch, "policy.wit");
  await writeFile(nameless, withoutNames(await readFile(wit, "utf8")));
  const options = { world, sync: true, stubWasi: true };
  const { component } = await componentize({ ...options, witPath: nameless, jsSource: source });
  const { component: model } = await componentize({ ...options, witPath: wit, jsSource: "" });
  return retype(component, model);
}

/** An error of the engine, with lines of the author's files instead of the bundle's. */
function inSources(message, places) {
  const text = message.replace(/^[:\s]+/, "");
  return text.replace(/componentize-qjs:user\.js:(\d+):\d+/g, (place, line) => sourceOf(places, Number(line)) ?? place);
}

/** The `main` of package.json, like for every other package. */
async function entryOf(project) {
  const { main } = JSON.parse(await readFile(resolve(project, "package.json"), "utf8"));
  if (main === undefined) throw new Error("package.json has no `main`\nhint: name the file with the policy, like `src/policy.js`");
  return resolve(project, main);
}
