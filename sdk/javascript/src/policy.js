// A policy: one settings declaration and one function.

import { ArgumentError } from "./argument.js";
import { members } from "./check.js";
import { descriptionOf } from "./description.js";
import { deny } from "./opinion.js";
import { block } from "./report.js";
import { settingsReader } from "./settings.js";

export function policy(definition) {
  return {
    ...definitionOf("policy", "judge", definition),
    judge: (settings, request) => unreadable(() => definition.judge(settings, request), deny.invalidArguments),
  };
}

export function editor(definition) {
  return {
    ...definitionOf("editor", "revise", definition),
    revise: (settings, request) => definition.revise(settings, request),
  };
}

export function reviewer(definition) {
  return {
    ...definitionOf("reviewer", "review", definition),
    review: (settings, request, response) => unreadable(() => definition.review(settings, request, response), block),
  };
}

function definitionOf(world, answer, definition) {
  const { settings, schema, powers, rules } = members(definition, ["settings", "schema", "powers", "rules", answer], `${world}({ .. })`);
  return {
    world,
    description: descriptionOf({ schema, powers, rules }),
    readSettings: settingsReader(settings),
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
