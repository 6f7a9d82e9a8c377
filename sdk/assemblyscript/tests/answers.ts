// Verdicts, edits and findings.

import {
  Denial, Edit, Finding, NoSettings, Pattern, Request, Response, Verdict, child,
} from "@gatewright/assemblyscript";
import { TestRequest, TestResponse, ask, equal, review, revise } from "@gatewright/assemblyscript/testing";

export function a_text_alone_is_forbidden(): void {
  equal(Verdict.deny("no").toString(), "deny forbidden: no");
  equal(Verdict.deny(Denial.unsafeContext("no")).toString(), "deny unsafe-context: no");
}

export function edits_carry_json(): void {
  equal(Edit.set("/a", 'x"y').json!, '"x\\"y"');
  equal(Edit.set("/a", 5).json!, "5");
  assert(Edit.remove("/a").json === null);
}

function shorten(settings: NoSettings, request: Request): Edit[] {
  const limit = request.argument("/limit").integerOr(10);
  if (limit < 0) request.refuse("limit is negative");
  return [Edit.set("/limit", min(limit, 10))];
}

export function an_editor_changes_or_refuses(): void {
  equal(revise<NoSettings>(shorten, "{}", TestRequest.tool("t").withArgument("/limit", 50))[0].json!, "10");
  const request = TestRequest.tool("t").withArgument("/limit", -1);
  revise<NoSettings>(shorten, "{}", request);
  equal(request.refusal!, "limit is negative");
}

function hide(settings: NoSettings, request: Request, response: Response): Finding {
  if (response.isError) return Finding.pass();
  const text = response.value("/content/0/text").text();
  return text.includes("secret") ? Finding.edit([Edit.set("/content/0/text", "hidden")]) : Finding.label(["seen"]);
}

export function a_reviewer_blocks_what_it_cannot_read(): void {
  const request = TestRequest.tool("t");
  equal(
    review<NoSettings>(hide, "{}", request, TestResponse.json("{}")).blocked!,
    "the result `/content/0/text` is missing",
  );
  assert(review<NoSettings>(hide, "{}", request, TestResponse.json('{"isError":true}')).blocked === null);
  equal(review<NoSettings>(hide, "{}", request, TestResponse.text("a secret")).edits[0].json!, '"hidden"');
  equal(review<NoSettings>(hide, "{}", request, TestResponse.text("hello")).labels, ["seen"]);
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

function abstain(settings: NoSettings, request: Request): Verdict {
  throw new Error("on purpose");
}

export function a_thrown_error_is_a_fault(): void {
  ask<NoSettings>(abstain, "{}", TestRequest.tool("t"));
}
