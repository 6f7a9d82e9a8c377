// A policy: one settings declaration and one function.

import { ArgumentError } from "./argument.js";
import { block } from "./finding.js";
import { settingsReader } from "./settings.js";
import { deny } from "./verdict.js";

export function policy({ settings, judge }) {
  return {
    world: "policy",
    readSettings: settingsReader(settings),
    judge: (settings, request) => unreadable(() => judge(settings, request), deny.invalidArguments),
  };
}

export function editor({ settings, revise }) {
  return {
    world: "editor",
    readSettings: settingsReader(settings),
    revise,
  };
}

export function reviewer({ settings, review }) {
  return {
    world: "reviewer",
    readSettings: settingsReader(settings),
    review: (settings, request, response) => unreadable(() => review(settings, request, response), block),
  };
}

/** What cannot be read is refused, unless the author handles it. */
function unreadable(answer, refuse) {
  try {
    return answer();
  } catch (error) {
    if (error instanceof ArgumentError) return refuse(error.message);
    throw error;
  }
}
