// A document in memory: settings, and what a test asks with.

import { Kind } from "../kind";
import { Refusals } from "../refusals";
import { Tree } from "./tree";
import { Value } from "../value";
import { child, tokens } from "../pointer";
import { parse } from "./parse";
import { write } from "./write";

/** A JSON value in memory as a document. */
export class Memory {
  constructor(public root: Tree) {}

  /** What stands at a pointer. */
  value(refusals: Refusals, pointer: string): Value {
    return new MemoryValue(refusals, "", this.root).get(pointer);
  }

  /** The pointer to the first member that nobody asked for, or null. */
  unread(): string | null {
    return firstUnread(this.root, "");
  }

  /** Puts JSON there; objects on the way are made where they are missing. */
  put(pointer: string, json: string): void {
    const tree = parse(json);
    if (tree === null) throw new Error("`" + json + "` is not JSON");
    const names = tokens(pointer);
    if (names.length == 0) {
      this.root = tree;
      return;
    }
    let place = this.root;
    const last = names.length - 1;
    for (let i = 0; i < last; i++) {
      place = place.find(names[i]) || set(place, names[i], new Tree(Kind.Object));
    }
    set(place, names[last], tree);
  }
}

/** The value that JSON text holds; missing where there is no text. */
export function valueOfJson(json: string | null, refusals: Refusals): Value {
  if (json === null) return new MemoryValue(refusals, "", null);
  const tree = parse(json);
  if (tree === null) throw new Error("`" + json + "` is not JSON");
  return new MemoryValue(refusals, "", tree);
}

/** A value in memory. */
class MemoryValue extends Value {
  constructor(
    refusals: Refusals,
    private place: string,
    private tree: Tree | null,
  ) {
    super(refusals);
  }

  get kind(): Kind {
    const tree = this.tree;
    return tree === null ? Kind.Missing : tree.kind;
  }

  get length(): i32 {
    const tree = this.tree;
    if (tree === null) return 0;
    return tree.kind == Kind.Text ? String.UTF8.byteLength(tree.written) : tree.inner.length;
  }

  get pointer(): string {
    return this.place;
  }

  get(pointer: string): Value {
    let tree = this.tree;
    const names = tokens(pointer);
    for (let i = 0; i < names.length && tree !== null; i++) {
      tree = tree.find(names[i]);
      if (tree !== null) tree.isRead = true;
    }
    return new MemoryValue(this.refusals, this.place + pointer, tree);
  }

  member(name: string): Value {
    const isObject = this.kind == Kind.Object;
    return this.step(name, isObject ? this.tree!.find(name) : null);
  }

  at(index: u32): Value {
    const tree = this.tree;
    if (tree === null || index >= <u32>tree.inner.length) return this.step(index.toString(), null);
    return this.inner(tree, index);
  }

  children(): Value[] {
    const tree = this.tree;
    if (tree === null) return [];
    const values = new Array<Value>(tree.inner.length);
    for (let i = 0; i < values.length; i++) values[i] = this.inner(tree, i);
    return values;
  }

  keys(): string[] {
    const tree = this.tree;
    return tree === null ? [] : tree.names.slice();
  }

  json(): string | null {
    const tree = this.tree;
    if (tree === null) return null;
    markRead(tree);
    return write(tree);
  }

  drop(): void {}

  protected load(): void {}

  protected get bits(): i64 {
    return this.tree!.bits;
  }

  protected get written(): string {
    return this.tree!.written;
  }

  private inner(tree: Tree, index: i32): Value {
    return this.step(tree.kind == Kind.Object ? tree.names[index] : index.toString(), tree.inner[index]);
  }

  private step(name: string, tree: Tree | null): Value {
    if (tree !== null) tree.isRead = true;
    return new MemoryValue(this.refusals, child(this.place, name), tree);
  }
}

/** Replaces, adds or (at `-`) appends, and gives what it has put. */
function set(place: Tree, name: string, tree: Tree): Tree {
  const at = place.indexOf(name);
  if (at >= 0) {
    place.inner[at] = tree;
  } else if (place.kind == Kind.Object) {
    place.names.push(name);
    place.inner.push(tree);
  } else if (place.kind == Kind.Array && name == "-") {
    place.inner.push(tree);
  } else {
    throw new Error("there is no place for `" + name + "`");
  }
  return tree;
}

function markRead(tree: Tree): void {
  tree.isRead = true;
  for (let i = 0; i < tree.inner.length; i++) markRead(tree.inner[i]);
}

function firstUnread(tree: Tree, pointer: string): string | null {
  for (let i = 0; i < tree.inner.length; i++) {
    const inner = tree.inner[i];
    const name = tree.kind == Kind.Object ? tree.names[i] : i.toString();
    const place = child(pointer, name);
    if (!inner.isRead) {
      if (tree.kind == Kind.Object) return place;
      continue;
    }
    const found = firstUnread(inner, place);
    if (found !== null) return found;
  }
  return null;
}
