// Settings, read once from JSON text.

import { parse } from "./json.js";
import { Mismatch, plural, Reader, UNKNOWN } from "./reader.js";
import { object } from "./readers.js";

/** The settings do not fit; the message is for the operator. */
export class SettingsError extends Error {
  name = "SettingsError";
}

/** @param {Reader | Record<string, Reader>} declared */
export function settingsReader(declared = {}) {
  const reader = declared instanceof Reader ? declared : object(declared);
  return (text) => {
    const value = json(text);
    try {
      return reader.read(value);
    } catch (error) {
      throw error instanceof Mismatch ? new SettingsError(explain(error)) : error;
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
