// JSON without loss: JavaScript's own numbers would round what a policy compares.

/** Integers of fewer digits than this are exact in JavaScript. */
const DIGITS_EXACT = 16;

/** Text that may hold a number which `JSON.parse` would change. A false alarm only costs time. */
const UNUSUAL = new RegExp(`\\d[.eE]|-0|\\d{${DIGITS_EXACT}}`);

/** The next token: punctuation, a number, or a string or word. */
const TOKEN = /\s*(?:([[\]{}:,])|(-?\d[\d.eE+-]*)|("(?:[^"\\]|\\.)*"|\w+))/y;

/** A number that JavaScript would change or that is no integer, as it was written. */
export class WrittenNumber {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  /** Whether it is written as an integer. `-0` is not one. */
  get isInteger() {
    return this.text !== "-0" && /^-?\d+$/.test(this.text);
  }
}

/**
 * Reads JSON text. Numbers are JavaScript numbers where they are integers below
 * 2^53, else a `WrittenNumber`.
 * @param {string} text
 */
export function parse(text) {
  const value = JSON.parse(text);
  return holdsNumber(value) && UNUSUAL.test(text) ? new Parser(text).document() : value;
}

/** The JSON text of what `parse` gave. */
export function stringify(value) {
  if (value instanceof WrittenNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(stringify).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${stringify(member)}`);
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(value);
}

/** The same value with JavaScript's numbers; integers beyond 2^53 become `bigint`. */
export function plain(value) {
  if (value instanceof WrittenNumber) return exact(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
  }
  return value;
}

/** Looking at the values is cheaper than looking at the text. */
function holdsNumber(value) {
  if (typeof value === "number") return true;
  return value !== null && typeof value === "object" && Object.values(value).some(holdsNumber);
}

/** An integer below 2^53 as a number, everything else as it is. */
function safe(number) {
  const rounded = Number(number.text);
  return number.isInteger && Number.isSafeInteger(rounded) ? rounded : number;
}

function exact(number) {
  const rounded = Number(number.text);
  return number.isInteger && !Number.isSafeInteger(rounded) ? BigInt(number.text) : rounded;
}

/** Reads text that is known to be JSON. */
class Parser {
  #text;

  constructor(text) {
    this.#text = text;
    TOKEN.lastIndex = 0;
  }

  document() {
    return this.#value(this.#token());
  }

  #value([, punctuation, number, other]) {
    if (number !== undefined) return safe(new WrittenNumber(number));
    if (other !== undefined) return JSON.parse(other);
    if (punctuation === "[") return this.#list("]", (token) => this.#value(token));
    return Object.fromEntries(this.#list("}", (token) => this.#member(token)));
  }

  #list(end, element) {
    const elements = [];
    for (let token = this.#token(); token[1] !== end; token = this.#token()) {
      if (token[1] !== ",") elements.push(element(token));
    }
    return elements;
  }

  #member([, , , name]) {
    this.#token(); // the colon
    return [JSON.parse(name), this.#value(this.#token())];
  }

  #token() {
    return TOKEN.exec(this.#text);
  }
}
