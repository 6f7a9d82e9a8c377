// The contract as the engine gets it. The engine looks up the name of each member of a record in
// each call, which is most of what a call costs; lists of members have no names. And it has no
// integers of 64 bits, but rounds them; it has two of 32 bits.

/** Flags and cases that fit in so many bits. */
const BITS = [8, 16];
const CASES_MAX = 256;

const RECORD = /record ([\w-]+) \{([^}]*)\}/g;
const VARIANT = /variant ([\w-]+) \{([^}]*)\}/g;
const LABELS = /(enum|flags) ([\w-]+) \{([^}]*)\}/g;
const DEFINITION = /(?:record|variant) ([\w-]+) \{([^}]*)\}/g;
const WIDE = ["u64", "s64"];

/**
 * The same contract with tuples for records, numbers for enums and flags, and two halves for
 * each integer of 64 bits that is a member or what a case holds. In memory they are alike (the
 * component model's canonical ABI), so the code fits both.
 * @param {string} wit
 */
export function withoutNames(wit) {
  const contract = wit.replace(/\/\/.*/g, "");
  const wide = wideTypes(contract);
  return contract
    .replace(VARIANT, (whole, name, body) => (wide.has(name) ? `variant ${name} {${inHalves(body)}}` : whole))
    .replace(RECORD, (_, name, body) => `type ${name} = tuple<${fieldTypes(body).join(", ")}>;`)
    .replace(LABELS, (_, kind, name, body) => `type ${name} = u${bitsOf(kind, name, partsOf(body).length)};`);
}

/** The named types with an integer of 64 bits in them, at any depth. */
function wideTypes(contract) {
  const wide = new Set(WIDE);
  const types = [...contract.matchAll(DEFINITION)];
  for (let count = 0; count !== wide.size; ) {
    count = wide.size;
    for (const [, name, body] of types) {
      const used = body.replace(/[\w-]+:/g, "").match(/[\w-]+/g);
      if (used.some((type) => wide.has(type))) wide.add(name);
    }
  }
  return wide;
}

/** With a case more, which nobody answers: it keeps the place that 64 bits would have. */
function inHalves(body) {
  const cases = partsOf(body).map((part) => part.replace(/\([us]64\)$/, "(tuple<u32, u32>)"));
  return [...cases, "sixty-four-bits(u64)"].join(", ");
}

/** A field is a line: `name: type,`. */
function fieldTypes(body) {
  const lines = body.split("\n").map((line) => line.trim());
  const types = lines.filter(Boolean).map((line) => line.replace(/^[\w-]+:\s*/, "").replace(/,$/, ""));
  return types.flatMap((type) => (WIDE.includes(type) ? ["u32", "u32"] : [type]));
}

function bitsOf(kind, name, count) {
  const bits = kind === "flags" ? BITS.find((bits) => count <= bits) : count <= CASES_MAX && BITS[0];
  if (!bits) throw new Error(`the ${kind} \`${name}\` of the contract do not fit in a number of the engine`);
  return bits;
}

/** The parts of a body, without types that have commas in them. */
function partsOf(body) {
  return body.split(",").map((part) => part.trim()).filter(Boolean);
}
