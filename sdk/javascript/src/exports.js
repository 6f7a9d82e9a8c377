// What the gate calls: the interfaces of the contract, made from a policy.

import { ArgumentError } from "./argument.js";
import { describe } from "./failure.js";
import { warn, writeTo } from "./log.js";
import { LEVELS, lowerEdits, lowerFinding, lowerVerdict } from "./lower.js";
import { raisePastCall, raiseRequest } from "./raise.js";
import { Response } from "./response.js";
import { SettingsError } from "./settings.js";

export function judgingOf(definition, gate) {
  return exportsOf("policy", definition, gate, {
    judge: (settings, request) => lowerVerdict(definition.judge(settings, request)),
  });
}

export function revisingOf(definition, gate) {
  return exportsOf("editor", definition, gate, {
    revise: (settings, request) => lowerEdits(definition.revise(settings, request)),
  });
}

export function reviewingOf(definition, gate) {
  const response = gate.response && new Response(gate.response);
  return exportsOf("reviewer", definition, gate, {
    review: (settings, request) => lowerFinding(definition.review(settings, request, response)),
  });
}

/** The editor and reviewer worlds have no history. */
const noHistory = () => {
  throw new Error("only policies that judge have a history");
};

function exportsOf(world, definition, gate, answers) {
  if (definition?.world !== world) {
    throw new Error(`this is no ${world}; hint: write \`export default ${world}({ .. })\`, and the world in policy.toml`);
  }
  writeTo((level, message) => gate.write(LEVELS.indexOf(level), message));
  const read = {
    arguments: gate.arguments,
    recent: gate.recent ? (limit) => gate.recent(limit).map(raisePastCall) : noHistory,
  };
  let settings;
  const [[name, answer]] = Object.entries(answers);
  return {
    configure: (text) =>
      loudly(() => {
        settings = definition.readSettings(text);
      }),
    [name]: (asked) => loudly(() => answer(settings, raiseRequest(asked, read))),
  };
}

/**
 * An exception becomes a trap, which has no text: say what and where before. A
 * thrown text is the error case of `result<_, string>`.
 */
function loudly(answer) {
  try {
    return answer();
  } catch (error) {
    if (error instanceof SettingsError || error instanceof ArgumentError) throw error.message;
    warn(describe(error));
    throw error;
  }
}
