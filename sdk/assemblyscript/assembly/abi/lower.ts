// From objects to the canonical ABI's memory layout. The offsets are those of
// the variants and records in `wit/policy.wit`. Nothing is given back: every call
// has an instance of its own.

import { Edit } from "../edit";
import { Finding } from "../finding";
import { Obligation, ObligationKind } from "../obligation";
import { Verdict, VerdictKind } from "../verdict";

/** `result<_, string>`, 12 bytes. */
export function lowerConfigured(error: string | null): usize {
  const at = heap.alloc(12);
  store<u8>(at, error === null ? 0 : 1);
  if (error !== null) lowerText(at + 4, error);
  return at;
}

/** `verdict`, 36 bytes. */
export function lowerVerdict(verdict: Verdict): usize {
  const at = heap.alloc(36);
  store<u8>(at, <u8>verdict.kind);
  if (verdict.kind == VerdictKind.Allow) {
    lowerObligations(at + 4, verdict.obligations);
  } else if (verdict.kind == VerdictKind.Deny) {
    const denial = verdict.denial!;
    store<u8>(at, <u8>denial.refusal, 4);
    lowerText(at + 8, denial.message);
    lowerTexts(at + 16, denial.scopes);
  } else if (verdict.kind == VerdictKind.Ask) {
    const approval = verdict.approval!;
    lowerText(at + 4, approval.title);
    lowerText(at + 12, approval.reason);
    lowerTexts(at + 20, approval.roles);
    store<u8>(at, approval.quorum, 28);
    store<u32>(at, approval.ttlSeconds, 32);
  }
  return at;
}

/** `result<list<edit>, string>`, 12 bytes. */
export function lowerRevision(edits: Edit[], error: string | null): usize {
  const at = lowerConfigured(error);
  if (error === null) lowerEdits(at + 4, edits);
  return at;
}

/** `finding`, 20 bytes. */
export function lowerFinding(finding: Finding): usize {
  const at = heap.alloc(20);
  const blocked = finding.blocked;
  store<u8>(at, blocked === null ? 0 : 1);
  if (blocked !== null) {
    lowerText(at + 4, blocked);
  } else {
    lowerEdits(at + 4, finding.edits);
    lowerTexts(at + 12, finding.labels);
  }
  return at;
}

/** `list<obligation>`, 40 bytes each. */
function lowerObligations(at: usize, obligations: Obligation[]): void {
  const place = lowerList(at, obligations.length, 40);
  for (let i = 0; i < obligations.length; i++) {
    const obligation = obligations[i];
    const to = place + <usize>i * 40;
    store<u8>(to, <u8>obligation.kind);
    if (obligation.kind == ObligationKind.Charge) {
      const quota = obligation.quota!;
      lowerText(to + 8, quota.key);
      store<u64>(to, quota.cost, 16);
      store<u64>(to, quota.limit, 24);
      store<u32>(to, quota.windowSeconds, 32);
    } else if (obligation.kind == ObligationKind.LimitResult) {
      store<u64>(to, obligation.bytesMax, 8);
    } else {
      lowerTexts(to + 8, obligation.names);
    }
  }
}

/** `list<edit>`, 20 bytes each. */
function lowerEdits(at: usize, edits: Edit[]): void {
  const place = lowerList(at, edits.length, 20);
  for (let i = 0; i < edits.length; i++) {
    const to = place + <usize>i * 20;
    const json = edits[i].json;
    lowerText(to, edits[i].pointer);
    store<u8>(to, json === null ? 0 : 1, 8);
    if (json !== null) lowerText(to + 12, json);
  }
}

/** `list<string>`. */
function lowerTexts(at: usize, texts: string[]): void {
  const place = lowerList(at, texts.length, 8);
  for (let i = 0; i < texts.length; i++) lowerText(place + <usize>i * 8, texts[i]);
}

/** A list's place and length; gives the place, whose content is to be written. */
function lowerList(at: usize, count: i32, bytes: i32): usize {
  const place = heap.alloc(<usize>count * bytes);
  store<usize>(at, place);
  store<i32>(at, count, 4);
  return place;
}

/** `string`: a string object is laid out as the ABI wants it. */
function lowerText(at: usize, text: string): void {
  store<usize>(at, changetype<usize>(text));
  store<i32>(at, text.length, 4);
}
