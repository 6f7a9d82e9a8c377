// What becomes of `throw`, of a failed `assert` and of an index out of bounds.

import { log } from "./log";

/** A trap has no text: says what and where before. The compiler calls this (`--use abort=`). */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const what = message === null ? "aborted" : message;
  const where = file === null ? "" : ` at ${file}:${line}:${column}`;
  log.warn(what + where);
  unreachable();
}
