// The one comparison that tests need.

import { toJson } from "../json/write";

/** Fails the test unless both are the same: text, numbers, booleans or arrays of them. */
export function equal<T>(actual: T, expected: T): void {
  const found = toJson<T>(actual);
  const wanted = toJson<T>(expected);
  if (found != wanted) throw new Error("it is " + found + ", expected " + wanted);
}
