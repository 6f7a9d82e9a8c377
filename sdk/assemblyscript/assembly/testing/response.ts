// What comes back, for tests.

import { Kind } from "../kind";
import { Memory } from "../json/memory";
import { Response, ResponseKind } from "../response";
import { Tree } from "../json/tree";
import { Value } from "../value";
import { toJson } from "../json/write";

/** What a tool server answers in a test. */
export class TestResponse extends Response {
  /** A result, as the tool server would answer it, as JSON text. */
  static json(json: string): TestResponse {
    return new TestResponse(ResponseKind.Final, json, null);
  }

  /** A result of one text block. */
  static text(text: string): TestResponse {
    return TestResponse.json(`{"content":[{"type":"text","text":${toJson<string>(text)}}]}`);
  }

  /** A protocol error. */
  static error(code: i32, message: string): TestResponse {
    return new TestResponse(ResponseKind.Error, `{"code":${code},"message":${toJson<string>(message)}}`, null);
  }

  /** A message on the way: its method, and its `params` as JSON text. */
  static notification(method: string, json: string): TestResponse {
    return new TestResponse(ResponseKind.Notification, json, method);
  }

  private memory: Memory = new Memory(new Tree(Kind.Object));

  private constructor(
    private shown: ResponseKind,
    json: string,
    private shownMethod: string | null,
  ) {
    super();
    this.memory.put("", json);
  }

  get kind(): ResponseKind {
    return this.shown;
  }

  get notification(): string | null {
    return this.shownMethod;
  }

  get isError(): bool {
    if (this.shown != ResponseKind.Final) return this.shown == ResponseKind.Error;
    const says = this.memory.root.find("isError");
    return says !== null && says.kind == Kind.Boolean && says.bits != 0;
  }

  value(pointer: string): Value {
    return this.memory.value(this.refusals, pointer);
  }
}
