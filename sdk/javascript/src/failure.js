// What is logged of an exception: its message, and where it was thrown.

import { sourceOf } from "./places.js";

/** How the engine writes a place: `at name (file:line:column)`. */
const PLACE = /at (.*?)\s*\(?[^()\s]*:(\d+):\d+\)?$/;

/** The operator wants the place, not the whole stack. */
const PLACES_MAX = 3;

/**
 * @param {unknown} error
 * @returns {string} like `Error: no roots at rootsOf (src/policy.js:12), judge (src/policy.js:30)`
 */
export function describe(error) {
  if (!(error instanceof Error)) return `thrown: ${String(error)}`;
  const lines = (error.stack ?? "").split("\n").map(place).filter(Boolean);
  const places = lines.slice(0, PLACES_MAX).join(", ");
  return `${error.name}: ${error.message}${places && ` at ${places}`}`;
}

/** The build appends the table of places to the bundle; a native test has none. */
function place(line) {
  const found = PLACE.exec(line.trim());
  if (found === null) return undefined;
  const [, name, number] = found;
  const source = globalThis.gatewrightPlaces ? sourceOf(globalThis.gatewrightPlaces, Number(number)) : `line ${number}`;
  return source && `${name} (${source})`;
}
