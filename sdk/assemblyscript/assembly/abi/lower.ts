// From objects to the canonical ABI's memory layout. Nothing is given back: every
// call has an instance of its own.

import * as layout from "./layout";
import { Ask } from "../ask";
import { Charge } from "../charge";
import { Denial, Refusal } from "../denial";
import { Description, Powers, Rule } from "../description";
import { Edit } from "../edit";
import { Note } from "../note";
import { Obligation, ObligationKind } from "../obligation";
import { Opinion, Verdict } from "../opinion";
import { Report } from "../report";
import { Revision } from "../revision";
import { SettingsError } from "../settings";

/** `description`. */
export function lowerDescription(description: Description): usize {
  const at = heap.alloc(layout.DESCRIPTION_SIZE);
  lowerOptionalText(at + layout.DESCRIPTION_SETTINGS_SCHEMA, description.settingsSchema);
  store<u16>(at, lowerPowers(description.powers), layout.DESCRIPTION_POWERS);
  lowerList<Rule>(at + layout.DESCRIPTION_RULES, description.rules, layout.RULE_SIZE, lowerRule);
  return at;
}

/** `result<_, settings-error>`. */
export function lowerConfigured(error: SettingsError | null): usize {
  const at = heap.alloc(layout.RESULT_NONE_SETTINGS_ERROR_SIZE);
  if (error === null) {
    store<u8>(at, layout.RESULT_NONE_SETTINGS_ERROR_CASE_OK);
  } else {
    store<u8>(at, layout.RESULT_NONE_SETTINGS_ERROR_CASE_ERR);
    const payload = at + layout.RESULT_NONE_SETTINGS_ERROR_PAYLOAD;
    lowerText(payload + layout.SETTINGS_ERROR_POINTER, error.pointer);
    lowerText(payload + layout.SETTINGS_ERROR_MESSAGE, error.message);
  }
  return at;
}

/** `opinion`. */
export function lowerOpinion(opinion: Opinion): usize {
  const at = heap.alloc(layout.OPINION_SIZE);
  lowerVerdict(at + layout.OPINION_VERDICT, opinion);
  lowerList<Obligation>(
    at + layout.OPINION_OBLIGATIONS, opinion.obligations, layout.OBLIGATION_SIZE, lowerObligation,
  );
  lowerNotes(at + layout.OPINION_NOTES, opinion.notes);
  return at;
}

/** `result<revision, string>`. */
export function lowerRevised(revision: Revision, error: string | null): usize {
  const at = heap.alloc(layout.RESULT_REVISION_STRING_SIZE);
  const payload = at + layout.RESULT_REVISION_STRING_PAYLOAD;
  if (error === null) {
    store<u8>(at, layout.RESULT_REVISION_STRING_CASE_OK);
    lowerEdits(payload + layout.REVISION_EDITS, revision.edits);
    lowerNotes(payload + layout.REVISION_NOTES, revision.notes);
  } else {
    store<u8>(at, layout.RESULT_REVISION_STRING_CASE_ERR);
    lowerText(payload, error);
  }
  return at;
}

/** `report`. */
export function lowerReport(report: Report): usize {
  const at = heap.alloc(layout.REPORT_SIZE);
  const finding = at + layout.REPORT_FINDING;
  const blocked = report.blocked;
  if (blocked === null) {
    store<u8>(finding, layout.FINDING_CASE_PASS);
    lowerEdits(finding + layout.FINDING_PAYLOAD, report.edits);
  } else {
    store<u8>(finding, layout.FINDING_CASE_BLOCK);
    lowerText(finding + layout.FINDING_PAYLOAD, blocked);
  }
  lowerTexts(at + layout.REPORT_LABELS, report.labels);
  lowerList<Charge>(at + layout.REPORT_CHARGES, report.charges, layout.CHARGE_SIZE, lowerCharge);
  lowerNotes(at + layout.REPORT_NOTES, report.notes);
  return at;
}

/** `verdict`. */
function lowerVerdict(at: usize, opinion: Opinion): void {
  const payload = at + layout.VERDICT_PAYLOAD;
  switch (opinion.verdict) {
    case Verdict.Abstain: return store<u8>(at, layout.VERDICT_CASE_ABSTAIN);
    case Verdict.Allow: return store<u8>(at, layout.VERDICT_CASE_ALLOW);
    case Verdict.Deny: {
      store<u8>(at, layout.VERDICT_CASE_DENY);
      return lowerDenial(payload, opinion.denial!);
    }
    case Verdict.Ask: {
      store<u8>(at, layout.VERDICT_CASE_ASK);
      return lowerAsk(payload, opinion.question!);
    }
  }
  unreachable();
}

/** `denial`. */
function lowerDenial(at: usize, denial: Denial): void {
  store<u8>(at, lowerRefusal(denial.refusal), layout.DENIAL_REFUSAL);
  lowerText(at + layout.DENIAL_MESSAGE, denial.message);
  lowerTexts(at + layout.DENIAL_SCOPES, denial.scopes);
}

/** `refusal`. */
function lowerRefusal(refusal: Refusal): u32 {
  switch (refusal) {
    case Refusal.Forbidden: return layout.REFUSAL_CASE_FORBIDDEN;
    case Refusal.InsufficientScope: return layout.REFUSAL_CASE_INSUFFICIENT_SCOPE;
    case Refusal.InvalidArguments: return layout.REFUSAL_CASE_INVALID_ARGUMENTS;
    case Refusal.UnsafeContext: return layout.REFUSAL_CASE_UNSAFE_CONTEXT;
  }
  throw new Error("a refusal that the contract does not have");
}

/** `ask`. */
function lowerAsk(at: usize, ask: Ask): void {
  lowerText(at + layout.ASK_TITLE, ask.title);
  lowerText(at + layout.ASK_REASON, ask.reason);
  lowerTexts(at + layout.ASK_SHOW, ask.show);
  lowerTexts(at + layout.ASK_ROLES, ask.roles);
  store<u8>(at, ask.quorum, layout.ASK_QUORUM);
  store<u8>(at, ask.excludeRequester ? 1 : 0, layout.ASK_EXCLUDE_REQUESTER);
  lowerTexts(at + layout.ASK_EXCLUDE, ask.exclude);
  store<u32>(at, ask.decideWithinSeconds, layout.ASK_DECIDE_WITHIN_SECONDS);
  store<u32>(at, ask.useWithinSeconds, layout.ASK_USE_WITHIN_SECONDS);
}

/** `obligation`. */
function lowerObligation(at: usize, obligation: Obligation): void {
  const payload = at + layout.OBLIGATION_PAYLOAD;
  switch (obligation.kind) {
    case ObligationKind.Charge: {
      store<u8>(at, layout.OBLIGATION_CASE_CHARGE);
      return lowerCharge(payload, obligation.cost!);
    }
    case ObligationKind.Label: {
      store<u8>(at, layout.OBLIGATION_CASE_LABEL);
      return lowerTexts(payload, obligation.names);
    }
    case ObligationKind.Declassify: {
      store<u8>(at, layout.OBLIGATION_CASE_DECLASSIFY);
      return lowerTexts(payload, obligation.names);
    }
    case ObligationKind.Redact: {
      store<u8>(at, layout.OBLIGATION_CASE_REDACT);
      return lowerTexts(payload, obligation.names);
    }
    case ObligationKind.LimitResult: {
      store<u8>(at, layout.OBLIGATION_CASE_LIMIT_RESULT);
      return store<u64>(payload, obligation.bytesMax);
    }
  }
  unreachable();
}

/** `charge`. */
function lowerCharge(at: usize, charge: Charge): void {
  const limit = at + layout.CHARGE_LIMIT;
  const budget = charge.budget;
  lowerText(at + layout.CHARGE_KEY, charge.key);
  store<u64>(at, charge.cost, layout.CHARGE_COST);
  if (budget === null) {
    store<u8>(limit, layout.LIMIT_CASE_FIXED);
    store<u64>(limit, charge.limit, layout.LIMIT_PAYLOAD + layout.WINDOW_LIMIT_LIMIT);
    store<u32>(limit, charge.windowSeconds, layout.LIMIT_PAYLOAD + layout.WINDOW_LIMIT_WINDOW_SECONDS);
  } else {
    store<u8>(limit, layout.LIMIT_CASE_SET);
    lowerText(limit + layout.LIMIT_PAYLOAD, budget);
  }
  const onFailure = charge.isRefunded ? layout.ON_FAILURE_CASE_REFUND : layout.ON_FAILURE_CASE_KEEP;
  store<u8>(at, onFailure, layout.CHARGE_ON_FAILURE);
}

/** `list<note>`. */
function lowerNotes(at: usize, notes: Note[]): void {
  lowerList<Note>(at, notes, layout.NOTE_SIZE, (to: usize, note: Note): void => {
    lowerText(to + layout.NOTE_RULE, note.rule);
    lowerText(to + layout.NOTE_TEXT, note.text);
  });
}

/** `list<edit>`. */
function lowerEdits(at: usize, edits: Edit[]): void {
  lowerList<Edit>(at, edits, layout.EDIT_SIZE, (to: usize, edit: Edit): void => {
    lowerText(to + layout.EDIT_POINTER, edit.pointer);
    lowerOptionalText(to + layout.EDIT_JSON, edit.json);
  });
}

/** `rule`. */
function lowerRule(at: usize, rule: Rule): void {
  lowerText(at + layout.RULE_ID, rule.id);
  lowerText(at + layout.RULE_TITLE, rule.title);
}

/** `powers`. */
function lowerPowers(powers: Powers): u16 {
  let flags: u32 = 0;
  if ((powers & Powers.Allow) != 0) flags |= layout.POWERS_ALLOW;
  if ((powers & Powers.Deny) != 0) flags |= layout.POWERS_DENY;
  if ((powers & Powers.Ask) != 0) flags |= layout.POWERS_ASK;
  if ((powers & Powers.Charge) != 0) flags |= layout.POWERS_CHARGE;
  if ((powers & Powers.Label) != 0) flags |= layout.POWERS_LABEL;
  if ((powers & Powers.Declassify) != 0) flags |= layout.POWERS_DECLASSIFY;
  if ((powers & Powers.Redact) != 0) flags |= layout.POWERS_REDACT;
  if ((powers & Powers.LimitResult) != 0) flags |= layout.POWERS_LIMIT_RESULT;
  if ((powers & Powers.Edit) != 0) flags |= layout.POWERS_EDIT;
  if ((powers & Powers.Block) != 0) flags |= layout.POWERS_BLOCK;
  return <u16>flags;
}

/** `list<string>`. */
function lowerTexts(at: usize, texts: string[]): void {
  lowerList<string>(at, texts, layout.STRING_SIZE, lowerText);
}

/** `option<string>`. */
function lowerOptionalText(at: usize, text: string | null): void {
  if (text === null) return store<u8>(at, layout.OPTION_STRING_CASE_NONE);
  store<u8>(at, layout.OPTION_STRING_CASE_SOME);
  lowerText(at + layout.OPTION_STRING_PAYLOAD, text);
}

/** `string`: a string object is laid out as the ABI wants it. */
function lowerText(at: usize, text: string): void {
  store<usize>(at, changetype<usize>(text), layout.STRING_DATA);
  store<i32>(at, text.length, layout.STRING_LENGTH);
}

/** A list whose elements have a size each. */
function lowerList<T>(at: usize, elements: T[], size: u32, lower: (at: usize, element: T) => void): void {
  const place = heap.alloc(<usize>elements.length * size);
  store<usize>(at, place, layout.LIST_DATA);
  store<i32>(at, elements.length, layout.LIST_LENGTH);
  for (let i = 0; i < elements.length; i++) lower(place + <usize>i * size, elements[i]);
}
