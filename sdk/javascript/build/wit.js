// The contract as the engine gets it. The engine looks up the name of each member of a
// record in each call, which is most of what a call costs; lists of members have no names.

/** Cases that fit in the byte that becomes of them, and flags in one or two. */
const CASES_MAX = 256;
const FLAGS_MAX = 16;
const FLAGS_OF_A_BYTE = 8;

/**
 * The same contract with tuples for records, and numbers for enums and flags. In memory
 * they are alike (the component model's canonical ABI), so the code fits both.
 * @param {string} wit
 */
export function withoutNames(wit) {
  return wit
    .replace(/\/\/.*/g, "")
    .replace(/record ([\w-]+) \{([^}]*)\}/g, (_, name, body) => `type ${name} = tuple<${fieldTypes(body).join(", ")}>;`)
    .replace(/(enum|flags) ([\w-]+) \{([^}]*)\}/g, (_, kind, name, body) => {
      const count = body.split(",").filter((label) => label.trim()).length;
      if (count > (kind === "flags" ? FLAGS_MAX : CASES_MAX)) {
        throw new Error(`the ${kind} \`${name}\` of the contract do not fit in a number of the engine`);
      }
      return `type ${name} = ${kind === "flags" && count > FLAGS_OF_A_BYTE ? "u16" : "u8"};`;
    });
}

/** A field is a line: `name: type,`. */
function fieldTypes(body) {
  const lines = body.split("\n").map((line) => line.trim());
  return lines.filter(Boolean).map((line) => line.replace(/^[\w-]+:\s*/, "").replace(/,$/, ""));
}
