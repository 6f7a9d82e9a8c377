// Lines for the operator.

import { LEVEL_CASE_DEBUG, LEVEL_CASE_INFO, LEVEL_CASE_WARN, logWrite } from "./abi/layout";

/** Lines for the operator. They never reach the agent; the gate keeps a bounded number of them for a call. */
export namespace log {
  /** What helps to debug the policy. */
  export function debug(message: string): void {
    logWrite(LEVEL_CASE_DEBUG, changetype<usize>(message), message.length);
  }

  /** What an operator may want to know. */
  export function info(message: string): void {
    logWrite(LEVEL_CASE_INFO, changetype<usize>(message), message.length);
  }

  /** What an operator should look at. */
  export function warn(message: string): void {
    logWrite(LEVEL_CASE_WARN, changetype<usize>(message), message.length);
  }
}
