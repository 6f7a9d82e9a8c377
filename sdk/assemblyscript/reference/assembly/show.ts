// What a policy can know about a call, as text.

import { Approval, Budget, Claim, Label, Link, Outcome, PastCall, Proof, Request, Value } from "@gatewright/assemblyscript";

export function callerText(request: Request): string {
  return [
    request.agent,
    request.issuer,
    orDash(request.principal),
    orDash(request.owner),
    request.chain.map<string>((link: Link): string => linkText(link)).join(","),
    request.scopes.join(","),
    proofName(request.proof),
    request.expiresAt.toString(),
  ].join("|");
}

export function claimsText(request: Request, name: string): string {
  const claims = request.claims.map<string>((claim: Claim): string => `${claim.name}=${claim.values.join("+")}`);
  return `${claims.join(",")}|${request.claim(name).join("+")}`;
}

export function actionText(request: Request): string {
  const hints = request.hints;
  const names: string[] = [];
  if (hints.readOnly) names.push("read-only");
  if (hints.destructive) names.push("destructive");
  if (hints.idempotent) names.push("idempotent");
  if (hints.openWorld) names.push("open-world");
  if (hints.untrusted) names.push("untrusted");
  if (hints.sensitive) names.push("sensitive");
  return [
    request.isListing ? "listing" : "call",
    request.method,
    request.server,
    request.name,
    names.join(","),
    request.targets.join(","),
    request.contents.join(","),
  ].join("|");
}

export function toolText(request: Request): string {
  return [orDash(request.definition), jsonText(request.schema), jsonText(request.claimed)].join("|");
}

export function contextText(request: Request): string {
  return [
    request.at.toString(),
    request.session,
    request.labels.map<string>((label: Label): string => labelText(label)).join(","),
    request.approvals.map<string>((approval: Approval): string => approvalText(approval)).join(","),
  ].join("|");
}

export function budgetText(budget: Budget): string {
  return `${budget.limit} ${budget.windowSeconds} ${budget.spent}`;
}

export function historyText(calls: PastCall[]): string {
  return calls.map<string>((call: PastCall): string => pastCallText(call)).join("|");
}

function linkText(link: Link): string {
  return link.issuer === null ? link.id : `${link.id}<${link.issuer!}>`;
}

function labelText(label: Label): string {
  const source = label.source === null ? "" : `<${label.source!}`;
  return label.name + source + (label.isDated ? `@${label.at}` : "");
}

function approvalText(approval: Approval): string {
  return `${approval.by}:${approval.roles.join("+")}:${approval.at}:${approval.method}`;
}

function pastCallText(call: PastCall): string {
  const what = `${call.method} ${call.server} ${call.name}`;
  return `${call.id} ${call.at} ${what} ${outcomeName(call.outcome)} ${orDash(call.reason)}`;
}

function jsonText(value: Value): string {
  return orDash(value.json());
}

function orDash(text: string | null): string {
  return text === null ? "-" : text;
}

function proofName(proof: Proof): string {
  if (proof == Proof.None) return "none";
  if (proof == Proof.Bearer) return "bearer";
  return proof == Proof.Sender ? "sender" : "call";
}

function outcomeName(outcome: Outcome): string {
  if (outcome == Outcome.Allowed) return "allowed";
  if (outcome == Outcome.Denied) return "denied";
  if (outcome == Outcome.Held) return "held";
  return outcome == Outcome.Failed ? "failed" : "pending";
}
