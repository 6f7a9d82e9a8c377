// What a reviewer looks at.

import { readAt } from "./argument.js";
import { valueAt } from "./value.js";

export class Response {
  #source;

  /** @param {object} source where the result is read */
  constructor(source) {
    this.#source = source;
  }

  get isError() {
    return this.#source.isError();
  }

  read(pointer, reader) {
    return readAt(this.#source, pointer, reader);
  }

  get(pointer) {
    return valueAt(this.#source, pointer);
  }

  keys(pointer) {
    return this.#source.keys(pointer);
  }

  json(pointer) {
    return this.#source.json(pointer) ?? undefined;
  }
}
