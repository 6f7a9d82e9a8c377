// What a policy imports. The types and the documentation stand in index.d.ts.

export { ArgumentError } from "./argument.js";
export { edit } from "./edit.js";
export * as log from "./log.js";
export { charge, declassify, label, limitResult, redact } from "./obligation.js";
export { abstain, allow, ask, deny } from "./opinion.js";
export { Pattern, pattern } from "./pattern.js";
export { child, pointer } from "./pointer.js";
export { editor, policy, reviewer } from "./policy.js";
export { anything, bigint, boolean, integer, list, number, object, oneOf, record, text } from "./readers.js";
export { block, pass } from "./report.js";
export { revision } from "./revision.js";
