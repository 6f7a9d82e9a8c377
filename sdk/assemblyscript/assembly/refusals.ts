// Why arguments, settings or a result are refused.

import { Kind, kindName } from "./kind";

/** Why a document is refused; the first reason counts. */
export class Refusals {
  /** The first reason; null as long as nothing was refused. */
  message: string | null = null;
  /** The JSON Pointer to what is wrong; empty where it is no single place. */
  pointer: string = "";

  constructor(
    /** What the values of the document are called in messages. */
    private noun: string,
    /** What is refused together with the document; null where it stands alone. */
    private whole: Refusals | null = null,
  ) {}

  /** Refuses the document because of what stands at a pointer. */
  refuse(message: string, pointer: string): void {
    const whole = this.whole;
    if (whole !== null) return whole.refuse(message, pointer);
    if (this.message !== null) return;
    this.message = message;
    this.pointer = pointer;
  }

  /** Refuses it because a value is not of the kind that was wanted. */
  refuseKind(pointer: string, found: Kind, expected: string): void {
    const isWhole = pointer.length == 0;
    const what = isWhole ? `the ${this.noun}s` : "the " + this.noun + " `" + pointer + "`";
    if (found == Kind.Missing) {
      // What is wrong is the object that lacks it.
      return this.refuse(`${what} is missing`, isWhole ? "" : pointer.substring(0, pointer.lastIndexOf("/")));
    }
    const fit = isWhole ? "do not fit" : "does not fit";
    this.refuse(`${what} ${fit}: found ${kindName(found)}, expected ${expected}`, pointer);
  }
}
