// What a policy is asked.

import { readAt } from "./argument.js";
import { valueAt } from "./value.js";

export class Request {
  #gate;

  /**
   * @param {object} subject
   * @param {object} action
   * @param {object} context
   * @param {{ arguments: object, recent(limit: number): object[] }} gate where arguments and past calls are read
   */
  constructor(subject, action, context, gate) {
    this.subject = subject;
    this.action = action;
    this.context = context;
    this.#gate = gate;
  }

  get isListing() {
    return this.action.method.endsWith("/list");
  }

  argument(pointer, reader) {
    return readAt(this.#gate.arguments, pointer, reader);
  }

  get(pointer) {
    return valueAt(this.#gate.arguments, pointer);
  }

  keys(pointer) {
    return this.#gate.arguments.keys(pointer);
  }

  json(pointer) {
    return this.#gate.arguments.json(pointer) ?? undefined;
  }

  history(limit) {
    return this.#gate.recent(limit);
  }
}
