// Where things lie in memory, by the component model's canonical ABI: enough of it to hold one
// contract against another.

const PRIMITIVES = { bool: 1, u8: 1, u16: 2, u32: 4, u64: 8, s64: 8 };
const WORD = 4;

/** The case that is added to a variant so that it stays as wide as it was. */
const PLACES = "sixty-four-bits";

/**
 * @param {string} wit
 * @returns {{ names: string[], lists: string[], layoutOf(type: string): { size: number, align: number, leaves: string[] } }}
 *   `lists`: what there are lists of; `leaves`: each thing with its offset, integers of 64 bits as two of 32 bits
 */
export function layouts(wit) {
  const contract = wit.replace(/\/\/.*/g, "");
  const types = new Map();
  for (const [, kind, name, body] of contract.matchAll(/(record|variant|enum|flags) ([\w-]+) \{([^}]*)\}/g)) types.set(name, { kind, body });
  for (const [, name, body] of contract.matchAll(/type ([\w-]+) = ([^;]*);/g)) types.set(name, { kind: "type", body });

  function layoutOf(type) {
    const [, outer, inner] = /^([\w-]+)(?:<(.*)>)?$/.exec(type);
    if (outer in PRIMITIVES) return primitive(PRIMITIVES[outer]);
    if (outer === "string" || outer === "list") return tuple([primitive(WORD), primitive(WORD)]);
    if (outer === "tuple") return tuple(split(inner).map(layoutOf));
    if (outer === "option") return variant([undefined, layoutOf(inner)]);
    const { kind, body } = types.get(outer);
    const parts = split(body);
    if (kind === "type") return layoutOf(body);
    if (kind === "record") return tuple(parts.map((part) => layoutOf(part.replace(/^[\w-]+:\s*/, ""))));
    if (kind === "variant") return variant(parts.map(heldIn));
    if (kind === "enum") return primitive(1);
    return primitive(parts.length <= 8 ? 1 : 2);
  }
  /** What a case holds. One that only keeps places has a size, and nothing to look at. */
  function heldIn(part) {
    const [, name, type] = /^([\w-]+)(?:\((.*)\))?$/.exec(part);
    const layout = type && layoutOf(type);
    return name === PLACES ? { ...layout, leaves: [] } : layout;
  }
  const lists = [...contract.matchAll(/list<([\w-]+)>/g)].map(([, name]) => name);
  return { names: [...types.keys()], lists: [...new Set(lists)], layoutOf };
}

function primitive(size) {
  const leaves = size === 8 ? ["0:4", "4:4"] : [`0:${size}`];
  return { size, align: size, leaves };
}

function tuple(parts) {
  const align = Math.max(...parts.map(({ align }) => align));
  let end = 0;
  const leaves = [];
  for (const part of parts) {
    const start = up(end, part.align);
    leaves.push(...moved(part.leaves, start));
    end = start + part.size;
  }
  return { size: up(end, align), align, leaves };
}

/** Each case with its number. */
function variant(cases) {
  const held = cases.filter(Boolean);
  const align = Math.max(1, ...held.map(({ align }) => align));
  const start = up(1, align);
  const leaves = cases.flatMap((layout, number) => (layout ? moved(layout.leaves, start).map((leaf) => `${number}@${leaf}`) : []));
  return { size: up(start + Math.max(0, ...held.map(({ size }) => size)), align), align, leaves: ["0:1", ...leaves] };
}

function moved(leaves, by) {
  return leaves.map((leaf) => leaf.replace(/(\d+):/, (_, offset) => `${Number(offset) + by}:`));
}

function up(offset, align) {
  return Math.ceil(offset / align) * align;
}

/** At commas that are in no brackets. */
function split(body) {
  const parts = [""];
  let depth = 0;
  for (const character of body) {
    if ("<(".includes(character)) depth += 1;
    if (">)".includes(character)) depth -= 1;
    if (character === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter(Boolean);
}
