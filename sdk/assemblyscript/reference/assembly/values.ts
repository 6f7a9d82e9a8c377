// JSON values, as text.

import { Kind, Value } from "@gatewright/assemblyscript";

/** What stands there, one level deep. */
export function valueText(value: Value): string {
  switch (value.kind) {
    case Kind.Missing: return "missing";
    case Kind.Null: return "null";
    case Kind.Boolean: return value.boolean() ? "boolean true" : "boolean false";
    case Kind.Integer: return `integer ${value.integer()}`;
    case Kind.Number: return `number ${value.digits}`;
    case Kind.Text: return `text ${value.text()}`;
    case Kind.Array: return `array ${value.length}`;
    default: return `object ${value.length}`;
  }
}

/** Kind, length and JSON text. */
export function nodeText(value: Value): string {
  if (value.isMissing) return "missing";
  return `${kindName(value.kind)} ${value.length} ${value.json()!}`;
}

/** The JSON text. */
export function memberText(value: Value): string {
  const json = value.json();
  return json === null ? "missing" : json;
}

/** The value and all that is in it, one by one. */
export function walked(value: Value): string {
  switch (value.kind) {
    case Kind.Missing: return "missing";
    case Kind.Null: return "null";
    case Kind.Boolean: return value.boolean().toString();
    case Kind.Integer:
    case Kind.Number: return value.digits;
    case Kind.Text: return `'${value.text()}'`;
  }
  const isObject = value.kind == Kind.Object;
  const names = value.keys();
  const inner = value.children();
  const parts = new Array<string>(inner.length);
  for (let i = 0; i < parts.length; i++) {
    parts[i] = isObject ? `${names[i]}=${walked(inner[i])}` : walked(inner[i]);
    // There may be more values than a call has handles.
    inner[i].drop();
  }
  return isObject ? `{${parts.join(",")}}` : `[${parts.join(",")}]`;
}

function kindName(kind: Kind): string {
  switch (kind) {
    case Kind.Null: return "null";
    case Kind.Boolean: return "boolean";
    case Kind.Integer:
    case Kind.Number: return "number";
    case Kind.Text: return "text";
    case Kind.Array: return "array";
    default: return "object";
  }
}
