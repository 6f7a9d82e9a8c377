// What a test says about a call. Whatever is not said has a harmless default.

import { Approval, Claim, Hints, Label, Link, Proof, Purpose } from "../question";
import { Budget } from "../budget";
import { Kind } from "../kind";
import { Memory } from "../json/memory";
import { PastCall } from "../history";
import { Tree } from "../json/tree";

/** 2026-01-01T00:00:00Z, in milliseconds. */
const NOW: u64 = 1_767_225_600_000;

/** All that a policy can ask about. */
export class Facts {
  agent: string = "did:example:agent";
  issuer: string = "did:example:issuer";
  principal: string | null = "user:alice";
  owner: string | null = null;
  chain: Link[] = [];
  scopes: string[] = ["*:*"];
  proof: Proof = Proof.Bearer;
  expiresAt: u64 = NOW + 3_600_000;
  /** Sorted by name. */
  claims: Claim[] = [];
  purpose: Purpose;
  server: string = "server";
  hints: Hints = new Hints();
  targets: string[] = [];
  contents: string[] = [];
  definition: string | null = null;
  /** As JSON text. */
  schema: string | null = null;
  /** As JSON text. */
  claimed: string | null = null;
  at: u64 = NOW;
  decision: string = "decision";
  session: string = "session";
  labels: Label[] = [];
  approvals: Approval[] = [];
  arguments: Memory = new Memory(new Tree(Kind.Object));
  /** Newest first. */
  history: PastCall[] = [];
  /** What is spent, by name and key. */
  budgets: Map<string, Map<string, Budget>> = new Map();

  constructor(public method: string, public name: string) {
    this.purpose = method.endsWith("/list") ? Purpose.Listing : Purpose.Call;
  }
}
