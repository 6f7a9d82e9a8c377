// Typed access to arguments and results.

import { parse } from "./json.js";
import { child } from "./pointer.js";
import { Mismatch, plural, Reader } from "./reader.js";
import { anything } from "./readers.js";

export class ArgumentError extends Error {
  name = "ArgumentError";

  /**
   * @param {string} pointer where it should stand
   * @param {string} problem what is wrong, like `is missing`
   */
  constructor(pointer, problem) {
    super(pointer === "" ? `the arguments ${plural(problem)}` : `the argument \`${pointer}\` ${problem}`);
    this.pointer = pointer;
    this.problem = problem;
  }
}

/**
 * Reads JSON text.
 * @param {string | undefined} json none where there is nothing
 * @param {string} pointer where it stands
 * @param {Reader} reader
 */
export function read(json, pointer, reader = anything) {
  try {
    return reader.read(json === undefined ? undefined : parse(json));
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    throw new ArgumentError(error.path.reduce(child, pointer), error.problem);
  }
}
