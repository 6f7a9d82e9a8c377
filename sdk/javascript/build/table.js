// Gives the engine's module its function table. The toolchain links modules that share the table
// of one without code, and fills it with the engine's 700 functions in each new instance: four
// tenths of the time of a call. In a table of its own a function is filled in when it is called.

import { binaryOf, Cursor, sectionsOf, sizeBytes, ToolchainError } from "./sections.js";

/** Sections of a module. */
const IMPORTS = 2;
const FUNCTIONS = 3;
const TABLES = 4;
const EXPORTS = 7;
const ELEMENTS = 9;

/** Sections of a component. */
const MODULE = 1;
const CORE_INSTANCES = 2;
const COMPONENT = 4;
const ALIASES = 6;

/** Sorts of items. */
const TABLE = 1;
const MEMORY = 2;
const INSTANCE = 0x12;

/** An alias of what a core instance exports. */
const CORE_EXPORT = 1;

const TABLE_NAME = "__indirect_function_table";
const TABLE_IMPORT = Buffer.from([...named("env"), ...named(TABLE_NAME), TABLE]);

/** The functions of table 0 from the place on that a global says. */
const FROM_GLOBAL = Buffer.from([0x01, 0x00, 0x23, 0x02, 0x0b]);
/** The same from place 1 on, where the linker puts the first library. Place 0 is the null pointer. */
const FROM_ONE = Buffer.from([0x01, 0x00, 0x41, 0x01, 0x0b]);

/**
 * @param {Buffer} component
 * @returns {Buffer} the same, with the engine's module as the owner of the table
 */
export function withOwnTable(component) {
  const sections = sectionsOf(component).map(({ id, body }) => ({ id, body: Buffer.from(body) }));
  const modules = sections.filter(({ id }) => id === MODULE);
  const engine = longest(modules);
  if (!engine?.body.includes(TABLE_IMPORT)) return withOwnTableBelow(component, sections);
  engine.body = owning(engine.body, tableOf(modules));
  relink(sections, modules.indexOf(engine));
  return binaryOf(component, sections);
}

function withOwnTableBelow(component, sections) {
  const nested = longest(sections.filter(({ id }) => id === COMPONENT));
  if (nested === undefined) throw new ToolchainError("made no engine with a function table");
  nested.body = withOwnTable(nested.body);
  return binaryOf(component, sections);
}

/** The engine is by far the largest there is. */
function longest(sections) {
  return sections.toSorted((a, b) => b.body.length - a.body.length)[0];
}

/** The section of the table that is shared. */
function tableOf(modules) {
  const owner = modules.map(({ body }) => sectionsOf(body)).find((sections) => isExported(sections));
  if (owner === undefined) throw new ToolchainError("made no function table to share");
  return owner.find(({ id }) => id === TABLES);
}

function isExported(sections) {
  const exported = Buffer.from([...named(TABLE_NAME), TABLE]);
  return sections.some(({ id, body }) => id === EXPORTS && body.includes(exported));
}

/** The engine's module with a table, which it gives out beside its memory, in place of an imported one. */
function owning(module, table) {
  const sections = sectionsOf(module).flatMap((section) => {
    const { id, body } = section;
    if (id === IMPORTS) return { id, body: withoutTable(body) };
    if (id === FUNCTIONS) return [section, table];
    if (id === EXPORTS) return { id, body: withMore(body, [...named(TABLE_NAME), TABLE, 0, ...named("memory"), MEMORY, 0], 2) };
    if (id === ELEMENTS) return { id, body: withConstantPlace(body) };
    return section;
  });
  return binaryOf(module, sections);
}

function withoutTable(imports) {
  const count = new Cursor(imports);
  const others = count.size() - 1;
  const start = imports.indexOf(TABLE_IMPORT);
  const end = new Cursor(imports, start + TABLE_IMPORT.length);
  end.byte(); // what it holds: functions
  const hasMax = end.byte() === 1;
  end.size();
  if (hasMax) end.size();
  return Buffer.concat([Buffer.from(sizeBytes(others)), imports.subarray(count.at, start), imports.subarray(end.at)]);
}

function withMore(list, added, count) {
  const cursor = new Cursor(list);
  const total = cursor.size() + count;
  return Buffer.concat([Buffer.from(sizeBytes(total)), list.subarray(cursor.at), Buffer.from(added)]);
}

function withConstantPlace(elements) {
  if (!elements.subarray(0, FROM_GLOBAL.length).equals(FROM_GLOBAL)) throw new ToolchainError("fills the function table in another way");
  return Buffer.concat([FROM_ONE, elements.subarray(FROM_ONE.length)]);
}

/** Whatever is instantiated after the engine gets the engine's table for the other one. */
function relink(sections, engineModule) {
  const instances = sections.filter(({ id }) => id === CORE_INSTANCES).flatMap((section) => instancesOf(section));
  const engine = instances.findIndex(({ module }) => module === engineModule);
  const place = sections.indexOf(instances[engine]?.section);
  const tables = sections.filter(({ id }) => id === ALIASES).flatMap(({ body }) => tableAliases(body));
  // An alias more would move those that come later.
  if (place < 0 || tables.length !== 1) throw new ToolchainError("links its modules in another way");
  for (const { items, section } of instances.slice(engine + 1)) {
    for (const item of items) {
      if (item.sort === TABLE && item.name === TABLE_NAME) overwrite(section.body, item, tables.length);
      if (item.sort === INSTANCE && item.name === "main") overwrite(section.body, item, engine);
    }
  }
  const alias = Buffer.from([1, 0, TABLE, CORE_EXPORT, ...sizeBytes(engine), ...named(TABLE_NAME)]);
  sections.splice(place + 1, 0, { id: ALIASES, body: alias });
}

function overwrite(body, { at, isOneByte }, index) {
  if (!isOneByte || index > 127) throw new ToolchainError("links more modules than this can relink");
  body[at] = index;
}

/** Core instances: of a module with instances as arguments, or of items. */
function instancesOf(section) {
  const cursor = new Cursor(section.body);
  const item = () => {
    const [name, sort] = [cursor.text(), cursor.byte()];
    const at = cursor.at;
    cursor.size();
    return { name, sort, at, isOneByte: cursor.at === at + 1 };
  };
  return cursor.list(() => {
    const module = cursor.byte() === 0 ? cursor.size() : undefined;
    return { section, module, items: cursor.list(item) };
  });
}

/** The aliases of core tables. */
function tableAliases(body) {
  const cursor = new Cursor(body);
  const aliases = cursor.list(() => {
    const sort = cursor.byte();
    const coreSort = sort === 0 ? cursor.byte() : undefined;
    const isOuter = cursor.byte() === 2;
    cursor.size();
    if (isOuter) cursor.size();
    else cursor.text();
    return coreSort;
  });
  return aliases.filter((coreSort) => coreSort === TABLE);
}

function named(name) {
  return [...sizeBytes(name.length), ...Buffer.from(name)];
}
