// Requests for tests. Whatever is not said has a harmless default.

import { Action, Context, Hints, Proof, Subject } from "../question";
import { Kind } from "../value";
import { Memory } from "../json/memory";
import { Node } from "../json/node";
import { Past, Request } from "../request";
import { PastCall } from "../history";
import { toJson } from "../json/write";

/** 2026-01-01T00:00:00Z, in milliseconds. */
const NOW: u64 = 1_767_225_600_000;
/** How many calls of a session the gate keeps. */
const HISTORY_MAX = 64;

/** A request that a test makes. Its fields can be changed as the test likes. */
export class TestRequest extends Request {
  /** `tools/call` of a tool, without arguments. */
  static tool(name: string): TestRequest {
    return TestRequest.method("tools/call", name);
  }

  /** Any MCP method, with the tool, prompt or resource that it names. */
  static method(method: string, name: string): TestRequest {
    return new TestRequest(method, name, new Memory(new Node(Kind.Object)), new MemoryPast());
  }

  private constructor(method: string, name: string, private memory: Memory, private calls: MemoryPast) {
    super(
      new Subject(
        "did:example:agent", "did:example:issuer", "user:alice", null, [], ["*:*"], Proof.Bearer, NOW + 3_600_000,
      ),
      new Action(method, "server", name, new Hints()),
      new Context(NOW, "session", [], []),
      memory,
      calls,
    );
  }

  /** All arguments, as JSON text. */
  withArguments(json: string): TestRequest {
    this.memory.put("", json);
    return this;
  }

  /** One argument: text, a number, a boolean or an array of them. Objects on the way are made where they are missing. */
  withArgument<T>(pointer: string, value: T): TestRequest {
    this.memory.put(pointer, toJson<T>(value));
    return this;
  }

  /** The configured name of the tool server. */
  withServer(server: string): TestRequest {
    this.action.server = server;
    return this;
  }

  /** The agent that asks. */
  withAgent(id: string): TestRequest {
    this.subject.id = id;
    return this;
  }

  /** The person or organisation that the agent acts for. */
  withPrincipal(principal: string): TestRequest {
    this.subject.principal = principal;
    return this;
  }

  /** What the credential covers. */
  withScopes(scopes: string[]): TestRequest {
    this.subject.scopes = scopes;
    return this;
  }

  /** Labels that earlier calls left on the session. */
  withLabels(labels: string[]): TestRequest {
    this.context.labels = labels.slice().sort();
    return this;
  }

  /** What the session did before, newest first. */
  withHistory(calls: PastCall[]): TestRequest {
    this.calls.calls = calls;
    return this;
  }
}

class MemoryPast extends Past {
  calls: PastCall[] = [];

  recent(limit: u32): PastCall[] {
    return this.calls.slice(0, <i32>min<u32>(limit, HISTORY_MAX));
  }
}
