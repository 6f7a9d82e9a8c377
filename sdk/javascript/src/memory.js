// A document of a native test, with the functions that the gate has for the real one.

import { parse, stringify, WrittenNumber } from "./json.js";
import { isPointer, names } from "./pointer.js";
import { bigint } from "./readers.js";

export class Memory {
  #document;

  /** @param {string} json */
  constructor(json) {
    this.#document = parse(json);
  }

  get(pointer) {
    const value = this.#at(pointer);
    if (value === undefined) return undefined;
    if (value === null) return { tag: "null" };
    if (typeof value === "boolean") return { tag: "boolean", val: value };
    if (typeof value === "number") return { tag: "integer", val: value };
    if (typeof value === "string") return { tag: "text", val: value };
    if (value instanceof WrittenNumber) return writtenNumber(value);
    if (Array.isArray(value)) return { tag: "array", val: value.length };
    return { tag: "object", val: Object.keys(value).length };
  }

  keys(pointer) {
    const value = this.#at(pointer);
    return isObject(value) ? Object.keys(value) : [];
  }

  json(pointer) {
    const value = this.#at(pointer);
    return value === undefined ? undefined : stringify(value);
  }

  isError() {
    return this.#at("/isError") === true;
  }

  #at(pointer) {
    // A bad pointer is a fault in the gate, and an error here.
    if (!isPointer(pointer)) throw new Error(`\`${pointer}\` is not a JSON Pointer; hint: it starts with \`/\``);
    let value = this.#document;
    for (const name of names(pointer)) {
      if (Array.isArray(value) ? !/^(0|[1-9]\d*)$/.test(name) : !isObject(value)) return undefined;
      if (!Object.hasOwn(value, name)) return undefined;
      value = value[name];
    }
    return value;
  }
}

function writtenNumber(number) {
  try {
    return { tag: "integer", val: bigint.read(number) };
  } catch {
    return { tag: "number", val: number.text };
  }
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof WrittenNumber);
}
