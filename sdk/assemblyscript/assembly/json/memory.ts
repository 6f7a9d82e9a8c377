// A document in memory: settings, and what a test asks with.

import { Document, Source } from "../document";
import { Kind, Value } from "../value";
import { child, tokens } from "../pointer";
import { Node } from "./node";
import { parse } from "./parse";
import { write } from "./write";

/** A JSON value in memory as the source of a document. */
export class Memory extends Source {
  constructor(public root: Node) {
    super();
  }

  value(document: Document, pointer: string): Value {
    const node = this.find(pointer);
    if (node === null) return new Value(Kind.Missing, 0, "", document, pointer);
    const bits = node.kind >= Kind.Array ? <i64>node.inner.length : node.bits;
    return new Value(node.kind, bits, node.written, document, pointer);
  }

  keys(pointer: string): string[] {
    const node = this.find(pointer);
    return node === null ? [] : node.names.slice();
  }

  json(pointer: string): string | null {
    const node = this.find(pointer);
    if (node === null) return null;
    markRead(node);
    return write(node);
  }

  /** The pointer to the first member that nobody asked for, or null. */
  unread(): string | null {
    return firstUnread(this.root, "");
  }

  /** Puts JSON there; objects on the way are made where they are missing. */
  put(pointer: string, json: string): void {
    const node = parse(json);
    if (node === null) throw new Error("`" + json + "` is not JSON");
    const names = tokens(pointer);
    if (names.length == 0) {
      this.root = node;
      return;
    }
    let place = this.root;
    const last = names.length - 1;
    for (let i = 0; i < last; i++) {
      place = place.find(names[i]) || set(place, names[i], new Node(Kind.Object));
    }
    set(place, names[last], node);
  }

  private find(pointer: string): Node | null {
    let node: Node | null = this.root;
    const names = tokens(pointer);
    for (let i = 0; i < names.length && node !== null; i++) {
      node = node.find(names[i]);
      if (node !== null) node.isRead = true;
    }
    return node;
  }
}

/** Replaces, adds or (at `-`) appends, and gives what it has put. */
function set(place: Node, name: string, node: Node): Node {
  const at = place.indexOf(name);
  if (at >= 0) {
    place.inner[at] = node;
  } else if (place.kind == Kind.Object) {
    place.names.push(name);
    place.inner.push(node);
  } else if (place.kind == Kind.Array && name == "-") {
    place.inner.push(node);
  } else {
    throw new Error("there is no place for `" + name + "`");
  }
  return node;
}

function markRead(node: Node): void {
  node.isRead = true;
  for (let i = 0; i < node.inner.length; i++) markRead(node.inner[i]);
}

function firstUnread(node: Node, pointer: string): string | null {
  for (let i = 0; i < node.inner.length; i++) {
    const inner = node.inner[i];
    const name = node.kind == Kind.Object ? node.names[i] : i.toString();
    const place = child(pointer, name);
    if (!inner.isRead) {
      if (node.kind == Kind.Object) return place;
      continue;
    }
    const found = firstUnread(inner, place);
    if (found !== null) return found;
  }
  return null;
}
