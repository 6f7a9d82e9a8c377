// JSON Pointers (RFC 6901).

import { text } from "./readers.js";

export const pointer = text.where(isPointer, "is not a JSON Pointer; hint: it starts with `/`, and `~` is written `~0`");

/**
 * @param {string} parent
 * @param {string | number} name
 */
export function child(parent, name) {
  return `${parent}/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** The names on the way, unescaped; none for the whole document. */
export function names(pointer) {
  return pointer.split("/").slice(1).map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Whether RFC 6901 allows it. */
export function isPointer(text) {
  return (text === "" || text.startsWith("/")) && !/~(?![01])/.test(text);
}
