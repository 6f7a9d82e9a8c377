// Answers in the shape that the engine takes: the members of a record as a list, in the order
// of the contract, and enums as numbers (build/wit.js). The engine cuts integers that are too
// large and traps on other shapes without a word, so everything is checked here.

/** Enums of the contract, in its order. */
export const REFUSALS = ["forbidden", "insufficient-scope", "invalid-arguments", "unsafe-context"];
export const LEVELS = ["debug", "info", "warn"];

const U8_MAX = 255n;
const U32_MAX = 2n ** 32n - 1n;
const U64_MAX = 2n ** 64n - 1n;

export function lowerVerdict(answer) {
  switch (answer?.verdict) {
    case "abstain":
      return { tag: "abstain" };
    case "allow":
      return { tag: "allow", val: array(answer.obligations, "obligations").map(lowerObligation) };
    case "deny":
      return {
        tag: "deny",
        val: [
          oneOf(REFUSALS, answer.refusal, "refusal"),
          text(answer.message, "message"),
          texts(answer.scopes, "scopes"),
        ],
      };
    case "ask":
      return {
        tag: "ask",
        val: [
          text(answer.title, "title"),
          text(answer.reason, "reason"),
          texts(answer.roles, "roles"),
          small(answer.quorum, U8_MAX, "quorum"),
          small(answer.ttlSeconds, U32_MAX, "ttlSeconds"),
        ],
      };
    default:
      throw new TypeError(`judge returned ${shown(answer)}, which is no verdict; hint: return allow(), deny(".."), ask(..) or abstain()`);
  }
}

export function lowerFinding(answer) {
  switch (answer?.finding) {
    case "pass":
      return { tag: "pass", val: [lowerEdits(answer.edits), texts(answer.labels, "labels")] };
    case "block":
      return { tag: "block", val: text(answer.message, "message") };
    default:
      throw new TypeError(`review returned ${shown(answer)}, which is no finding; hint: return pass() or block("..")`);
  }
}

export function lowerEdits(edits) {
  return array(edits, "edits").map(({ pointer, json }) => [
    text(pointer, "pointer"),
    json === undefined || json === null ? null : text(json, "json"),
  ]);
}

function lowerObligation(obligation) {
  const [[name, value] = [], another] = Object.entries(obligation ?? {});
  if (another) {
    throw new TypeError(`an obligation has both \`${name}\` and \`${another[0]}\`; hint: give allow(..) one of them each`);
  }
  switch (name) {
    case "charge":
      return {
        tag: "charge",
        val: [
          text(value.key, "key"),
          large(value.cost, "cost"),
          large(value.limit, "limit"),
          small(value.windowSeconds, U32_MAX, "windowSeconds"),
        ],
      };
    case "label":
      return { tag: "label", val: texts(value, "label") };
    case "redact":
      return { tag: "redact", val: texts(value, "redact") };
    case "limitResult":
      return { tag: "limit-result", val: large(value, "limitResult") };
    default:
      throw new TypeError(`${shown(obligation)} is no obligation; hint: use charge(..), label(..), redact(..) or limitResult(..)`);
  }
}

function text(value, name) {
  if (typeof value !== "string") throw new TypeError(`\`${name}\` is ${shown(value)}, and must be text`);
  if (!value.isWellFormed()) throw new TypeError(`\`${name}\` is ${shown(value)}, which holds half of a character; hint: toWellFormed() replaces it`);
  return value;
}

/** The place of a case in its enum. */
function oneOf(cases, value, name) {
  const place = cases.indexOf(value);
  if (place < 0) throw new TypeError(`\`${name}\` is ${shown(value)}, and must be one of ${cases.join(", ")}`);
  return place;
}

function array(value, name) {
  if (!Array.isArray(value)) throw new TypeError(`\`${name}\` is ${shown(value)}, and must be an array`);
  // A copy without holes, which `map` would pass over.
  return Array.from(value);
}

function texts(value, name) {
  return array(value, name).map((element) => text(element, name));
}

/** The engine takes numbers of 32 bits as signed ones. */
function small(value, max, name) {
  return Number(whole(value, max, name)) | 0;
}

/** The engine takes integers of 64 bits as JavaScript numbers: only what they hold exactly can pass. */
function large(value, name) {
  const integer = whole(value, U64_MAX, name);
  const number = Number(integer);
  if (integer !== U64_MAX && BigInt(number) !== integer) {
    throw new RangeError(`\`${name}\` is ${integer}, which JavaScript would round; hint: use at most 2^53`);
  }
  return number;
}

function whole(value, max, name) {
  const integer = typeof value === "bigint" || Number.isInteger(value) ? BigInt(value) : -1n;
  if (integer < 0n || integer > max) {
    throw new RangeError(`\`${name}\` is ${shown(value)}, and must be an integer from 0 to ${max}`);
  }
  return integer;
}

function shown(value) {
  if (value instanceof Promise) return "a promise (a policy cannot wait)";
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
