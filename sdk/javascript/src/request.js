// What a policy is asked.

import { readAt } from "./argument.js";
import { valueAt } from "./value.js";

export class Request {
  #source;
  #recent;

  /**
   * @param {{ subject: object, action: object, context: object }} parts
   * @param {object} source where arguments are read
   * @param {(limit: number) => object[]} recent
   */
  constructor({ subject, action, context }, source, recent) {
    this.subject = subject;
    this.action = action;
    this.context = context;
    this.#source = source;
    this.#recent = recent;
  }

  get isListing() {
    return this.action.method.endsWith("/list");
  }

  argument(pointer, reader) {
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

  history(limit) {
    return this.#recent(limit);
  }
}
