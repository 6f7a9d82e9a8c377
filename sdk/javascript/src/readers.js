// The readers that there are.

import { plain, WrittenNumber } from "./json.js";
import { Mismatch, MISSING, readBelow, Reader, UNKNOWN } from "./reader.js";

/** The integers of the contract have 64 bits. */
const INTEGER_MIN = -(2n ** 63n);
const INTEGER_MAX = 2n ** 63n - 1n;

export const text = one("text", (value) => (typeof value === "string" ? value : undefined));
export const boolean = one("true or false", (value) => (typeof value === "boolean" ? value : undefined));
export const integer = one("an integer", (value) => (Number.isSafeInteger(value) ? value : undefined));
export const bigint = one("an integer", wholeNumber);
export const number = one("a number", (value) => {
  const read = value instanceof WrittenNumber ? Number(value.text) : value;
  return Number.isFinite(read) ? read : undefined;
});
export const anything = one("anything", plain);

/** @param {...string} texts */
export function oneOf(...texts) {
  return one(`one of ${texts.join(", ")}`, (value) => (texts.includes(value) ? value : undefined));
}

/** @param {Reader} element */
export function list(element) {
  return one("a list", (value) => {
    if (!Array.isArray(value)) return undefined;
    return value.map((item, index) => readBelow(element, item, index));
  });
}

/** @param {Reader} member */
export function record(member) {
  return one("an object", (value) => {
    if (!isObject(value)) return undefined;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, readBelow(member, item, name)]));
  });
}

/** @param {Record<string, Reader>} shape */
export function object(shape) {
  const members = Object.entries(shape);
  return one("an object", (value) => {
    if (!isObject(value)) return undefined;
    const read = {};
    for (const [name, reader] of members) {
      read[name] = readBelow(reader, Object.hasOwn(value, name) ? value[name] : undefined, name);
    }
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(shape, name)) throw new Mismatch(UNKNOWN, [name]);
    }
    return read;
  });
}

/** A reader of one kind of value: `accept` gives nothing for the others. */
function one(what, accept) {
  return new Reader((value) => {
    if (value === undefined) throw new Mismatch(MISSING);
    const read = accept(value);
    if (read === undefined) throw new Mismatch(`is not ${what}`);
    return read;
  });
}

function wholeNumber(value) {
  if (Number.isSafeInteger(value)) return BigInt(value);
  if (!(value instanceof WrittenNumber) || !value.isInteger) return undefined;
  const read = BigInt(value.text);
  return read >= INTEGER_MIN && read <= INTEGER_MAX ? read : undefined;
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof WrittenNumber);
}
