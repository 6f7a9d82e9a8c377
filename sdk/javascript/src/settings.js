// Settings, read once from JSON text.

import { parse } from "./json.js";
import { child } from "./pointer.js";
import { Mismatch, MISSING, plural, Reader, UNKNOWN } from "./reader.js";
import { object } from "./readers.js";

/** The settings do not fit; the message is for the operator. */
export class SettingsError extends Error {
  name = "SettingsError";

  /**
   * @param {string} message
   * @param {string} pointer to what is wrong; what is missing is wrong where it should stand
   */
  constructor(message, pointer = "") {
    super(message);
    this.pointer = pointer;
  }
}

/** @param {Reader | Record<string, Reader>} declared */
export function settingsReader(declared = {}) {
  const reader = declared instanceof Reader ? declared : object(declared);
  return (text) => {
    const value = json(text);
    try {
      return reader.read(value);
    } catch (error) {
      throw error instanceof Mismatch ? new SettingsError(explain(error), placeOf(error)) : error;
    }
  };
}

function json(text) {
  try {
    return parse(text);
  } catch {
    throw new SettingsError("settings are not JSON");
  }
}

function explain({ path, problem }) {
  if (path.length === 0) return `settings ${plural(problem)}`;
  const name = path.join("/");
  return problem === UNKNOWN ? `unknown setting ${name}` : `${name} ${problem}`;
}

function placeOf({ path, problem }) {
  const place = problem === MISSING ? path.slice(0, -1) : path;
  return place.reduce(child, "");
}
