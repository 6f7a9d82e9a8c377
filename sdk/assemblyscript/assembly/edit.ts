// Changes to arguments and results.

import { toJson } from "./json/write";

/** One change to a JSON document. */
export class Edit {
  private constructor(
    /** Where: a JSON Pointer (RFC 6901). */
    readonly pointer: string,
    /** The JSON to put there; null removes the member or element. */
    readonly json: string | null,
  ) {}

  /**
   * Puts a value where the pointer points: replaces what stands there, adds a
   * missing member, appends to an array at `-`. Text, numbers, booleans and
   * arrays of them become JSON; for anything else there is `setJson`.
   */
  static set<T>(pointer: string, value: T): Edit {
    return new Edit(pointer, toJson<T>(value));
  }

  /** Puts JSON text there. */
  static setJson(pointer: string, json: string): Edit {
    return new Edit(pointer, json);
  }

  /** Removes the member or element. */
  static remove(pointer: string): Edit {
    return new Edit(pointer, null);
  }
}
