// What a reviewer looks at.

import * as abi from "./abi/layout";
import { Document } from "./document";
import { GateValue } from "./abi/value";
import { ResponseSource } from "./abi/source";
import { Value } from "./value";
import { area } from "./abi/area";
import { liftText } from "./abi/lift";

/** What a reviewer is shown. */
export enum ResponseKind {
  /** The `result` of the answer. */
  Final,
  /** The `error` of the answer: a protocol error, with `code` and `message`. */
  Error,
  /** The `params` of a message on the way. A call may have any number of them before its answer, or no answer. */
  Notification,
}

/** What came back of a call that went ahead. */
export class Response extends Document {
  private source: ResponseSource = new ResponseSource();

  constructor() {
    super("result");
  }

  /** What it is. */
  get kind(): ResponseKind {
    abi.responseKind(area);
    switch (<u32>load<u8>(area)) {
      case abi.RESPONSE_KIND_CASE_FINAL: return ResponseKind.Final;
      case abi.RESPONSE_KIND_CASE_ERROR: return ResponseKind.Error;
      case abi.RESPONSE_KIND_CASE_NOTIFICATION: return ResponseKind.Notification;
    }
    throw new Error("a kind of response that the contract does not have");
  }

  /** The method of a notification; null for everything else. */
  get notification(): string | null {
    abi.responseKind(area);
    const isNotification = load<u8>(area) == abi.RESPONSE_KIND_CASE_NOTIFICATION;
    return isNotification ? liftText(area + abi.RESPONSE_KIND_PAYLOAD) : null;
  }

  /** Whether the tool reported an error: `isError` in the result, or a protocol error. */
  get isError(): bool {
    return abi.responseIsError() != 0;
  }

  /** The value at a JSON Pointer. */
  value(pointer: string): Value {
    return GateValue.at(this.refusals, this.source, pointer);
  }
}
