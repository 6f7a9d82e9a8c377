// What arguments, settings and results have in common.

import { Kind, Value } from "./value";

/** Where the values come from: from the gate in a component, from memory in settings and in tests. */
export abstract class Source {
  abstract value(document: Document, pointer: string): Value;
  abstract keys(pointer: string): string[];
  abstract json(pointer: string): string | null;
}

/**
 * Something that is read by JSON Pointer (RFC 6901); `""` is the whole. A pointer
 * that is not well-formed is a fault.
 */
export class Document {
  /** Why it is refused, or null: the first reason counts. */
  refusal: string | null = null;

  constructor(
    protected source: Source,
    /** What its values are called in messages. */
    private noun: string,
  ) {}

  /** What stands at a pointer. */
  value(pointer: string): Value {
    return this.source.value(this, pointer);
  }

  /** Member names of the object at a pointer, in their order; empty where there is no object. */
  keys(pointer: string): string[] {
    return this.source.keys(pointer);
  }

  /** The JSON text at a pointer, or null where there is nothing. */
  json(pointer: string): string | null {
    return this.source.json(pointer);
  }

  /**
   * Refuses it. Settings that are refused keep the policy from being loaded;
   * refused arguments deny the call, a refused result is blocked, each with this
   * message.
   */
  refuse(message: string): void {
    if (this.refusal === null) this.refusal = message;
  }

  /** Refuses it because of one value. */
  refuseValue(pointer: string, found: Kind, expected: string): void {
    const what = pointer.length == 0 ? `the ${this.noun}s` : "the " + this.noun + " `" + pointer + "`";
    if (found == Kind.Missing) return this.refuse(`${what} is missing`);
    const fit = pointer.length == 0 ? "do not fit" : "does not fit";
    this.refuse(`${what} ${fit}: found ${nameOf(found)}, expected ${expected}`);
  }
}

function nameOf(kind: Kind): string {
  switch (kind) {
    case Kind.Null: return "null";
    case Kind.Boolean: return "a boolean";
    case Kind.Integer: return "an integer";
    case Kind.Number: return "a number";
    case Kind.Text: return "text";
    case Kind.Array: return "an array";
    default: return "an object";
  }
}
