// JSON as the gate has parsed it: walking it costs what is read, and needs no parser.

import { read } from "./argument.js";
import { small, text, U32_MAX } from "./check.js";
import { KINDS, known, raiseValue } from "./raise.js";

export class Node {
  #source;

  /** @param {object} source the gate's node, or one in memory */
  constructor(source) {
    this.#source = source;
  }

  get kind() {
    return KINDS[this.#source.kind()];
  }

  get value() {
    return raiseValue(this.#source.value());
  }

  get length() {
    return this.#source.len();
  }

  get children() {
    return this.#source.children().map((child) => new Node(child));
  }

  get keys() {
    return this.#source.keys();
  }

  get text() {
    return known(this.#source.text());
  }

  get json() {
    return this.#source.json();
  }

  get(pointer) {
    return nodeOf(this.#source.get(text(pointer, "pointer")));
  }

  member(name) {
    return nodeOf(this.#source.member(text(name, "name")));
  }

  at(index) {
    return nodeOf(this.#source.at(small(index, U32_MAX, "index")));
  }

  read(reader) {
    return read(this.json, "", reader);
  }
}

/** @param {object | null | undefined} source none where there is nothing */
export function nodeOf(source) {
  return source === null || source === undefined ? undefined : new Node(source);
}
