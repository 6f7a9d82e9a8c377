import assert from "node:assert/strict";
import { test } from "node:test";

import { anything, bigint, boolean, integer, list, number, object, oneOf, pattern, pointer, policy, record, text } from "@gatewright/sdk";

const settingsOf = (settings, json) => policy({ settings, powers: [], judge() {} }).readSettings(json);

test("settings that do not fit are refused with a reason", () => {
  const shape = {
    tag: text.where((tag) => tag !== "", "is empty"),
    closed: list(text).called("a list of names").default([]),
    servers: list(object({ name: text })).default([]),
  };
  for (const [json, message, pointer] of [
    ["{", "settings are not JSON", ""],
    ["[]", "settings are not an object", ""],
    ["{}", "tag is missing", ""],
    ['{"tag":null}', "tag is not text", "/tag"],
    ['{"tag":""}', "tag is empty", "/tag"],
    ['{"tag":"t","closed":[1]}', "closed is not a list of names", "/closed"],
    ['{"tag":"t","closed":null}', "closed is not a list of names", "/closed"],
    ['{"tag":"t","servers":[{"name":"a"},{}]}', "servers/1/name is missing", "/servers/1"],
    ['{"tag":"t","servers":[{"name":"a"},5]}', "servers/1 is not an object", "/servers/1"],
    ['{"tag":"t","servers":[{"name":"a","nmae":"b"}]}', "unknown setting servers/0/nmae", "/servers/0/nmae"],
    ['{"tag":"t","rots":[]}', "unknown setting rots", "/rots"],
    ['{"tag":"t","a/~b":[]}', "unknown setting a/~b", "/a~1~0b"],
  ]) {
    assert.throws(() => settingsOf(shape, json), { name: "SettingsError", message, pointer }, json);
  }
  assert.deepEqual(settingsOf(shape, '{"tag":"t"}'), { tag: "t", closed: [], servers: [] });
});

test("a policy without settings accepts only an empty object", () => {
  assert.throws(() => settingsOf(undefined, '{"a":1}'), /unknown setting a/);
  assert.deepEqual(settingsOf(undefined, "{}"), {});
});

test("each reader gives its kind and refuses the others", () => {
  for (const [reader, json, expected] of [
    [text, '"é"', "é"],
    [text, "1", /not text/],
    [boolean, "false", false],
    [boolean, '"false"', /not true or false/],
    [integer, "9007199254740991", 9007199254740991],
    [integer, "9007199254740992", /not an integer/],
    [integer, "1.0", /not an integer/],
    [integer, "1e2", /not an integer/],
    [integer, "-0", /not an integer/],
    [bigint, "9223372036854775807", 9223372036854775807n],
    [bigint, "9223372036854775808", /not an integer/],
    [bigint, "-7", -7n],
    [number, "1.50", 1.5],
    [number, "1e999", /not a number/],
    [oneOf("a", "b"), '"b"', "b"],
    [oneOf("a", "b"), '"c"', /not one of a, b/],
    [list(integer), "[1, 2]", [1, 2]],
    [record(text), '{"__proto__":"a"}', JSON.parse('{"__proto__":"a"}')],
    [record(text), "[]", /not an object/],
    [object({ a: text.optional() }), '{"a":null}', { a: undefined }],
    [anything, '{"a":[9007199254740993,1.5]}', { a: [9007199254740993n, 1.5] }],
    [pointer, '"/a~1b"', "/a~1b"],
    [pointer, '"path"', /not a JSON Pointer/],
    [pointer, '"/a~2"', /not a JSON Pointer/],
  ]) {
    if (expected instanceof RegExp) assert.throws(() => settingsOf(reader, json), expected, json);
    else assert.deepEqual(settingsOf(reader, json), expected, json);
  }
});

test("a name of every object is not a setting", () => {
  assert.throws(() => settingsOf({ a: text }, '{"a":"x","toString":1}'), /unknown setting toString/);
  assert.throws(() => settingsOf({ toString: text }, "{}"), /toString is missing/);
});

test("patterns match whole names", () => {
  for (const [text, name, expected] of [
    ["read_*", "read_file", true],
    ["read_*", "bread_file", false],
    ["*", "", true],
    ["a*b*c", "aXbYc", true],
    ["a*b*c", "acb", false],
    ["a*a", "a", false],
    ["a.c", "abc", false],
  ]) {
    assert.equal(settingsOf(pattern, JSON.stringify(text)).matches(name), expected, `${text} ${name}`);
  }
});
