// One component with the types of another.

import { binaryOf, sectionsOf, ToolchainError } from "./sections.js";

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
  const ids = (of) => of.map(({ id }) => id).join();
  if (ids(sections) !== ids(models)) throw new ToolchainError("made components of two shapes");
  const retyped = sections.map((section, index) => {
    const { id, body } = section;
    if (id === TYPE) return models[index];
    return id === COMPONENT ? { id, body: retype(body, models[index].body) } : section;
  });
  return binaryOf(component, retyped);
}
