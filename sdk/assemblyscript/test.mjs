#!/usr/bin/env node
// Compiles tests and runs every function that they export, each in an instance of
// its own, without a gate: `gatewright-test [file..]`, `tests/*.ts` if none is
// named. A function whose name ends in `_is_a_fault` must trap.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { test } from "node:test";

const ABORT = "abort=~lib/@gatewright/assemblyscript/assembly/fault/abort";
const SCHEMA = "@gatewright/assemblyscript/schema.mjs";
const LEVELS = ["debug", "info", "warn"];

const files = process.argv.slice(2);
if (files.length === 0) {
  files.push(...readdirSync("tests").filter((name) => name.endsWith(".ts")).map((name) => join("tests", name)));
}
for (const file of files) {
  const module = compile(file);
  const tests = WebAssembly.Module.exports(module).filter(({ kind }) => kind === "function");
  for (const { name } of tests) {
    test(`${basename(file, ".ts")}: ${name.replaceAll("_", " ")}`, () => run(module, name));
  }
}

function compile(file) {
  const folder = mkdtempSync(join(tmpdir(), "gatewright-test-"));
  try {
    const output = join(folder, "test.wasm");
    const flags = ["--runtime", "stub", "--use", ABORT, "--transform", SCHEMA, "--outFile", output];
    const { status } = spawnSync(process.execPath, [compiler(), file, ...flags], { stdio: "inherit" });
    if (status !== 0) process.exit(1);
    return new WebAssembly.Module(readFileSync(output));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The compiler of the project: the nearest `node_modules` that has one. */
function compiler() {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const file = resolve(folder, "node_modules/assemblyscript/bin/asc.js");
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) break;
  }
  console.error("the compiler is not installed\nhint: npm install");
  return process.exit(1);
}

/** Runs one function; what it logs last says why it failed. */
function run(module, name) {
  const lines = [];
  const instance = new WebAssembly.Instance(module, imports(module, {
    "gatewright:policy/log@0.2.0": {
      write(level, place, length) {
        const text = Buffer.from(instance.exports.memory.buffer, place, 2 * length).toString("utf16le");
        lines.push(`${LEVELS[level]}: ${text}`);
      },
    },
  }));
  const mayFault = name.endsWith("_is_a_fault");
  try {
    instance.exports[name]();
  } catch (error) {
    if (mayFault) return;
    throw new Error([...lines, error.message].join("\n"));
  }
  if (mayFault) throw new Error(["it did not fail", ...lines].join("\n"));
}

/** The imports that there are, and a failure for each that a test cannot have. */
function imports(module, present) {
  for (const { module: place, name } of WebAssembly.Module.imports(module)) {
    present[place] ??= {};
    present[place][name] ??= () => {
      throw new Error(`${place} \`${name}\` is not there in a test`);
    };
  }
  return present;
}
