// The documents of the gate.

import * as layout from "./layout";
import { area } from "./area";
import { liftHandle, liftOptionalText } from "./lift";

/** A document that the gate holds. */
export abstract class Source {
  /** The handle of the whole, once it was needed. */
  private whole: u32 = 0;

  /** Makes the gate write the `option<value>` at a pointer into the area. */
  abstract find(pointer: string): void;
  /** The JSON text at a pointer. */
  abstract json(pointer: string): string | null;
  /** A handle of the whole, which is the caller's. */
  protected abstract open(): u32;

  /** A handle of what stands at a pointer, which is the caller's; 0 where there is nothing. */
  handle(pointer: string): u32 {
    if (pointer.length == 0) return this.open();
    if (this.whole == 0) this.whole = this.open();
    layout.nodeGet(this.whole, changetype<usize>(pointer), pointer.length, area);
    return liftHandle(area);
  }
}

/** The arguments of the call. */
export class ArgumentsSource extends Source {
  find(pointer: string): void {
    layout.argumentsGet(changetype<usize>(pointer), pointer.length, area);
  }

  json(pointer: string): string | null {
    layout.argumentsJson(changetype<usize>(pointer), pointer.length, area);
    return liftOptionalText(area);
  }

  protected open(): u32 {
    return layout.argumentsRoot();
  }
}

/** What came back of the call. */
export class ResponseSource extends Source {
  find(pointer: string): void {
    layout.responseGet(changetype<usize>(pointer), pointer.length, area);
  }

  json(pointer: string): string | null {
    layout.responseJson(changetype<usize>(pointer), pointer.length, area);
    return liftOptionalText(area);
  }

  protected open(): u32 {
    return layout.responseRoot();
  }
}
