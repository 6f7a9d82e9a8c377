// From the canonical ABI's memory layout to objects; strings are UTF-16, the
// language's own.

import * as layout from "./layout";
import { Approval, Claim, Hints, Label, Link, Proof } from "../question";
import { Budget } from "../budget";
import { Outcome, PastCall } from "../history";

/** `string`: its place and its length. `realloc` made a string object there. */
export function liftText(at: usize): string {
  return textAt(load<usize>(at, layout.STRING_DATA), load<u32>(at, layout.STRING_LENGTH));
}

/** A string whose place and length are known. */
export function textAt(place: usize, length: u32): string {
  return length == 0 ? "" : changetype<string>(place);
}

/** `option<string>`. */
export function liftOptionalText(at: usize): string | null {
  if (load<u8>(at) == layout.OPTION_STRING_CASE_NONE) return null;
  return liftText(at + layout.OPTION_STRING_PAYLOAD);
}

/** `list<string>`. */
export function liftTexts(at: usize): string[] {
  return liftList<string>(at, layout.STRING_SIZE, liftText);
}

/** `option<node>`: the handle, or 0, which is none. */
export function liftHandle(at: usize): u32 {
  return load<u8>(at) == layout.OPTION_NODE_CASE_NONE ? 0 : load<u32>(at, layout.OPTION_NODE_PAYLOAD);
}

/** `list<node>`. */
export function liftHandles(at: usize): u32[] {
  return liftList<u32>(at, layout.NODE_SIZE, (handle: usize): u32 => load<u32>(handle));
}

/** `list<link>`. */
export function liftLinks(at: usize): Link[] {
  return liftList<Link>(at, layout.LINK_SIZE, (link: usize): Link => new Link(
    liftText(link + layout.LINK_ID),
    liftOptionalText(link + layout.LINK_ISSUER),
  ));
}

/** `list<credential-claim>`. */
export function liftClaims(at: usize): Claim[] {
  return liftList<Claim>(at, layout.CREDENTIAL_CLAIM_SIZE, (claim: usize): Claim => new Claim(
    liftText(claim + layout.CREDENTIAL_CLAIM_NAME),
    liftTexts(claim + layout.CREDENTIAL_CLAIM_VALUES),
  ));
}

/** `list<label>`. */
export function liftLabels(at: usize): Label[] {
  return liftList<Label>(at, layout.LABEL_SIZE, (label: usize): Label => new Label(
    liftText(label + layout.LABEL_NAME),
    liftOptionalText(label + layout.LABEL_SOURCE),
    load<u8>(label, layout.LABEL_AT) != layout.OPTION_U64_CASE_NONE,
    load<u8>(label, layout.LABEL_AT) == layout.OPTION_U64_CASE_NONE
      ? 0
      : load<u64>(label, layout.LABEL_AT + layout.OPTION_U64_PAYLOAD),
  ));
}

/** `list<approval>`. */
export function liftApprovals(at: usize): Approval[] {
  return liftList<Approval>(at, layout.APPROVAL_SIZE, (approval: usize): Approval => new Approval(
    liftText(approval + layout.APPROVAL_BY),
    liftTexts(approval + layout.APPROVAL_ROLES),
    load<u64>(approval, layout.APPROVAL_AT),
    liftText(approval + layout.APPROVAL_METHOD),
  ));
}

/** `list<past-call>`. */
export function liftPastCalls(at: usize): PastCall[] {
  return liftList<PastCall>(at, layout.PAST_CALL_SIZE, (call: usize): PastCall => new PastCall(
    liftText(call + layout.PAST_CALL_ID),
    load<u64>(call, layout.PAST_CALL_AT),
    liftText(call + layout.PAST_CALL_METHOD),
    liftText(call + layout.PAST_CALL_SERVER),
    liftText(call + layout.PAST_CALL_NAME),
    liftOutcome(load<u8>(call, layout.PAST_CALL_OUTCOME)),
    liftOptionalText(call + layout.PAST_CALL_REASON),
  ));
}

/** `reading`. */
export function liftBudget(at: usize): Budget {
  return new Budget(
    load<u64>(at, layout.READING_LIMIT),
    load<u32>(at, layout.READING_WINDOW_SECONDS),
    load<u64>(at, layout.READING_SPENT),
  );
}

/** `hint-set`. */
export function liftHints(flags: u32): Hints {
  return new Hints(
    (flags & layout.HINT_SET_READ_ONLY) != 0,
    (flags & layout.HINT_SET_DESTRUCTIVE) != 0,
    (flags & layout.HINT_SET_IDEMPOTENT) != 0,
    (flags & layout.HINT_SET_OPEN_WORLD) != 0,
    (flags & layout.HINT_SET_UNTRUSTED) != 0,
    (flags & layout.HINT_SET_SENSITIVE) != 0,
  );
}

/** `proof-kind`. */
export function liftProof(proof: u32): Proof {
  switch (proof) {
    case layout.PROOF_KIND_CASE_NONE: return Proof.None;
    case layout.PROOF_KIND_CASE_BEARER: return Proof.Bearer;
    case layout.PROOF_KIND_CASE_SENDER: return Proof.Sender;
    case layout.PROOF_KIND_CASE_CALL: return Proof.Call;
    default: throw new Error("a proof that the contract does not have");
  }
}

/** `outcome`. */
function liftOutcome(outcome: u32): Outcome {
  switch (outcome) {
    case layout.OUTCOME_CASE_ALLOWED: return Outcome.Allowed;
    case layout.OUTCOME_CASE_DENIED: return Outcome.Denied;
    case layout.OUTCOME_CASE_HELD: return Outcome.Held;
    case layout.OUTCOME_CASE_FAILED: return Outcome.Failed;
    case layout.OUTCOME_CASE_PENDING: return Outcome.Pending;
    default: throw new Error("an outcome that the contract does not have");
  }
}

/** A list whose elements have a size each. */
function liftList<T>(at: usize, size: u32, lift: (at: usize) => T): T[] {
  const place = load<usize>(at, layout.LIST_DATA);
  const elements = new Array<T>(load<i32>(at, layout.LIST_LENGTH));
  for (let i = 0; i < elements.length; i++) elements[i] = lift(place + <usize>i * size);
  return elements;
}
