// What a reviewer looks at.

import { Document } from "./document.js";

export class Response extends Document {
  #source;

  /** @param {object} source a document that knows what it is */
  constructor(source) {
    super(source);
    this.#source = source;
  }

  get kind() {
    return this.#source.kind().tag;
  }

  get method() {
    return this.#source.kind().val ?? undefined;
  }

  get isError() {
    return this.#source.isError();
  }
}
