// The arguments of a call, or what came back of it.

import { read } from "./argument.js";
import { text } from "./check.js";
import { Node } from "./node.js";
import { known, raiseValue } from "./raise.js";

export class Document {
  #source;

  /** @param {{ root(): object, get(pointer: string): object | null, json(pointer: string): string | null }} source */
  constructor(source) {
    this.#source = source;
  }

  get root() {
    return new Node(this.#source.root());
  }

  get(pointer) {
    const value = known(this.#source.get(text(pointer, "pointer")));
    return value && raiseValue(value);
  }

  keys(pointer) {
    return this.root.get(pointer)?.keys ?? [];
  }

  json(pointer) {
    return known(this.#source.json(text(pointer, "pointer")));
  }

  read(pointer, reader) {
    return read(this.json(pointer), pointer, reader);
  }
}
