// Results for tests.

import { Kind } from "../value";
import { Memory } from "../json/memory";
import { Node } from "../json/node";
import { Response } from "../response";
import { toJson } from "../json/write";

/** A result that a test makes. */
export class TestResponse {
  /** A result, as the tool server would answer it, as JSON text. */
  static json(json: string): Response {
    const memory = new Memory(new Node(Kind.Object));
    memory.put("", json);
    const isError = memory.root.find("isError");
    return new Response(memory, isError !== null && isError.kind == Kind.Boolean && isError.bits != 0);
  }

  /** A result of one text block. */
  static text(text: string): Response {
    return TestResponse.json(`{"content":[{"type":"text","text":${toJson<string>(text)}}]}`);
  }
}
