// The JSON reader and writer of settings and tests.

import { equal } from "@gatewright/assemblyscript/testing";
import { parse } from "@gatewright/assemblyscript/assembly/json/parse";
import { toJson, write } from "@gatewright/assemblyscript/assembly/json/write";

export function what_is_not_json_is_refused(): void {
  const texts = [
    "", " ", "nul", "truefalse", "1 2", "01", "-", "1.", ".5", "1e", "+1", '"', '"\n"', '"\\x"', '"\\u12g4"', "[1,]",
    "[", "{", '{"a"}', '{"a":1,}', "{a:1}", '{"a":1,"a":2}', '"\\ud800"', '"\\udc00\\ud800"', "NaN", "[1}",
  ];
  for (let i = 0; i < texts.length; i++) assert(parse(texts[i]) === null, texts[i]);
}

export function depth_is_bounded(): void {
  assert(parse("[".repeat(128) + "]".repeat(128)) !== null);
  assert(parse("[".repeat(129) + "]".repeat(129)) === null);
}

export function what_is_read_is_written_again(): void {
  const texts = [
    "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "-0",
    "1.50", "1e+5", "1E-5", '""', '"a\\"\\\\\\n\\u0001\\u001f/é😀"', "[]", "{}", '[1,[2,{}],"x"]', '{"b":1,"a":{"c":[null]}}',
  ];
  for (let i = 0; i < texts.length; i++) equal(write(parse(texts[i])!), texts[i]);
}

export function escapes_are_read(): void {
  equal(parse('"\\u0041\\/\\b\\f\\n\\r\\t\\ud83d\\ude00"')!.written, "A/\b\f\n\r\t😀");
  equal(parse(" [ 1 , 2 ] ")!.inner.length, 2);
}

export function integers_fit_into_64_bits(): void {
  equal(parse("-9223372036854775808")!.bits, i64.MIN_VALUE);
  equal(parse("9223372036854775807")!.bits, i64.MAX_VALUE);
  equal(parse("9223372036854775808")!.bits, 0);
}

export function values_become_json(): void {
  equal(toJson("x\"y"), '"x\\"y"');
  equal(toJson([1, 2]), "[1,2]");
  equal(toJson(true), "true");
  equal(toJson(1.5), "1.5");
  equal(toJson(["a"]), '["a"]');
}
