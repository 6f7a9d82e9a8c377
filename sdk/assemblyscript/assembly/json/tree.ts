// A JSON value in memory.

import { Kind } from "../kind";

/** A JSON value and what is in it. */
export class Tree {
  /** Whether somebody asked for it. */
  isRead: bool = false;
  /** Of an object, one for each element of `inner`. */
  names: string[] = [];
  /** Of an array or an object. */
  inner: Tree[] = [];

  constructor(
    readonly kind: Kind,
    /** Of a boolean or an integer. */
    readonly bits: i64 = 0,
    /** Text, or a number as it was written. */
    readonly written: string = "",
  ) {}

  /** The member or element of that name, or null. */
  find(name: string): Tree | null {
    const at = this.indexOf(name);
    return at < 0 ? null : this.inner[at];
  }

  /** Where in `inner` it stands, or a negative number. */
  indexOf(name: string): i32 {
    if (this.kind == Kind.Object) return this.names.indexOf(name);
    return this.kind == Kind.Array ? elementOf(name, this.inner.length) : -1;
  }
}

/** An index without sign and leading zeros, below the count; otherwise a negative number. */
function elementOf(name: string, count: i32): i32 {
  if (name.length == 0 || name.length > 9 || (name.length > 1 && name.startsWith("0"))) return -1;
  let index = 0;
  for (let i = 0; i < name.length; i++) {
    const digit = name.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    index = index * 10 + digit;
  }
  return index < count ? index : -1;
}
