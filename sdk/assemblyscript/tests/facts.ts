// What a policy knows about a call.

import {
  Approval, Budget, Claim, Hints, Label, NoSettings, Opinion, Outcome, PastCall, Proof, Purpose, Request, ResponseKind,
} from "@gatewright/assemblyscript";
import { TestRequest, TestResponse, ask, equal } from "@gatewright/assemblyscript/testing";

export function a_request_has_harmless_defaults(): void {
  const request: Request = TestRequest.tool("read_file");
  equal(request.name, "read_file");
  equal(request.method, "tools/call");
  equal(request.principal!, "user:alice");
  equal(request.scopes, ["*:*"]);
  assert(request.proof == Proof.Bearer);
  assert(request.owner === null && request.definition === null);
  assert(request.schema.isMissing && request.claimed.isMissing);
  equal(request.chain.length + request.targets.length + request.contents.length + request.approvals.length, 0);
  assert(!request.hints.readOnly && request.expiresAt > request.at);
}

export function what_a_test_says_is_what_a_policy_is_told(): void {
  const test = TestRequest.tool("t").withServer("files").withAgent("a").withPrincipal("p").withScopes(["s:*"])
    .withHints(new Hints(true, false, false, false, false, true)).withTargets(["/to"]).withContents(["/body"])
    .atTime(5).withLabels(["b", "a"]);
  test.withClaim("tenant", ["acme"]).withClaim("groups", ["old"]).withClaim("groups", ["ops", "dev"]);
  test.facts.owner = "o";
  test.facts.approvals = [new Approval("bob", ["lead"], 4, "passkey")];
  const request: Request = test;
  equal(request.server + request.agent + request.principal! + request.owner!, "filesapo");
  equal(request.scopes, ["s:*"]);
  equal(request.claims.map<string>((claim: Claim): string => claim.name), ["groups", "tenant"]);
  equal(request.claim("groups"), ["ops", "dev"]);
  equal(request.claim("Groups").length, 0);
  assert(request.hints.readOnly && request.hints.sensitive && !request.hints.untrusted);
  equal(request.targets, ["/to"]);
  equal(request.contents, ["/body"]);
  equal(request.at, 5);
  equal(request.labels.map<string>((label: Label): string => label.name), ["a", "b"]);
  assert(request.hasLabel("a") && !request.hasLabel("c"));
  equal(request.approvals[0].by, "bob");
}

export function a_budget_is_as_the_test_says(): void {
  const request: Request = TestRequest.tool("t").withBudget("calls", "bot", new Budget(10, 60, 7));
  equal(request.budget("calls", "bot").left, 3);
  equal(new Budget(1, 1, 2).left, 0);
}

function trusts(settings: NoSettings, request: Request): Opinion {
  return request.claimed.get("/annotations/readOnlyHint").boolean() ? Opinion.allow() : Opinion.abstain();
}

export function what_cannot_be_read_of_a_claim_denies(): void {
  const request = TestRequest.tool("t");
  request.facts.claimed = '{"annotations":{"readOnlyHint":"yes"}}';
  equal(
    ask<NoSettings>(trusts, "{}", request).toString(),
    "deny invalid-arguments: the claimed value `/annotations/readOnlyHint` does not fit: found text, expected a boolean",
  );
}

export function a_listing_is_not_a_call(): void {
  const request: Request = TestRequest.of("tools/list", "rm");
  assert(request.isListing && request.purpose == Purpose.Listing);
  assert(!TestRequest.tool("list").isListing);
}

export function history_is_the_newest_first_and_bounded(): void {
  const calls: PastCall[] = [];
  for (let i = 0; i < 100; i++) {
    calls.push(new PastCall(`id-${i}`, i, "tools/call", "server", i.toString(), Outcome.Allowed));
  }
  const request: Request = TestRequest.tool("t").withHistory(calls);
  equal(request.history(2).length, 2);
  equal(request.history(2)[1].name, "1");
  equal(request.history(1000).length, 64);
}

export function a_response_says_what_it_is(): void {
  assert(TestResponse.text("x").kind == ResponseKind.Final && !TestResponse.text("x").isError);
  const error = TestResponse.error(-32603, "broken");
  assert(error.kind == ResponseKind.Error && error.isError);
  equal(error.value("/code").integer(), -32603);
  const message = TestResponse.notification("notifications/progress", '{"isError":true,"progress":1}');
  assert(message.kind == ResponseKind.Notification && !message.isError);
  equal(message.notification!, "notifications/progress");
  equal(message.root.member("progress").integer(), 1);
}
