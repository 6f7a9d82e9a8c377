// Values that the gate holds. Each fact about one is asked for when it is needed.

import * as layout from "./layout";
import { Kind } from "../kind";
import { Refusals } from "../refusals";
import { Source } from "./source";
import { Value } from "../value";
import { area } from "./area";
import { child } from "../pointer";
import { liftHandle, liftHandles, liftText, liftTexts } from "./lift";

/**
 * A value in a document of the gate. It is found by a source and a pointer, which
 * need no handle, or by a handle.
 */
export class GateValue extends Value {
  private isKnown: bool = false;
  private isLoaded: bool = false;
  private found: Kind = Kind.Missing;
  private loadedBits: i64 = 0;
  private loadedText: string = "";
  /** Member names, once they were needed. */
  private names: string[] | null = null;

  /** What stands at a pointer of a document. */
  static at(refusals: Refusals, source: Source, pointer: string): GateValue {
    return new GateValue(refusals, source, 0, null, pointer, -1);
  }

  /** What an `option<node>` in the area leads to, a document of its own. */
  static root(refusals: Refusals): GateValue {
    return GateValue.under(refusals, liftHandle(area), null, "", -1);
  }

  private static under(
    refusals: Refusals, handle: u32, parent: GateValue | null, steps: string, index: i32,
  ): GateValue {
    const value = new GateValue(refusals, null, handle, parent, steps, index);
    if (handle == 0) value.know(Kind.Missing);
    return value;
  }

  private constructor(
    refusals: Refusals,
    private source: Source | null,
    /** 0 is none: there is nothing, or it was not needed yet, or it was dropped. */
    private handle: u32,
    private parent: GateValue | null,
    /** The pointer, from the parent where there is one. */
    private steps: string,
    /** Which of the parent's children it is; negative where the steps say it. */
    private index: i32,
  ) {
    super(refusals);
  }

  get kind(): Kind {
    if (!this.isKnown) {
      if (this.handle == 0) this.load();
      else this.know(liftKind(layout.nodeKind(this.handle)));
      // The gate has one kind for all numbers.
      if (this.found == Kind.Number) this.load();
    }
    return this.found;
  }

  get length(): i32 {
    if (this.handle != 0) return layout.nodeLen(this.handle);
    this.load();
    if (this.found == Kind.Text) return String.UTF8.byteLength(this.loadedText);
    return this.found >= Kind.Array ? <i32>this.loadedBits : 0;
  }

  get pointer(): string {
    const parent = this.parent;
    if (parent === null) return this.steps;
    if (this.index < 0) return parent.pointer + this.steps;
    const names = parent.names;
    return child(parent.pointer, names === null ? this.index.toString() : names[this.index]);
  }

  get(pointer: string): Value {
    const source = this.source;
    // What is only read needs no handle.
    if (this.handle == 0 && source !== null && pointer.startsWith("/")) {
      return GateValue.at(this.refusals, source, this.steps + pointer);
    }
    const handle = this.open();
    if (handle != 0) layout.nodeGet(handle, changetype<usize>(pointer), pointer.length, area);
    return GateValue.under(this.refusals, handle == 0 ? 0 : liftHandle(area), this, pointer, -1);
  }

  member(name: string): Value {
    const handle = this.open();
    if (handle != 0) layout.nodeMember(handle, changetype<usize>(name), name.length, area);
    return GateValue.under(this.refusals, handle == 0 ? 0 : liftHandle(area), this, child("", name), -1);
  }

  at(index: u32): Value {
    const handle = this.open();
    this.nameMembers();
    if (handle != 0) layout.nodeAt(handle, index, area);
    const found: u32 = handle == 0 ? 0 : liftHandle(area);
    if (found == 0) return GateValue.under(this.refusals, 0, this, `/${index}`, -1);
    return GateValue.under(this.refusals, found, this, "", index);
  }

  children(): Value[] {
    const handle = this.open();
    if (handle == 0) return [];
    this.nameMembers();
    layout.nodeChildren(handle, area);
    const handles = liftHandles(area);
    const values = new Array<Value>(handles.length);
    for (let i = 0; i < values.length; i++) values[i] = GateValue.under(this.refusals, handles[i], this, "", i);
    return values;
  }

  keys(): string[] {
    const names = this.names;
    if (names !== null) return names.slice();
    const handle = this.open();
    if (handle == 0) return [];
    layout.nodeKeys(handle, area);
    const found = liftTexts(area);
    if (found.length > 0) this.names = found;
    return found.slice();
  }

  json(): string | null {
    const source = this.source;
    if (this.handle == 0 && source !== null) return source.json(this.steps);
    const handle = this.open();
    if (handle == 0) return null;
    layout.nodeJson(handle, area);
    return liftText(area);
  }

  drop(): void {
    if (this.handle == 0) return;
    layout.nodeDrop(this.handle);
    // A handle may be given out again: this value must not lead to another one.
    this.handle = 0;
  }

  protected load(): void {
    if (this.isLoaded || (this.isKnown && this.found == Kind.Missing)) return;
    const source = this.source;
    if (this.handle == 0 && source !== null) {
      source.find(this.steps);
      const isSome = load<u8>(area) != layout.OPTION_VALUE_CASE_NONE;
      if (!isSome) return this.know(Kind.Missing);
      return this.lift(area + layout.OPTION_VALUE_PAYLOAD);
    }
    layout.nodeValue(this.open(), area);
    this.lift(area);
  }

  protected get bits(): i64 {
    this.load();
    return this.loadedBits;
  }

  protected get written(): string {
    this.load();
    return this.loadedText;
  }

  /** A handle; 0 where there is nothing. */
  private open(): u32 {
    if (this.handle != 0 || (this.isKnown && this.found == Kind.Missing)) return this.handle;
    const source = this.source;
    if (source === null) throw new Error("the value `" + this.pointer + "` was dropped, and is asked after that");
    this.handle = source.handle(this.steps);
    if (this.handle == 0) this.know(Kind.Missing);
    return this.handle;
  }

  /** Children of an object have names: their pointers need them. */
  private nameMembers(): void {
    if (this.names === null && this.kind == Kind.Object) this.keys();
  }

  private know(kind: Kind): void {
    this.isKnown = true;
    this.found = kind;
  }

  /** Reads a `value`. */
  private lift(at: usize): void {
    const payload = at + layout.VALUE_PAYLOAD;
    this.isLoaded = true;
    switch (<u32>load<u8>(at)) {
      case layout.VALUE_CASE_NULL: return this.know(Kind.Null);
      case layout.VALUE_CASE_BOOLEAN: {
        this.loadedBits = load<u8>(payload);
        return this.know(Kind.Boolean);
      }
      case layout.VALUE_CASE_INTEGER: {
        this.loadedBits = load<i64>(payload);
        return this.know(Kind.Integer);
      }
      case layout.VALUE_CASE_NUMBER: {
        this.loadedText = liftText(payload);
        return this.know(Kind.Number);
      }
      case layout.VALUE_CASE_TEXT: {
        this.loadedText = liftText(payload);
        return this.know(Kind.Text);
      }
      case layout.VALUE_CASE_ARRAY: {
        this.loadedBits = load<u32>(payload);
        return this.know(Kind.Array);
      }
      case layout.VALUE_CASE_OBJECT: {
        this.loadedBits = load<u32>(payload);
        return this.know(Kind.Object);
      }
    }
    throw new Error("a value that the contract does not have");
  }
}

/** `kind`, which does not tell integers from other numbers. */
function liftKind(kind: u32): Kind {
  switch (kind) {
    case layout.KIND_CASE_NULL: return Kind.Null;
    case layout.KIND_CASE_BOOLEAN: return Kind.Boolean;
    case layout.KIND_CASE_NUMBER: return Kind.Number;
    case layout.KIND_CASE_TEXT: return Kind.Text;
    case layout.KIND_CASE_ARRAY: return Kind.Array;
    case layout.KIND_CASE_OBJECT: return Kind.Object;
  }
  throw new Error("a kind that the contract does not have");
}
