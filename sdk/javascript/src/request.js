// What a policy is asked.

import { small, text, U32_MAX } from "./check.js";
import { Document } from "./document.js";
import { nodeOf } from "./node.js";

/** Facts that take no question. Each is asked for once, when a policy first looks at it. */
export const FACTS = [
  "agent",
  "issuer",
  "principal",
  "owner",
  "chain",
  "scopes",
  "proof",
  "expiresAt",
  "claims",
  "purpose",
  "method",
  "server",
  "name",
  "hints",
  "targets",
  "contents",
  "definition",
  "at",
  "decision",
  "session",
  "labels",
  "approvals",
];

export class Request {
  #facts;
  #document;
  #asked = {};

  static {
    for (const fact of FACTS) {
      Object.defineProperty(this.prototype, fact, {
        get() {
          return (this.#asked[fact] ??= this.#facts[fact]());
        },
      });
    }
  }

  /** @param {object} facts each as a function, from the gate or from memory */
  constructor(facts) {
    this.#facts = facts;
    this.#document = new Document(facts.document);
  }

  get isListing() {
    return this.purpose === "listing";
  }

  get root() {
    return this.#document.root;
  }

  get schema() {
    return nodeOf(this.#facts.schema());
  }

  get claimed() {
    return nodeOf(this.#facts.claimed());
  }

  argument(pointer, reader) {
    return this.#document.read(pointer, reader);
  }

  get(pointer) {
    return this.#document.get(pointer);
  }

  keys(pointer) {
    return this.#document.keys(pointer);
  }

  json(pointer) {
    return this.#document.json(pointer);
  }

  claim(name) {
    return this.#facts.claim(text(name, "name"));
  }

  hasLabel(name) {
    return this.#facts.hasLabel(text(name, "name"));
  }

  budget(name, key) {
    const { limit, windowSeconds, spent } = this.#facts.budget(text(name, "name"), text(key, "key"));
    return { limit, windowSeconds, spent, left: spent < limit ? limit - spent : 0n };
  }

  history(limit) {
    return this.#facts.history(small(limit, U32_MAX, "limit"));
  }
}
