// What kinds of values there are.

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

/** What a message calls a value of this kind. */
export function kindName(kind: Kind): string {
  switch (kind) {
    case Kind.Missing: return "nothing";
    case Kind.Null: return "null";
    case Kind.Boolean: return "a boolean";
    case Kind.Integer: return "an integer";
    case Kind.Number: return "a number";
    case Kind.Text: return "text";
    case Kind.Array: return "an array";
    default: return "an object";
  }
}
