#!/usr/bin/env node
// Makes a component of a policy: build.js <project folder> <world> <out.wasm> [<contract.wit>]

import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";

import { bundle } from "./build/bundle.js";
import { componentOf } from "./build/component.js";
import { sourceOf } from "./src/places.js";

const WORLDS = ["policy", "editor", "reviewer"];

const [folder, world, out, contract] = process.argv.slice(2);
try {
  await make();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function make() {
  if (out === undefined || !WORLDS.includes(world)) {
    throw new Error(`usage: build.js <project folder> ${WORLDS.join("|")} <out.wasm> [<contract.wit>]`);
  }
  const project = resolve(folder);
  const { source, places } = await bundle({ project, world, entry: await entryOf(project) });
  try {
    await writeFile(out, await componentOf(source, world, contract));
  } catch (error) {
    throw new Error(inSources(error.message, places));
  }
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
