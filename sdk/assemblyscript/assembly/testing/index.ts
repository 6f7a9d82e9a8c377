// Everything that the tests of a policy use. No gate is needed for them: what a
// policy asks for comes from memory. `gatewright-test` runs them.

// The compiler finds `abort` there.
import "../fault";

export { Facts } from "./facts";
export { TestRequest } from "./request";
export { TestResponse } from "./response";
export { ask, review, revise, settingsError } from "./run";
export { equal } from "./equal";
