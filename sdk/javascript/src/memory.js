// A document of a native test, with the functions that the gate has for the real one, in the
// shape in which the engine gives them.

import { parse, stringify, WrittenNumber } from "./json.js";
import { isPointer, names } from "./pointer.js";
import { KINDS } from "./raise.js";
import { bigint } from "./readers.js";

export class Memory {
  #root;
  #what;

  /**
   * @param {string} json
   * @param {{ tag: string, val?: string }} what the kind, where it came back of a call
   */
  constructor(json, what) {
    this.#root = new MemoryNode(parse(json));
    this.#what = what;
  }

  root() {
    return this.#root;
  }

  get(pointer) {
    return this.#root.get(pointer)?.value();
  }

  json(pointer) {
    return this.#root.get(pointer)?.json();
  }

  kind() {
    return this.#what;
  }

  isError() {
    return this.#what.tag === "error" || (this.#what.tag === "final" && this.json("/isError") === "true");
  }
}

class MemoryNode {
  #value;

  constructor(value) {
    this.#value = value;
  }

  kind() {
    const { tag } = this.value();
    return KINDS.indexOf(tag === "integer" ? "number" : tag);
  }

  value() {
    const value = this.#value;
    if (value === null) return { tag: "null" };
    if (typeof value === "boolean") return { tag: "boolean", val: value };
    if (typeof value === "number" || value instanceof WrittenNumber) return writtenNumber(value);
    if (typeof value === "string") return { tag: "text", val: value };
    if (Array.isArray(value)) return { tag: "array", val: value.length };
    return { tag: "object", val: this.keys().length };
  }

  len() {
    const { tag, val } = this.value();
    if (tag === "text") return new TextEncoder().encode(val).length;
    return tag === "array" || tag === "object" ? val : 0;
  }

  get(pointer) {
    // A bad pointer is a fault in the gate, and an error here.
    if (!isPointer(pointer)) throw new Error(`\`${pointer}\` is not a JSON Pointer; hint: it starts with \`/\``);
    return names(pointer).reduce((node, name) => node?.below(name), this);
  }

  member(name) {
    return isObject(this.#value) && Object.hasOwn(this.#value, name) ? new MemoryNode(this.#value[name]) : undefined;
  }

  at(index) {
    // As a number of 32 bits without sign.
    return this.children()[index >>> 0];
  }

  children() {
    const parts = Array.isArray(this.#value) || isObject(this.#value) ? Object.values(this.#value) : [];
    return parts.map((part) => new MemoryNode(part));
  }

  keys() {
    return isObject(this.#value) ? Object.keys(this.#value) : [];
  }

  text() {
    return typeof this.#value === "string" ? this.#value : undefined;
  }

  json() {
    return stringify(this.#value);
  }

  below(name) {
    if (Array.isArray(this.#value)) return /^(0|[1-9]\d*)$/.test(name) ? this.children()[name] : undefined;
    return this.member(name);
  }
}

function writtenNumber(number) {
  try {
    const integer = bigint.read(number);
    return { tag: "integer", val: [Number(BigInt.asUintN(32, integer)), Number(BigInt.asUintN(32, integer >> 32n))] };
  } catch {
    return { tag: "number", val: number.text };
  }
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof WrittenNumber);
}
