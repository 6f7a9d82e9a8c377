// What a policy can see, as text.

import { Action, Context, Kind, Outcome, PastCall, Proof, Subject, Value } from "@gatewright/assemblyscript";

export function valueText(value: Value): string {
  switch (value.kind) {
    case Kind.Missing: return "missing";
    case Kind.Null: return "null";
    case Kind.Boolean: return value.boolean() ? "boolean true" : "boolean false";
    case Kind.Integer: return `integer ${value.integer()}`;
    case Kind.Number: return `number ${value.digits}`;
    case Kind.Text: return `text ${value.text()}`;
    case Kind.Array: return `array ${value.length}`;
    default: return `object ${value.length}`;
  }
}

export function subjectText(subject: Subject): string {
  return [
    subject.id,
    subject.issuer,
    subject.principal || "-",
    subject.owner || "-",
    subject.delegation.join(","),
    subject.scopes.join(","),
    proofName(subject.proof),
    subject.expiresAt.toString(),
  ].join("|");
}

export function actionText(action: Action): string {
  const hints: string[] = [];
  if (action.hints.readOnly) hints.push("read-only");
  if (action.hints.destructive) hints.push("destructive");
  if (action.hints.idempotent) hints.push("idempotent");
  if (action.hints.openWorld) hints.push("open-world");
  return [action.method, action.server, action.name, hints.join(",")].join("|");
}

export function contextText(context: Context): string {
  return [context.at.toString(), context.session, context.labels.join(","), context.approvers.join(",")].join("|");
}

export function historyText(calls: PastCall[]): string {
  const texts: string[] = [];
  for (let i = 0; i < calls.length; i++) {
    const call = calls[i];
    texts.push(`${call.at} ${call.method} ${call.server} ${call.name} ${outcomeName(call.outcome)}`);
  }
  return texts.join("|");
}

function proofName(proof: Proof): string {
  if (proof == Proof.None) return "none";
  if (proof == Proof.Bearer) return "bearer";
  return proof == Proof.Sender ? "sender" : "call";
}

function outcomeName(outcome: Outcome): string {
  if (outcome == Outcome.Allowed) return "allowed";
  if (outcome == Outcome.Denied) return "denied";
  return outcome == Outcome.Held ? "held" : "failed";
}
