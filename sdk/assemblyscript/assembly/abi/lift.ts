// From the canonical ABI's memory layout to objects. The offsets are those of
// the records in `wit/policy.wit`; strings are UTF-16, the language's own.

import { Action, Context, Hints, Proof, Subject } from "../question";
import { Document } from "../document";
import { Kind, Value } from "../value";
import { Outcome, PastCall } from "../history";

/** `string`: its place and its length. `realloc` made a string object there. */
export function liftText(at: usize): string {
  return textAt(load<usize>(at), load<u32>(at, 4));
}

/** A string whose place and length are known. */
export function textAt(place: usize, length: u32): string {
  return length == 0 ? "" : changetype<string>(place);
}

/** `option<string>`. */
export function liftOptionalText(at: usize): string | null {
  return load<u8>(at) == 0 ? null : liftText(at + 4);
}

/** `list<string>`. */
export function liftTexts(at: usize): string[] {
  const place = load<usize>(at);
  const texts = new Array<string>(load<i32>(at, 4));
  for (let i = 0; i < texts.length; i++) texts[i] = liftText(place + <usize>i * 8);
  return texts;
}

/** `subject`, 72 bytes. */
export function liftSubject(at: usize): Subject {
  return new Subject(
    liftText(at),
    liftText(at + 8),
    liftOptionalText(at + 16),
    liftOptionalText(at + 28),
    liftTexts(at + 40),
    liftTexts(at + 48),
    <Proof>load<u8>(at, 56),
    load<u64>(at, 64),
  );
}

/** `action`, 28 bytes. */
export function liftAction(at: usize): Action {
  const flags = load<u8>(at, 24);
  const hints = new Hints((flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0, (flags & 8) != 0);
  return new Action(liftText(at), liftText(at + 8), liftText(at + 16), hints);
}

/** `context`, 32 bytes. */
export function liftContext(at: usize): Context {
  return new Context(load<u64>(at), liftText(at + 8), liftTexts(at + 16), liftTexts(at + 24));
}

/** `option<value>`, 24 bytes. The cases of `value` are in the order of `Kind`. */
export function liftValue(at: usize, document: Document, pointer: string): Value {
  if (load<u8>(at) == 0) return new Value(Kind.Missing, 0, "", document, pointer);
  const kind = <Kind>(load<u8>(at, 8) + 1);
  let bits: i64 = 0;
  let written = "";
  switch (kind) {
    case Kind.Boolean: bits = load<u8>(at, 16); break;
    case Kind.Integer: bits = load<i64>(at, 16); break;
    case Kind.Number:
    case Kind.Text: written = liftText(at + 16); break;
    case Kind.Array:
    case Kind.Object: bits = load<u32>(at, 16); break;
  }
  return new Value(kind, bits, written, document, pointer);
}

/** `list<past-call>`, 40 bytes each. */
export function liftPastCalls(at: usize): PastCall[] {
  const place = load<usize>(at);
  const calls = new Array<PastCall>(load<i32>(at, 4));
  for (let i = 0; i < calls.length; i++) {
    const call = place + <usize>i * 40;
    const outcome = <Outcome>load<u8>(call, 32);
    calls[i] = new PastCall(load<u64>(call), liftText(call + 8), liftText(call + 16), liftText(call + 24), outcome);
  }
  return calls;
}
