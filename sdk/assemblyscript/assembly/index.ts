// Everything that a policy author uses.

// The compiler finds `abort` there.
import "./fault";

export { Action, Context, Hints, Proof, Subject } from "./question";
export { ApprovalRequest, Denial, Refusal, Verdict, VerdictKind } from "./verdict";
export { Document } from "./document";
export { Edit } from "./edit";
export { Finding } from "./finding";
export { Kind, Value } from "./value";
export { NoSettings, Settings } from "./settings";
export { Obligation, ObligationKind, Quota } from "./obligation";
export { Outcome, PastCall } from "./history";
export { Pattern } from "./pattern";
export { Request } from "./request";
export { Response } from "./response";
export { child } from "./pointer";
export { editor } from "./world/editor";
export { log } from "./log";
export { policy } from "./world/policy";
export { reviewer } from "./world/reviewer";
