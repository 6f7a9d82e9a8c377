// What a policy says about itself.

import { array, oneOf, text } from "./check.js";
import { POWERS } from "./lower.js";

/**
 * @param {{ schema?: object | string, powers: string[], rules?: Record<string, string> }} said
 *   `schema`: a JSON Schema of the settings, as it is or as text; `rules`: titles by id
 */
export function descriptionOf({ schema, powers, rules = {} }) {
  array(powers, "powers").forEach((power) => oneOf(POWERS, power, "powers"));
  return {
    schema: schema === undefined || typeof schema === "string" ? schema : JSON.stringify(schema),
    powers: [...powers],
    rules: Object.entries(rules).map(([id, title]) => ({ id, title: text(title, `rules.${id}`) })),
  };
}
