// Requests for tests.

import { Approval, Claim, Hints, Label, Link, Proof, Purpose } from "../question";
import { Budget } from "../budget";
import { Facts } from "./facts";
import { PastCall } from "../history";
import { Request } from "../request";
import { Value } from "../value";
import { valueOfJson } from "../json/memory";
import { toJson } from "../json/write";

/** How many calls of a session the gate keeps. */
const HISTORY_MAX = 64;

/** A request that a test makes. */
export class TestRequest extends Request {
  /** `tools/call` of a tool, without arguments. */
  static tool(name: string): TestRequest {
    return new TestRequest(new Facts("tools/call", name));
  }

  /**
   * Any MCP method, with the tool, prompt or resource that it names. One that
   * lists asks whether the thing may be shown.
   */
  static of(method: string, name: string): TestRequest {
    return new TestRequest(new Facts(method, name));
  }

  private constructor(
    /** What the request says; a test can change it as it likes. */
    readonly facts: Facts,
  ) {
    super();
  }

  /** All arguments, as JSON text. */
  withArguments(json: string): TestRequest {
    this.facts.arguments.put("", json);
    return this;
  }

  /** One argument: text, a number, a boolean or an array of them. Objects on the way are made where they are missing. */
  withArgument<T>(pointer: string, value: T): TestRequest {
    this.facts.arguments.put(pointer, toJson<T>(value));
    return this;
  }

  /** The configured name of the tool server. */
  withServer(server: string): TestRequest {
    this.facts.server = server;
    return this;
  }

  /** The agent that asks. */
  withAgent(id: string): TestRequest {
    this.facts.agent = id;
    return this;
  }

  /** The person or organisation that the agent acts for. */
  withPrincipal(principal: string): TestRequest {
    this.facts.principal = principal;
    return this;
  }

  /** What the credential covers. */
  withScopes(scopes: string[]): TestRequest {
    this.facts.scopes = scopes;
    return this;
  }

  /** A claim of the credential, with its values. */
  withClaim(name: string, values: string[]): TestRequest {
    const others = this.facts.claims;
    const claims: Claim[] = [new Claim(name, values)];
    for (let i = 0; i < others.length; i++) {
      if (others[i].name != name) claims.push(others[i]);
    }
    this.facts.claims = claims.sort((one: Claim, other: Claim): i32 => one.name < other.name ? -1 : 1);
    return this;
  }

  /** What the operator pinned about the tool. */
  withHints(hints: Hints): TestRequest {
    this.facts.hints = hints;
    return this;
  }

  /** Arguments that the operator pinned as targets. */
  withTargets(pointers: string[]): TestRequest {
    this.facts.targets = pointers;
    return this;
  }

  /** Arguments that the operator pinned as contents. */
  withContents(pointers: string[]): TestRequest {
    this.facts.contents = pointers;
    return this;
  }

  /** When the call came, Unix time in milliseconds. */
  atTime(at: u64): TestRequest {
    this.facts.at = at;
    return this;
  }

  /** Labels that earlier calls left on the session. */
  withLabels(names: string[]): TestRequest {
    this.facts.labels = names.slice().sort().map<Label>((name: string): Label => new Label(name));
    return this;
  }

  /** What the session did before, newest first. */
  withHistory(calls: PastCall[]): TestRequest {
    this.facts.history = calls;
    return this;
  }

  /** A budget that the operator set, with what is spent of it under a key. */
  withBudget(name: string, key: string, budget: Budget): TestRequest {
    const budgets = this.facts.budgets;
    if (!budgets.has(name)) budgets.set(name, new Map<string, Budget>());
    budgets.get(name).set(key, budget);
    return this;
  }

  get agent(): string { return this.facts.agent; }
  get issuer(): string { return this.facts.issuer; }
  get principal(): string | null { return this.facts.principal; }
  get owner(): string | null { return this.facts.owner; }
  get chain(): Link[] { return this.facts.chain; }
  get scopes(): string[] { return this.facts.scopes; }
  get proof(): Proof { return this.facts.proof; }
  get expiresAt(): u64 { return this.facts.expiresAt; }
  get claims(): Claim[] { return this.facts.claims; }
  get purpose(): Purpose { return this.facts.purpose; }
  get method(): string { return this.facts.method; }
  get server(): string { return this.facts.server; }
  get name(): string { return this.facts.name; }
  get hints(): Hints { return this.facts.hints; }
  get targets(): string[] { return this.facts.targets; }
  get contents(): string[] { return this.facts.contents; }
  get definition(): string | null { return this.facts.definition; }
  get at(): u64 { return this.facts.at; }
  get decision(): string { return this.facts.decision; }
  get session(): string { return this.facts.session; }
  get labels(): Label[] { return this.facts.labels; }
  get approvals(): Approval[] { return this.facts.approvals; }

  get schema(): Value {
    return valueOfJson(this.facts.schema, this.schemaRefusals());
  }

  get claimed(): Value {
    return valueOfJson(this.facts.claimed, this.claimedRefusals());
  }

  claim(name: string): string[] {
    const claims = this.facts.claims;
    for (let i = 0; i < claims.length; i++) {
      if (claims[i].name == name) return claims[i].values;
    }
    return [];
  }

  hasLabel(name: string): bool {
    const labels = this.facts.labels;
    for (let i = 0; i < labels.length; i++) {
      if (labels[i].name == name) return true;
    }
    return false;
  }

  history(limit: u32): PastCall[] {
    return this.facts.history.slice(0, <i32>min<u32>(limit, HISTORY_MAX));
  }

  budget(name: string, key: string): Budget {
    const budgets = this.facts.budgets;
    if (!budgets.has(name) || !budgets.get(name).has(key)) throw new Error(`no budget ${name} is set for the key ${key}`);
    return budgets.get(name).get(key);
  }

  value(pointer: string): Value {
    return this.facts.arguments.value(this.refusals, pointer);
  }
}
