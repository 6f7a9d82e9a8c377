// One value of the arguments, of the settings or of a result: read with a type, or
// walked.

import { Kind } from "./kind";
import { Refusals } from "./refusals";

/**
 * What stands at a place.
 *
 * `text()`, `integer()` and their kin want a type. Where something else stands,
 * or nothing, they give an empty value and refuse the whole document: the call is
 * denied with `invalid-arguments` and a message that says so, whatever the policy
 * answers then. The forms with `Or` take a missing value or `null` for the
 * fallback. A policy that wants to answer itself looks at `kind` first.
 *
 * `get`, `member`, `at` and `children` lead on from here. Where there is nothing
 * they give a value whose kind is `Missing`, or none.
 *
 * In a gate, nothing is read before it is asked for. A value that was walked to,
 * or from, holds a handle of the gate until the call ends, and the instance with
 * it: the language has no hook for the end of a value. A call may have about
 * 100,000 handles, and one more is a fault; a policy that has the fuel to walk
 * larger documents calls `drop` on what it is done with.
 */
export abstract class Value {
  constructor(protected refusals: Refusals) {}

  /** What it is. */
  abstract get kind(): Kind;
  /** Elements of an array, members of an object, bytes of a text in UTF-8; 0 for others. */
  abstract get length(): i32;
  /** Where it stands: a JSON Pointer (RFC 6901) from the root of the document. */
  abstract get pointer(): string;

  /** The value at a JSON Pointer, from here. */
  abstract get(pointer: string): Value;
  /** The member of this name, which is no pointer. */
  abstract member(name: string): Value;
  /** The element or, in the order of the text, the member at a place. For all of them, `children` costs less. */
  abstract at(index: u32): Value;
  /** All elements or, in the order of the text, all members' values; empty for what has none. */
  abstract children(): Value[];
  /** Member names, in the order of the text; empty where this is no object. */
  abstract keys(): string[];
  /** The JSON text, as it was written; null where there is nothing. */
  abstract json(): string | null;
  /** Gives the gate its handle back. What was walked to from here stays; this value is not to be asked any more. */
  abstract drop(): void;

  /** Reads it whole; the kind alone reads no text. */
  protected abstract load(): void;
  /** Of a boolean or an integer. */
  protected abstract get bits(): i64;
  /** Text, or a number that is no integer, as it was written. */
  protected abstract get written(): string;

  /** Whether nothing stands there. */
  get isMissing(): bool {
    return this.kind == Kind.Missing;
  }

  /** A number as it was written; empty for what is none. */
  get digits(): string {
    const kind = this.kind;
    return kind == Kind.Integer ? this.bits.toString() : kind == Kind.Number ? this.written : "";
  }

  /** Refuses the whole document because of this value, with a message of the policy's own. */
  refuse(message: string): void {
    this.refusals.refuse(message, this.pointer);
  }

  /** The text. */
  text(): string {
    return this.is(Kind.Text, "text") ? this.written : "";
  }

  /** The text, or the fallback where there is none. */
  textOr(fallback: string): string {
    return this.isAbsent ? fallback : this.text();
  }

  /** The integer. */
  integer(): i64 {
    return this.is(Kind.Integer, "an integer") ? this.bits : 0;
  }

  /** The integer, or the fallback where there is none. */
  integerOr(fallback: i64): i64 {
    return this.isAbsent ? fallback : this.integer();
  }

  /** The number, rounded to 64 bits. */
  number(): f64 {
    if (this.kind == Kind.Integer) return <f64>this.bits;
    return this.is(Kind.Number, "a number") ? parseFloat(this.written) : 0;
  }

  /** The number, or the fallback where there is none. */
  numberOr(fallback: f64): f64 {
    return this.isAbsent ? fallback : this.number();
  }

  /** The boolean. */
  boolean(): bool {
    return this.is(Kind.Boolean, "a boolean") ? this.bits != 0 : false;
  }

  /** The boolean, or the fallback where there is none. */
  booleanOr(fallback: bool): bool {
    return this.isAbsent ? fallback : this.boolean();
  }

  /** The elements of an array of text. */
  texts(): string[] {
    if (!this.is(Kind.Array, "an array")) return [];
    const elements = this.children();
    const texts = new Array<string>(elements.length);
    for (let i = 0; i < elements.length; i++) {
      texts[i] = elements[i].text();
      elements[i].drop();
    }
    return texts;
  }

  /** The elements of an array of text, or the fallback where there is none. */
  textsOr(fallback: string[]): string[] {
    return this.isAbsent ? fallback : this.texts();
  }

  /** Whether a reader of an optional value takes it for nothing. */
  private get isAbsent(): bool {
    return this.kind <= Kind.Null;
  }

  private is(kind: Kind, expected: string): bool {
    if (kind < Kind.Array) this.load();
    const found = this.kind;
    if (found == kind) return true;
    this.refusals.refuseKind(this.pointer, found, expected);
    return false;
  }
}
