// Name patterns, with the meaning they have in the gate's configuration.

import { text } from "./readers.js";

export class Pattern {
  #parts;

  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.#parts = text.split("*");
  }

  /** @param {string} name */
  matches(name) {
    const [first, ...rest] = this.#parts;
    const last = rest.pop();
    if (last === undefined) return name === first;
    if (!name.startsWith(first)) return false;
    let from = first.length;
    for (const part of rest) {
      const place = name.indexOf(part, from);
      if (place < 0) return false;
      from = place + part.length;
    }
    return name.length - from >= last.length && name.endsWith(last);
  }

  toString() {
    return this.text;
  }
}

export const pattern = text.map((text) => new Pattern(text));
