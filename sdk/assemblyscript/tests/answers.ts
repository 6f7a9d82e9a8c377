// Opinions, edits and reports.

import {
  Ask, Charge, Denial, Edit, NoSettings, Obligation, ObligationKind, Opinion, Pattern, Report, Request, Response,
  Revision, Verdict, child,
} from "@gatewright/assemblyscript";
import { TestRequest, TestResponse, ask, equal, review, revise } from "@gatewright/assemblyscript/testing";

export function a_text_alone_is_forbidden(): void {
  equal(Opinion.deny("no").toString(), "deny forbidden: no");
  equal(Opinion.deny(Denial.unsafeContext("no")).toString(), "deny unsafe-context: no");
}

export function obligations_stand_beside_any_verdict(): void {
  const opinions = [Opinion.abstain(), Opinion.allow(), Opinion.deny("no"), Opinion.ask(new Ask("sure?"))];
  for (let i = 0; i < opinions.length; i++) {
    const opinion = opinions[i].owing(Obligation.label(["a"])).owing(Obligation.declassify(["b"])).because("rule");
    assert(opinion.verdict == <Verdict>i);
    equal(opinion.obligations.length, 2);
    assert(opinion.obligations[1].kind == ObligationKind.Declassify);
    equal(opinion.obligations[1].names, ["b"]);
    equal(opinion.notes[0].rule, "rule");
    equal(opinion.notes[0].text, "");
  }
}

export function a_question_has_harmless_defaults(): void {
  const plain = new Ask("sure?");
  equal(plain.quorum, 1);
  equal(plain.decideWithinSeconds, 86_400);
  equal(plain.useWithinSeconds, 900);
  assert(!plain.excludeRequester);
  const full = new Ask("sure?", "because").showing(["/a"]).withRoles(["lead"]).withQuorum(2).excludingRequester()
    .excluding(["mallory"]).decideWithin(60).useWithin(30);
  equal(full.show, ["/a"]);
  equal(full.roles, ["lead"]);
  equal(full.exclude, ["mallory"]);
  assert(full.excludeRequester && full.quorum == 2 && full.decideWithinSeconds == 60 && full.useWithinSeconds == 30);
}

export function a_charge_is_fixed_or_set(): void {
  const fixed = Charge.fixed("k", 1, 10, 60);
  assert(fixed.budget === null && fixed.limit == 10 && fixed.windowSeconds == 60 && !fixed.isRefunded);
  const set = Charge.set("k", 2, "calls").refundedOnFailure();
  equal(set.budget!, "calls");
  assert(set.isRefunded && set.cost == 2);
}

export function edits_carry_json(): void {
  equal(Edit.set("/a", 'x"y').json!, '"x\\"y"');
  equal(Edit.set("/a", 5).json!, "5");
  assert(Edit.remove("/a").json === null);
}

function shorten(settings: NoSettings, request: Request): Revision {
  const limit = request.argument("/limit").integerOr(10);
  if (limit < 0) request.refuse("limit is negative");
  return new Revision([Edit.set("/limit", min(limit, 10))]).because("limit");
}

export function an_editor_changes_or_refuses(): void {
  const revision = revise<NoSettings>(shorten, "{}", TestRequest.tool("t").withArgument("/limit", 50));
  equal(revision.edits[0].json!, "10");
  equal(revision.notes[0].rule, "limit");
  const request = TestRequest.tool("t").withArgument("/limit", -1);
  revise<NoSettings>(shorten, "{}", request);
  equal(request.refusal!, "limit is negative");
}

function hide(settings: NoSettings, request: Request, response: Response): Report {
  if (response.isError) return Report.pass();
  const text = response.value("/content/0/text").text();
  if (text.includes("secret")) return Report.edit([Edit.set("/content/0/text", "hidden")]);
  return Report.pass().labelling(["seen"]).charging(Charge.set("k", 1, "calls"));
}

export function a_reviewer_blocks_what_it_cannot_read_and_keeps_its_labels(): void {
  const request = TestRequest.tool("t");
  const blocked = review<NoSettings>(hide, "{}", request, TestResponse.json("{}"));
  equal(blocked.blocked!, "the result `/content/0/text` is missing");
  equal(blocked.labels, ["seen"]);
  equal(blocked.charges.length, 1);
}

export function a_reviewer_edits_labels_and_charges(): void {
  const request = TestRequest.tool("t");
  assert(review<NoSettings>(hide, "{}", request, TestResponse.json('{"isError":true}')).blocked === null);
  equal(review<NoSettings>(hide, "{}", request, TestResponse.text("a secret")).edits[0].json!, '"hidden"');
  equal(review<NoSettings>(hide, "{}", request, TestResponse.text("hello")).labels, ["seen"]);
  equal(Report.pass().labelling(["a"]).labelling(["b"]).labels, ["a", "b"]);
}

export function patterns_mean_what_they_mean_in_the_configuration(): void {
  assert(new Pattern("*").matches(""));
  assert(new Pattern("a*b*c").matches("a-b-b-c"));
  assert(!new Pattern("a*a").matches("a"));
  assert(!new Pattern("a*b*c").matches("a-c"));
  assert(!new Pattern("read").matches("read_file"));
  assert(new Pattern("read_*").matches("read_file"));
}

export function a_child_is_escaped(): void {
  equal(child("/a", "b/~c"), "/a/b~1~0c");
}

function fail(settings: NoSettings, request: Request): Opinion {
  throw new Error("on purpose");
}

export function a_thrown_error_is_a_fault(): void {
  ask<NoSettings>(fail, "{}", TestRequest.tool("t"));
}
