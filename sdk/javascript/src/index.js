// What a policy imports. The types and the documentation stand in index.d.ts.

export { ArgumentError } from "./argument.js";
export { edit } from "./edit.js";
export { block, pass } from "./finding.js";
export * as log from "./log.js";
export { charge, label, limitResult, redact } from "./obligation.js";
export { Pattern, pattern } from "./pattern.js";
export { child, pointer } from "./pointer.js";
export { editor, policy, reviewer } from "./policy.js";
export { anything, bigint, boolean, integer, list, number, object, oneOf, record, text } from "./readers.js";
export { abstain, allow, ask, deny } from "./verdict.js";
