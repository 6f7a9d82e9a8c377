// Gives the engine integers of 64 bits. It makes JavaScript numbers of them, and rounds; here its
// functions for them give and take a list of two halves instead, the lower one first.

import { binaryOf, Cursor, sectionsOf, sizeBytes, ToolchainError } from "./sections.js";

/** Sections of a module. */
const TYPES = 1;
const IMPORTS = 2;
const FUNCTIONS = 3;
const EXPORTS = 7;
const CODE = 10;

/** Sections of a component. */
const MODULE = 1;
const COMPONENT = 4;

/** Sorts of items. */
const FUNCTION = 0;
const TABLE = 1;
const MEMORY = 2;
const GLOBAL = 3;

const I32 = 0x7f;
const I64 = 0x7e;

/** What the engine exports for the code that knows the contract, with parameters and results. */
const PUSH = { wit_dylib_push_u64: [[I32, I64], []], wit_dylib_push_s64: [[I32, I64], []] };
const POP = { wit_dylib_pop_u64: [[I32], [I64]], wit_dylib_pop_s64: [[I32], [I64]] };
const USED = {
  wit_dylib_push_list: [[I32, I32, I32, I32], [I32]],
  wit_dylib_list_append: [[I32, I32], []],
  wit_dylib_push_u32: [[I32, I32], []],
  wit_dylib_pop_list: [[I32, I32, I32], [I32]],
  wit_dylib_pop_list_iter_next: [[I32, I32], []],
  wit_dylib_pop_list_iter: [[I32, I32], []],
  wit_dylib_pop_u32: [[I32], [I32]],
};

/**
 * @param {Buffer} component
 * @returns {Buffer} the same, with an engine that does not round
 */
export function withHalves(component) {
  let count = 0;
  const result = changed(component);
  if (count !== 1) throw new ToolchainError("made no engine with integers of 64 bits");
  return result;

  function changed(component) {
    const sections = sectionsOf(component).map(({ id, body }) => {
      if (id === COMPONENT) return { id, body: changed(body) };
      if (id !== MODULE || !exportsOf(body).has("wit_dylib_push_u64")) return { id, body };
      count += 1;
      return { id, body: engineWithHalves(body) };
    });
    return binaryOf(component, sections);
  }
}

/** The engine's module with other functions under the names of `PUSH` and `POP`. */
function engineWithHalves(module) {
  const exported = exportsOf(module);
  const { types, stackGlobal } = functionsOf(module);
  for (const [name, signature] of Object.entries({ ...PUSH, ...POP, ...USED })) {
    const type = types[exported.get(name)?.index];
    if (String(type?.signature) !== String(signature.map((values) => values.join(":")))) throw new ToolchainError(`has another \`${name}\``);
  }
  const call = (name) => [0x10, ...sizeBytes(exported.get(name).index)];
  const stack = { get: [0x23, ...sizeBytes(stackGlobal)], set: [0x24, ...sizeBytes(stackGlobal)] };
  const replaced = [...Object.keys(PUSH), ...Object.keys(POP)];
  const added = replaced.map((name, place) => ({
    name,
    index: types.length + place,
    type: types[exported.get(name).index].type,
    body: name in PUSH ? pushHalves(call) : popHalves(call, stack),
  }));
  const sections = sectionsOf(module).map(({ id, body }) => {
    if (id === FUNCTIONS) return { id, body: withMore(body, added.map(({ type }) => sizeBytes(type))) };
    if (id === CODE) return { id, body: withMore(body, added.map(({ body }) => [...sizeBytes(body.length), ...body])) };
    if (id === EXPORTS) return { id, body: withIndexes(body, new Map(added.map(({ name, index }) => [name, index]))) };
    return { id, body };
  });
  return binaryOf(module, sections);
}

/** (engine, integer): pushes a list, and appends each half to it. */
function pushHalves(call) {
  const append = (half) => [...GET_ENGINE, ...half, WRAP, ...call("wit_dylib_push_u32"), ...GET_ENGINE, ...ZERO, ...call("wit_dylib_list_append")];
  return [
    0, // no locals
    ...[...GET_ENGINE, ...ZERO, ...ZERO, ...TWO, ...call("wit_dylib_push_list"), DROP],
    ...append(GET_INTEGER),
    ...append([...GET_INTEGER, ...BITS, SHIFT_RIGHT]),
    END,
  ];
}

/**
 * (engine): an integer, of a list of two. Lists of numbers are handed over in memory, which is
 * told in a place on the stack; this is none.
 */
function popHalves(call, stack) {
  const next = [...GET_ENGINE, ...ZERO, ...call("wit_dylib_pop_list_iter_next"), ...GET_ENGINE, ...call("wit_dylib_pop_u32"), EXTEND];
  return [
    ...[1, 1, I64], // one local
    ...[...stack.get, ...PLACE_BYTES, SUBTRACT, ...stack.set],
    ...[...GET_ENGINE, ...ZERO, ...stack.get, ...call("wit_dylib_pop_list"), ...TWO, ...TRAP_UNLESS_SAME],
    ...[...stack.get, ...PLACE_BYTES, ADD, ...stack.set],
    ...[...next, ...SET_INTEGER],
    ...[...next, ...BITS, SHIFT_LEFT, ...GET_INTEGER, OR, ...SET_INTEGER],
    ...[...GET_ENGINE, ...ZERO, ...call("wit_dylib_pop_list_iter")],
    ...GET_INTEGER,
    END,
  ];
}

const GET_ENGINE = [0x20, 0];
const GET_INTEGER = [0x20, 1];
const SET_INTEGER = [0x21, 1];
const ZERO = [0x41, 0]; // any type of list does: the engine does not look at it
const TWO = [0x41, 2];
const BITS = [0x42, 32];
const TRAP_UNLESS_SAME = [0x47, 0x04, 0x40, 0x00, 0x0b];
const PLACE_BYTES = [0x41, 16];
const DROP = 0x1a;
const ADD = 0x6a;
const SUBTRACT = 0x6b;
const SHIFT_LEFT = 0x86;
const SHIFT_RIGHT = 0x88;
const OR = 0x84;
const WRAP = 0xa7;
const EXTEND = 0xad;
const END = 0x0b;

/** Exported functions by name. */
function exportsOf(module) {
  const section = sectionsOf(module).find(({ id }) => id === EXPORTS);
  const exported = section === undefined ? [] : exportList(section.body);
  return new Map(exported.filter(({ sort }) => sort === FUNCTION).map((item) => [item.name, item]));
}

function exportList(body) {
  const cursor = new Cursor(body);
  return cursor.list(() => ({ name: cursor.text(), sort: cursor.byte(), index: cursor.size() }));
}

/** Exports again, with other functions under some names. */
function withIndexes(body, indexes) {
  const exported = exportList(body);
  const items = exported.map(({ name, sort, index }) => {
    const bytes = Buffer.from(name);
    return [...sizeBytes(bytes.length), ...bytes, sort, ...sizeBytes(indexes.get(name) ?? index)];
  });
  return Buffer.from([...sizeBytes(items.length), ...items.flat()]);
}

/** The type of each function, in the order of their numbers, and the global that the stack ends at. */
function functionsOf(module) {
  const body = (wanted) => sectionsOf(module).find(({ id }) => id === wanted).body;
  const cursor = new Cursor(body(TYPES));
  const values = () => cursor.list(() => cursor.byte()).join(":");
  const signatures = cursor.list(() => {
    if (cursor.byte() !== 0x60) throw new ToolchainError("has types that are no functions");
    return [values(), values()];
  });
  const imports = importList(body(IMPORTS));
  const defined = new Cursor(body(FUNCTIONS));
  const numbers = [...imports.filter(({ sort }) => sort === FUNCTION).map(({ type }) => type), ...defined.list(() => defined.size())];
  const stackGlobal = imports.filter(({ sort }) => sort === GLOBAL).findIndex(({ name }) => name === "__stack_pointer");
  if (stackGlobal < 0) throw new ToolchainError("made an engine that has its stack elsewhere");
  return { types: numbers.map((type) => ({ type, signature: signatures[type] })), stackGlobal };
}

function importList(body) {
  const cursor = new Cursor(body);
  return cursor.list(() => {
    cursor.text(); // the module
    const [name, sort] = [cursor.text(), cursor.byte()];
    return { name, sort, type: importedType(cursor, sort) };
  });
}

/** The number of a function's type; the types of other things are passed over. */
function importedType(cursor, sort) {
  switch (sort) {
    case FUNCTION:
      return cursor.size();
    case TABLE:
      cursor.byte(); // what it holds
      return limits(cursor);
    case MEMORY:
      return limits(cursor);
    case GLOBAL:
      cursor.bytes(2); // its type, and whether it changes
      return undefined;
    default:
      throw new ToolchainError("imports what is not known here");
  }
}

function limits(cursor) {
  const hasMax = (cursor.byte() & 1) === 1;
  cursor.size();
  if (hasMax) cursor.size();
}

function withMore(list, added) {
  const cursor = new Cursor(list);
  const total = cursor.size() + added.length;
  return Buffer.concat([Buffer.from(sizeBytes(total)), list.subarray(cursor.at), Buffer.from(added.flat())]);
}
