// What arguments, settings and results have in common.

import { Refusals } from "./refusals";
import { Value } from "./value";

/**
 * Something that is read by JSON Pointer (RFC 6901); `""` is the whole. A pointer
 * that is not well-formed is a fault.
 */
export abstract class Document {
  protected refusals: Refusals;

  constructor(noun: string) {
    this.refusals = new Refusals(noun);
  }

  /** What stands at a pointer. */
  abstract value(pointer: string): Value;

  /** All of it, to walk through. */
  get root(): Value {
    return this.value("");
  }

  /** Member names of the object at a pointer, in their order; empty where there is no object. */
  keys(pointer: string): string[] {
    return this.value(pointer).keys();
  }

  /** The JSON text at a pointer, or null where there is nothing. */
  json(pointer: string): string | null {
    return this.value(pointer).json();
  }

  /** Why it is refused, or null: the first reason counts. */
  get refusal(): string | null {
    return this.refusals.message;
  }

  /**
   * Refuses it. Settings that are refused keep the policy from being loaded;
   * refused arguments deny the call, a refused result is blocked, each with this
   * message. A value has a `refuse` of its own, which says where.
   */
  refuse(message: string): void {
    this.refusals.refuse(message, "");
  }
}
