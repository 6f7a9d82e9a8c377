// What the gate calls: the interfaces of the contract, made from a policy.

import { ArgumentError } from "./argument.js";
import { describe } from "./failure.js";
import { warn, writeTo } from "./log.js";
import { LEVELS, lowerDescription, lowerOpinion, lowerReport, lowerRevision } from "./lower.js";
import { factsOf } from "./raise.js";
import { Request } from "./request.js";
import { Response } from "./response.js";
import { SettingsError } from "./settings.js";

export function judgingOf(definition, gate) {
  return exportsOf("policy", definition, gate, {
    judge: (settings, request) => lowerOpinion(definition.judge(settings, request)),
  });
}

export function revisingOf(definition, gate) {
  return exportsOf("editor", definition, gate, {
    revise: (settings, request) => lowerRevision(definition.revise(settings, request)),
  });
}

export function reviewingOf(definition, gate) {
  const response = new Response(gate.response);
  return exportsOf("reviewer", definition, gate, {
    review: (settings, request) => lowerReport(definition.review(settings, request, response)),
  });
}

function exportsOf(world, definition, gate, answers) {
  if (definition?.world !== world) {
    throw new Error(`this is no ${world}; hint: write \`export default ${world}({ .. })\`, and the world in policy.toml`);
  }
  writeTo((level, message) => gate.log.write(LEVELS.indexOf(level), message.toWellFormed()));
  const description = lowerDescription(definition.description);
  // Every call starts from what there is now, so one request that knows nothing yet is enough.
  const request = new Request(factsOf(gate));
  let settings;
  const [[name, answer]] = Object.entries(answers);
  return {
    describe: () => description,
    configure: (text) =>
      loudly(() => {
        settings = definition.readSettings(text);
      }),
    [name]: () => loudly(() => answer(settings, request)),
  };
}

/**
 * An exception becomes a trap, which has no text: say what and where before. What is thrown
 * and is no exception is the error case of a `result`.
 */
function loudly(answer) {
  try {
    return answer();
  } catch (error) {
    if (error instanceof SettingsError) throw [error.pointer, error.message];
    if (error instanceof ArgumentError) throw error.message;
    warn(describe(error));
    throw error;
  }
}
