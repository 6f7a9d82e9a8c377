// One component with the types of another.

import { binaryOf, Cursor, sectionsOf, ToolchainError } from "./sections.js";

const MODULE = 1;
const COMPONENT = 4;
const TYPE = 7;

/**
 * @param {Buffer} component
 * @param {Buffer} model made by the same toolchain, so that it has the same sections
 * @returns {Buffer} `component`, with the type sections of `model` at all depths
 */
export function retype(component, model) {
  const sections = sectionsOf(component);
  const models = sectionsOf(model);
  if (shapeOf(sections) !== shapeOf(models)) throw new ToolchainError("made components of two shapes");
  const retyped = sections.map((section, index) => {
    const { id, body } = section;
    if (id === TYPE) return models[index];
    return id === COMPONENT ? { id, body: retypeBelow(body, models[index].body) } : section;
  });
  return binaryOf(component, retyped);
}

/** A component without code is nothing but types. */
function retypeBelow(component, model) {
  return hasCode(component) ? retype(component, model) : model;
}

function hasCode(component) {
  return sectionsOf(component).some(({ id, body }) => id === MODULE || (id === COMPONENT && hasCode(body)));
}

/** Sections, and how many types each defines: others refer to types by their number. */
function shapeOf(sections) {
  return sections.map(({ id, body }) => (id === TYPE ? `${id}:${new Cursor(body).size()}` : id)).join();
}
