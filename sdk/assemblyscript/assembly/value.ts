// One value of the arguments, of the settings or of a result, read with a type.

import { Document } from "./document";

/** What stands at a pointer. */
export enum Kind {
  /** Nothing. */
  Missing,
  /** `null`. */
  Null,
  /** `true` or `false`. */
  Boolean,
  /** A number written as an integer that fits into 64 bits. */
  Integer,
  /** Any other JSON number. */
  Number,
  /** Text. */
  Text,
  /** An array. */
  Array,
  /** An object. */
  Object,
}

/**
 * What stands at a pointer, one level deep.
 *
 * `text()`, `integer()` and their kin want a type. Where something else stands,
 * or nothing, they give an empty value and refuse the whole document: the call is
 * denied with `invalid-arguments` and a message that says so, whatever the policy
 * answers then. The forms with `Or` take a missing value or `null` for the
 * fallback. A policy that wants to answer itself looks at `kind` first.
 */
export class Value {
  constructor(
    /** What it is. */
    readonly kind: Kind,
    private bits: i64,
    private written: string,
    private document: Document,
    private pointer: string,
  ) {}

  /** Whether nothing stands there. */
  get isMissing(): bool {
    return this.kind == Kind.Missing;
  }

  /** The number of elements or members; 0 for what has none. */
  get length(): i32 {
    return this.kind >= Kind.Array ? <i32>this.bits : 0;
  }

  /** A number as it was written. */
  get digits(): string {
    return this.kind == Kind.Integer ? this.bits.toString() : this.kind == Kind.Number ? this.written : "";
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
    const count = <i32>this.bits;
    const texts = new Array<string>(count);
    for (let i = 0; i < count; i++) {
      texts[i] = this.document.value(`${this.pointer}/${i}`).text();
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
    if (this.kind == kind) return true;
    this.document.refuseValue(this.pointer, this.kind, expected);
    return false;
  }
}
