// Writes JSON.

import { Kind } from "../kind";
import { Tree } from "./tree";

/** The JSON of text, a number, a boolean, or an array of them. */
export function toJson<T>(value: T): string {
  if (isString<T>()) {
    return quote(changetype<string>(value));
  } else if (isArray<T>()) {
    const parts: string[] = [];
    for (let i = 0; i < value.length; i++) parts.push(toJson<valueof<T>>(value[i]));
    return `[${parts.join(",")}]`;
  } else if (isBoolean<T>()) {
    return value ? "true" : "false";
  } else if (isFloat<T>()) {
    return isFinite(value) ? value.toString() : "null";
  } else if (isInteger<T>()) {
    return value.toString();
  } else {
    ERROR("text, a number, a boolean or an array of them is expected");
  }
}

/** The JSON of a value in memory, without space. */
export function write(tree: Tree): string {
  const parts = new Array<string>(tree.inner.length);
  for (let i = 0; i < parts.length; i++) {
    const inner = write(tree.inner[i]);
    parts[i] = tree.kind == Kind.Object ? `${quote(tree.names[i])}:${inner}` : inner;
  }
  switch (tree.kind) {
    case Kind.Null: return "null";
    case Kind.Boolean: return tree.bits != 0 ? "true" : "false";
    case Kind.Text: return quote(tree.written);
    case Kind.Array: return `[${parts.join(",")}]`;
    case Kind.Object: return `{${parts.join(",")}}`;
    default: return tree.written;
  }
}

/** Text between quotation marks. */
function quote(text: string): string {
  let quoted = '"';
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x20 && unit != 0x22 && unit != 0x5c) continue;
    quoted += text.substring(start, i) + escape(unit);
    start = i + 1;
  }
  return quoted + text.substring(start) + '"';
}

function escape(unit: i32): string {
  switch (unit) {
    case 0x22: return '\\"';
    case 0x5c: return "\\\\";
    case 0x08: return "\\b";
    case 0x0c: return "\\f";
    case 0x0a: return "\\n";
    case 0x0d: return "\\r";
    case 0x09: return "\\t";
    default: return unit < 0x10 ? `\\u000${unit.toString(16)}` : `\\u00${unit.toString(16)}`;
  }
}
