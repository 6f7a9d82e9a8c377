// Reading arguments: by pointer, with a type, and what comes of it otherwise.

import { Kind, NoSettings, Opinion, Request } from "@gatewright/assemblyscript";
import { TestRequest, ask, equal } from "@gatewright/assemblyscript/testing";

function answer(judge: (settings: NoSettings, request: Request) => Opinion, request: Request): string {
  return ask<NoSettings>(judge, "{}", request).toString();
}

function atMostFive(settings: NoSettings, request: Request): Opinion {
  const amount = request.argument("/amount").integer();
  return amount > 5 ? Opinion.deny("too much") : Opinion.allow();
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
  TestRequest.tool("t").argument("path").isMissing;
}

export function values_are_walked(): void {
  const request = TestRequest.tool("t").withArguments('{"a":[{"n/m":1},"é"],"b":{}}');
  const root = request.root;
  equal(root.keys(), ["a", "b"]);
  equal(root.member("a").length, 2);
  equal(root.member("a").at(0).member("n/m").integer(), 1);
  assert(root.member("a").member("0").isMissing);
  assert(root.at(1).kind == Kind.Object);
  const elements = root.get("/a").children();
  equal(elements.length, 2);
  equal(elements[1].length, 2);
  equal(elements[0].json()!, '{"n/m":1}');
  equal(elements[0].children()[0].pointer, "/a/0/n~1m");
  equal(root.member("b").children().length, 0);
  assert(root.at(2).isMissing);
  assert(root.get("/x").get("/y").member("z").at(0).isMissing);
  assert(request.refusal === null);
}

export function what_is_walked_to_refuses_with_its_place(): void {
  const request = TestRequest.tool("t").withArguments('{"a":[{"n":1}]}');
  request.root.member("a").children()[0].get("/n").text();
  equal(request.refusal!, "the argument `/a/0/n` does not fit: found an integer, expected text");
}

export function a_policy_refuses_a_value_in_words_of_its_own(): void {
  const request = TestRequest.tool("t").withArgument("/n", 1);
  request.argument("/n").refuse("n is odd");
  request.refuse("too late");
  equal(request.refusal!, "n is odd");
}
