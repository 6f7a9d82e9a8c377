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
 * Reads what stands at a pointer of a document.
 * @param {{ json(pointer: string): string | null | undefined }} source
 * @param {string} pointer
 * @param {Reader} reader
 */
export function readAt(source, pointer, reader = anything) {
  const json = source.json(pointer);
  try {
    return reader.read(json === undefined || json === null ? undefined : parse(json));
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    throw new ArgumentError(error.path.reduce(child, pointer), error.problem);
  }
}
