// Requests and responses that come from the gate.

import * as imports from "./imports";
import { Document, Source } from "../document";
import { Past, Request } from "../request";
import { PastCall } from "../history";
import { Response } from "../response";
import { Value } from "../value";
import { liftAction, liftContext, liftOptionalText, liftPastCalls, liftSubject, liftTexts, liftValue } from "./lift";

/** The request whose record is at a place. */
export function liftRequest(at: usize): Request {
  return new Request(
    liftSubject(at),
    liftAction(at + 72),
    liftContext(at + 104),
    new GateArguments(),
    new GatePast(),
  );
}

/** The response of the call that is reviewed. */
export function responseOfThisCall(): Response {
  return new Response(new GateResult(), imports.isError() != 0);
}

/** Where imports write their results: 24 bytes, as `option<value>` needs. */
const result: usize = memory.data(24, 8);

class GateArguments extends Source {
  value(document: Document, pointer: string): Value {
    imports.getArgument(changetype<usize>(pointer), pointer.length, result);
    return liftValue(result, document, pointer);
  }

  keys(pointer: string): string[] {
    imports.argumentKeys(changetype<usize>(pointer), pointer.length, result);
    return liftTexts(result);
  }

  json(pointer: string): string | null {
    imports.argumentJson(changetype<usize>(pointer), pointer.length, result);
    return liftOptionalText(result);
  }
}

class GateResult extends Source {
  value(document: Document, pointer: string): Value {
    imports.getResult(changetype<usize>(pointer), pointer.length, result);
    return liftValue(result, document, pointer);
  }

  keys(pointer: string): string[] {
    imports.resultKeys(changetype<usize>(pointer), pointer.length, result);
    return liftTexts(result);
  }

  json(pointer: string): string | null {
    imports.resultJson(changetype<usize>(pointer), pointer.length, result);
    return liftOptionalText(result);
  }
}

class GatePast extends Past {
  recent(limit: u32): PastCall[] {
    imports.recentCalls(limit, result);
    return liftPastCalls(result);
  }
}
