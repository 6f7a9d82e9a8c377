// Everything that a policy author uses.

// The compiler finds `abort` there.
import "./fault";

export { Approval, Claim, Hints, Label, Link, Proof, Purpose } from "./question";
export { Ask } from "./ask";
export { Budget } from "./budget";
export { Charge } from "./charge";
export { Denial, Refusal } from "./denial";
export { Description, Powers, Rule } from "./description";
export { Document } from "./document";
export { Edit } from "./edit";
export { Kind } from "./kind";
export { NoSettings, Settings, SettingsError } from "./settings";
export { Note } from "./note";
export { Obligation, ObligationKind } from "./obligation";
export { Opinion, Verdict } from "./opinion";
export { Outcome, PastCall } from "./history";
export { Pattern } from "./pattern";
export { Report } from "./report";
export { Request } from "./request";
export { Response, ResponseKind } from "./response";
export { Revision } from "./revision";
export { Value } from "./value";
export { child } from "./pointer";
export { editor } from "./world/editor";
export { log } from "./log";
export { policy } from "./world/policy";
export { reviewer } from "./world/reviewer";
