// What a policy is asked, fact by fact.

import * as abi from "./abi/layout";
import { Approval, Claim, Hints, Label, Link, Proof, Purpose } from "./question";
import { ArgumentsSource } from "./abi/source";
import { Budget } from "./budget";
import { Document } from "./document";
import { GateValue } from "./abi/value";
import { PastCall } from "./history";
import { Refusals } from "./refusals";
import { Value } from "./value";
import { area } from "./abi/area";
import {
  liftApprovals, liftBudget, liftClaims, liftHints, liftLabels, liftLinks, liftOptionalText, liftPastCalls, liftProof, liftText,
  liftTexts,
} from "./abi/lift";

/**
 * One call. Whatever is asked about it is read from the gate then, and costs
 * nothing before; keep in a variable what is needed twice.
 *
 * Arguments are the `arguments` of `tools/call` and `prompts/get`, the `params` of
 * every other method.
 */
export class Request extends Document {
  private source: ArgumentsSource = new ArgumentsSource();

  constructor() {
    super("argument");
  }

  /** Stable id of the agent: a DID, a SPIFFE id, an OAuth client id. */
  get agent(): string {
    abi.callerId(area);
    return liftText(area);
  }

  /** Who issued the credential. */
  get issuer(): string {
    abi.callerIssuer(area);
    return liftText(area);
  }

  /** The person or organisation that the agent acts for. */
  get principal(): string | null {
    abi.callerPrincipal(area);
    return liftOptionalText(area);
  }

  /** The accountable owner, as the agent registry of the gate has it. */
  get owner(): string | null {
    abi.callerOwner(area);
    return liftOptionalText(area);
  }

  /** Every agent between the principal and this one, nearest the principal first. */
  get chain(): Link[] {
    abi.callerChain(area);
    return liftLinks(area);
  }

  /** What the credential covers, for example `files:read_*`. */
  get scopes(): string[] {
    abi.callerScopes(area);
    return liftTexts(area);
  }

  /** How strongly the caller proved that it holds the credential. */
  get proof(): Proof {
    return liftProof(abi.callerProof());
  }

  /** When the credential ends. Unix time, milliseconds. */
  get expiresAt(): u64 {
    return abi.callerExpiresAt();
  }

  /** The claims of the credential that the operator lets policies see: groups, roles, a tenant. Sorted by name. */
  get claims(): Claim[] {
    abi.callerClaims(area);
    return liftClaims(area);
  }

  /** The values of the claim of this name; empty where there is none. */
  claim(name: string): string[] {
    abi.callerClaim(changetype<usize>(name), name.length, area);
    return liftTexts(area);
  }

  /** Why the policy is asked. */
  get purpose(): Purpose {
    return abi.actionPurpose() == abi.PURPOSE_KIND_CASE_LISTING ? Purpose.Listing : Purpose.Call;
  }

  /**
   * Whether this asks if a tool, prompt or resource may be shown in a list, and
   * not if it may be used. There are no arguments then; a denial hides the entry,
   * and no allow is needed to show it.
   */
  get isListing(): bool {
    return this.purpose == Purpose.Listing;
  }

  /** The MCP method, for example `tools/call` or `tools/list`. */
  get method(): string {
    abi.actionMethod(area);
    return liftText(area);
  }

  /** The configured name of the tool server. */
  get server(): string {
    abi.actionServer(area);
    return liftText(area);
  }

  /** The tool or prompt name, or the resource URI; empty for methods that name nothing. */
  get name(): string {
    abi.actionName(area);
    return liftText(area);
  }

  /** What the operator pinned about the tool. */
  get hints(): Hints {
    return liftHints(abi.actionHints());
  }

  /** Arguments that the operator pinned as what the tool works on, or where it sends: JSON Pointers. */
  get targets(): string[] {
    abi.actionTargets(area);
    return liftTexts(area);
  }

  /** Arguments that the operator pinned as handed on as they are: JSON Pointers. */
  get contents(): string[] {
    abi.actionContents(area);
    return liftTexts(area);
  }

  /** Digest of the tool's definition that is pinned, if any. */
  get definition(): string | null {
    abi.actionDefinition(area);
    return liftOptionalText(area);
  }

  /** The JSON Schema of the arguments that is pinned, if any. */
  get schema(): Value {
    abi.actionSchema(area);
    return GateValue.root(this.schemaRefusals());
  }

  /** What the tool server says about the tool itself, if it was seen in a list; worth no more than the server is trusted. */
  get claimed(): Value {
    abi.actionClaimed(area);
    return GateValue.root(this.claimedRefusals());
  }

  /** When the gate received the call. Unix time, milliseconds. */
  get at(): u64 {
    return abi.contextAt();
  }

  /** Id of the decision to come. Unique; do not decide by it. */
  get decision(): string {
    abi.contextDecision(area);
    return liftText(area);
  }

  /** Groups the calls of one agent, for one principal, at one task. */
  get session(): string {
    abi.contextSession(area);
    return liftText(area);
  }

  /** Labels that earlier calls of this session left behind, sorted by name. */
  get labels(): Label[] {
    abi.contextLabels(area);
    return liftLabels(area);
  }

  /** Whether the session carries a label of this name. */
  hasLabel(name: string): bool {
    return abi.contextHasLabel(changetype<usize>(name), name.length) != 0;
  }

  /** Who approved this call already. */
  get approvals(): Approval[] {
    abi.contextApprovals(area);
    return liftApprovals(area);
  }

  /** The latest calls of the session, newest first, at most `limit`; the gate keeps the last 64. */
  history(limit: u32): PastCall[] {
    abi.historyRecent(limit, area);
    return liftPastCalls(area);
  }

  /**
   * A budget that the operator set for the binding under this name, as it is charged under a key.
   * A name that is not set is a fault. What others spend meanwhile is not in it: a charge keeps a
   * call within its budget.
   */
  budget(name: string, key: string): Budget {
    abi.budgetRead(changetype<usize>(name), name.length, changetype<usize>(key), key.length, area);
    return liftBudget(area);
  }

  /** The argument at a JSON Pointer. */
  argument(pointer: string): Value {
    return this.value(pointer);
  }

  /** The argument at a JSON Pointer. */
  value(pointer: string): Value {
    return GateValue.at(this.refusals, this.source, pointer);
  }

  /** What cannot be read there refuses the call, as what cannot be read in the arguments. */
  protected schemaRefusals(): Refusals {
    return new Refusals("schema's value", this.refusals);
  }

  /** As for the schema. */
  protected claimedRefusals(): Refusals {
    return new Refusals("claimed value", this.refusals);
  }
}
