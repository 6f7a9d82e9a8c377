// What an answer is made of, checked. The engine cuts integers that are too large, passes over
// members that it does not know, and traps on other shapes without a word.

const U64_MAX = 2n ** 64n - 1n;

export const U8_MAX = 255n;
export const U32_MAX = 2n ** 32n - 1n;

export function text(value, name) {
  if (typeof value !== "string") throw new TypeError(`\`${name}\` is ${shown(value)}, and must be text`);
  if (!value.isWellFormed()) throw new TypeError(`\`${name}\` is ${shown(value)}, which holds half of a character; hint: toWellFormed() replaces it`);
  return value;
}

export function boolean(value, name) {
  if (typeof value !== "boolean") throw new TypeError(`\`${name}\` is ${shown(value)}, and must be true or false`);
  return value;
}

/** The place of a case in its enum. */
export function oneOf(cases, value, name) {
  const place = cases.indexOf(value);
  if (place < 0) throw new TypeError(`\`${name}\` is ${shown(value)}, and must be one of ${cases.join(", ")}`);
  return place;
}

export function array(value, name) {
  if (!Array.isArray(value)) throw new TypeError(`\`${name}\` is ${shown(value)}, and must be an array`);
  return value;
}

export function texts(value, name) {
  return each(value, name, (element) => text(element, name));
}

/** What `lower` makes of each element of an array, and of each hole. Iterators are dear here. */
export function each(value, name, lower) {
  const { length } = array(value, name);
  const lowered = [];
  for (let place = 0; place < length; place += 1) lowered.push(lower(value[place]));
  return lowered;
}

/** The engine takes numbers of up to 32 bits as signed ones. */
export function small(value, max, name) {
  return Number(whole(value, max, name)) | 0;
}

/** An integer of 64 bits, as the engine takes it: the lower half, and the upper one. */
export function halves(value, name) {
  const integer = whole(value, U64_MAX, name);
  return [half(integer), half(integer >> 32n)];
}

/**
 * An object with these members and no others: what is not known would be lost.
 * @param {string[]} names
 * @param {string} what like `a charge`
 */
export function members(value, names, what) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new TypeError(`${shown(value)} is not ${what}`);
  for (const name in value) {
    if (!names.includes(name)) throw new TypeError(`${what} has no \`${name}\`; hint: it has ${names.join(", ")}`);
  }
  return value;
}

export function shown(value) {
  if (value instanceof Promise) return "a promise (a policy cannot wait)";
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

function whole(value, max, name) {
  const integer = typeof value === "bigint" || Number.isSafeInteger(value) ? BigInt(value) : -1n;
  if (integer < 0n || integer > max) {
    throw new RangeError(`\`${name}\` is ${shown(value)}, and must be an integer from 0 to ${max}; hint: beyond 2^53 write a bigint`);
  }
  return integer;
}

function half(integer) {
  return Number(BigInt.asIntN(32, integer)) | 0;
}
