// What is logged of an exception: its message, and where it was thrown.

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

function place(line) {
  const found = PLACE.exec(line.trim());
  if (found === null) return undefined;
  const [, name, number] = found;
  const source = sourceOf(Number(number));
  return source && `${name} (${source})`;
}

/**
 * The build appends a table to the bundle: rows of first line in the bundle, file,
 * and first line in that file.
 */
function sourceOf(line) {
  const table = globalThis.gatewrightPlaces;
  if (table === undefined) return `line ${line}`;
  const row = table.rows.findLast(([first]) => first <= line);
  const file = table.files[row?.[1]];
  return file && `${file}:${row[2] + line - row[0]}`;
}
