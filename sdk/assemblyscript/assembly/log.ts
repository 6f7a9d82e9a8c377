// Lines for the operator.

import { writeLog } from "./abi/imports";

/** Lines for the operator. They never reach the agent; the gate keeps a bounded number of them for a call. */
export namespace log {
  /** What helps to debug the policy. */
  export function debug(message: string): void {
    writeLog(0, changetype<usize>(message), message.length);
  }

  /** What an operator may want to know. */
  export function info(message: string): void {
    writeLog(1, changetype<usize>(message), message.length);
  }

  /** What an operator should look at. */
  export function warn(message: string): void {
    writeLog(2, changetype<usize>(message), message.length);
  }
}
