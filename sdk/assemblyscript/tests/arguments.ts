// Reading arguments: by pointer, with a type, and what comes of it otherwise.

import { Denial, Kind, NoSettings, Outcome, PastCall, Request, Verdict } from "@gatewright/assemblyscript";
import { TestRequest, ask, equal } from "@gatewright/assemblyscript/testing";

function answer(judge: (settings: NoSettings, request: Request) => Verdict, request: Request): string {
  return ask<NoSettings>(judge, "{}", request).toString();
}

function atMostFive(settings: NoSettings, request: Request): Verdict {
  const amount = request.argument("/amount").integer();
  return amount > 5 ? Verdict.deny("too much") : Verdict.allow();
}

export function what_a_policy_cannot_read_it_denies(): void {
  const request = TestRequest.tool("transfer");
  equal(answer(atMostFive, request), "deny invalid-arguments: the argument `/amount` is missing");
  equal(
    answer(atMostFive, TestRequest.tool("transfer").withArgument("/amount", "5")),
    "deny invalid-arguments: the argument `/amount` does not fit: found text, expected an integer",
  );
  equal(answer(atMostFive, TestRequest.tool("transfer").withArgument("/amount", 6)), "deny forbidden: too much");
  equal(answer(atMostFive, TestRequest.tool("transfer").withArgument("/amount", 5)), "allow");
}

export function the_first_refusal_counts(): void {
  const request = TestRequest.tool("t").withArgument("/b", true);
  request.argument("/a").text();
  request.argument("/b").text();
  equal(request.refusal!, "the argument `/a` is missing");
}

export function an_optional_argument_may_be_missing_or_null(): void {
  const request = TestRequest.tool("t").withArguments('{"note":null,"count":3}');
  equal(request.argument("/note").textOr("none"), "none");
  equal(request.argument("/gone").integerOr(7), 7);
  equal(request.argument("/gone").booleanOr(true), true);
  equal(request.argument("/gone").textsOr(["a"]), ["a"]);
  assert(request.refusal === null);
  equal(request.argument("/count").textOr("none"), "");
  equal(request.refusal!, "the argument `/count` does not fit: found an integer, expected text");
}

export function values_are_read_one_level_at_a_time(): void {
  const request = TestRequest.tool("t").withArguments(
    '{"a":{"b":1,"c":18446744073709551615,"d":[true,null,-0,1.50]},"x/y":{"~":"t"}}',
  );
  equal(request.argument("").length, 2);
  equal(request.argument("/a").length, 3);
  equal(request.argument("/a/b").integer(), 1);
  equal(request.argument("/a/c").digits, "18446744073709551615");
  equal(request.argument("/a/d").length, 4);
  equal(request.argument("/a/d/0").boolean(), true);
  assert(request.argument("/a/d/1").kind == Kind.Null);
  assert(request.argument("/a/d/2").kind == Kind.Number);
  equal(request.argument("/a/d/3").digits, "1.50");
  equal(request.argument("/a/d/3").number(), 1.5);
  assert(request.argument("/a/d/4").isMissing);
  assert(request.argument("/a/d/00").isMissing);
  equal(request.argument("/x~1y/~0").text(), "t");
  equal(request.keys("/a"), ["b", "c", "d"]);
  equal(request.keys("/a/d"), []);
  equal(request.json("/a/d")!, "[true,null,-0,1.50]");
  assert(request.json("/nothing") === null);
  assert(request.refusal === null);
}

export function an_array_of_text_is_read_whole(): void {
  const request = TestRequest.tool("t").withArgument("/paths", ["a", "b"]).withArgument("/paths/-", 3);
  equal(request.argument("/paths").length, 3);
  request.argument("/paths").texts();
  equal(request.refusal!, "the argument `/paths/2` does not fit: found an integer, expected text");
}

export function a_bad_pointer_is_a_fault(): void {
  TestRequest.tool("t").argument("path");
}

export function a_listing_is_not_a_call(): void {
  assert(TestRequest.method("tools/list", "rm").isListing);
  assert(!TestRequest.tool("list").isListing);
}

export function history_is_the_newest_first_and_bounded(): void {
  const calls: PastCall[] = [];
  for (let i = 0; i < 100; i++) calls.push(new PastCall(i, "tools/call", "server", i.toString(), Outcome.Allowed));
  const request = TestRequest.tool("t").withHistory(calls);
  equal(request.history(2).length, 2);
  equal(request.history(2)[1].name, "1");
  equal(request.history(1000).length, 64);
}
