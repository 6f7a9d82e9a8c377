/**
 * Write a Gatewright policy in JavaScript or TypeScript: one settings declaration and one function.
 *
 * A policy is a pure function of its settings and the request. It has no clock, no randomness,
 * no files and no network; the time of the call is `request.at`.
 *
 * Integers of 64 bits are `bigint`. Nothing is ever rounded silently.
 */

// === the request ===

/** How strongly the caller proved that it holds the credential, weakest first. */
export type Proof = "none" | "bearer" | "sender" | "call";

/** An agent on the way from the principal to the one that asks. */
export interface Link {
  readonly id: string;
  /** Who says that it may delegate. */
  readonly issuer?: string | undefined;
}

/** A claim of the credential that the operator lets policies see. */
export interface Claim {
  /** The name that the operator gave it. */
  readonly name: string;
  /** Its values: one, or those of a list. */
  readonly values: readonly string[];
}

/** What the operator pinned about the tool; never what the tool server claims about itself. */
export interface Hints {
  /** The tool changes nothing. */
  readonly readOnly: boolean;
  /** The tool can destroy or overwrite. */
  readonly destructive: boolean;
  /** The same call twice has the effect of one. */
  readonly idempotent: boolean;
  /** The tool reaches beyond the system it belongs to. */
  readonly openWorld: boolean;
  /** What it answers may be written by anybody: instructions in it are not the user's. */
  readonly untrusted: boolean;
  /** What it answers must not leave with another call. */
  readonly sensitive: boolean;
}

/** A label of the session. */
export interface Label {
  readonly name: string;
  /** The binding that left it last; nothing where that is not recorded. */
  readonly source?: string | undefined;
  /** When it was left last. Unix time, milliseconds; nothing where that is not recorded. */
  readonly at?: bigint | undefined;
}

/** Somebody who approved exactly this call. */
export interface Approval {
  /** Id of the person. */
  readonly by: string;
  readonly roles: readonly string[];
  /** Unix time, milliseconds. */
  readonly at: bigint;
  /** How it was shown who approves. */
  readonly method: string;
}

/** What the session did before. */
export interface PastCall {
  /** Id of the decision. Several calls have the same where one message named several things. */
  readonly id: string;
  /** Unix time, milliseconds. */
  readonly at: bigint;
  readonly method: string;
  readonly server: string;
  readonly name: string;
  /** `failed`: it went ahead, and no usable answer came back; `pending`: nothing came back yet. */
  readonly outcome: "allowed" | "denied" | "held" | "failed" | "pending";
  /** Why not, if not: a reason of the gate, for example `forbidden`. */
  readonly reason?: string | undefined;
}

/** A JSON value, one level deep. */
export type Value =
  | { readonly kind: "null"; readonly value: null }
  | { readonly kind: "boolean"; readonly value: boolean }
  /** Written as an integer (an optional minus sign and digits) that fits into 64 bits. */
  | { readonly kind: "integer"; readonly value: bigint }
  /** Any other number, exactly as written. */
  | { readonly kind: "number"; readonly value: string }
  | { readonly kind: "text"; readonly value: string }
  /** The number of elements. */
  | { readonly kind: "array"; readonly value: number }
  /** The number of members. */
  | { readonly kind: "object"; readonly value: number };

/**
 * One value of a document that the gate has parsed: strictly, each member name once. Whatever
 * is looked at is asked for then; what nobody looks at costs nothing.
 */
export interface Node {
  readonly kind: "null" | "boolean" | "number" | "text" | "array" | "object";
  /** The value, one level deep. */
  readonly value: Value;
  /** Elements of an array, members of an object, bytes of a text; 0 for others. */
  readonly length: number;
  /** All elements or, in the order of the message, all members' values. */
  readonly children: Node[];
  /** Member names, in the order of the message; empty where this is no object. */
  readonly keys: string[];
  /** The text, if it is one. */
  readonly text: string | undefined;
  /** The JSON text, as it was written. */
  readonly json: string;
  /** The value at a pointer, from here. */
  get(pointer: string): Node | undefined;
  /** The member of this name, which is no pointer. */
  member(name: string): Node | undefined;
  /** The element or member at a place. */
  at(index: number): Node | undefined;
  /** All of it. What does not fit throws an {@link ArgumentError}, with pointers from here. */
  read<T>(reader: Reader<T>): T;
}

/** A budget, in the window that the call falls in. */
export interface BudgetReading {
  /** The most that one window may cost. */
  readonly limit: bigint;
  /** Length of the window. */
  readonly windowSeconds: number;
  /** What was charged when the call was judged; more than the limit where charges came after their calls. */
  readonly spent: bigint;
  /** What is left of it. */
  readonly left: bigint;
}

/** JSON at pointers. */
interface Document {
  /** All of it, to walk through. */
  readonly root: Node;
  /** What stands at a pointer, one level deep, or nothing. */
  get(pointer: string): Value | undefined;
  /** Member names of the object at a pointer; empty where there is no object. */
  keys(pointer: string): string[];
  /** The JSON text at a pointer, as it was written. */
  json(pointer: string): string | undefined;
}

/**
 * One call. A fact is asked for when a policy first looks at it, and costs nothing before.
 *
 * The document is the arguments: the `arguments` of `tools/call` and `prompts/get`, the `params`
 * of every other method. Pointers are JSON Pointers (RFC 6901), `""` is the whole. One that is
 * not well-formed is a fault: the call is denied and the operator told.
 */
export interface Request extends Document {
  /** Stable id of the agent: a DID, a SPIFFE id, an OAuth client id. */
  readonly agent: string;
  /** Who issued the credential. */
  readonly issuer: string;
  /** The person or organisation that the agent acts for. */
  readonly principal: string | undefined;
  /** The accountable owner, as the agent registry of the gate has it. */
  readonly owner: string | undefined;
  /** Every agent between the principal and this one, nearest the principal first. */
  readonly chain: readonly Link[];
  /** What the credential covers, for example `files:read_*`. */
  readonly scopes: readonly string[];
  /** How the credential was proved for this call. */
  readonly proof: Proof;
  /** When the credential ends. Unix time, milliseconds. */
  readonly expiresAt: bigint;
  /** The claims of the credential that the operator lets policies see: groups, roles, a tenant. Sorted by name. */
  readonly claims: readonly Claim[];
  /** Why the policy is asked. */
  readonly purpose: "call" | "listing";
  /** The MCP method, for example `tools/call`. */
  readonly method: string;
  /** The configured name of the tool server. */
  readonly server: string;
  /** The tool or prompt name, or the resource URI. Empty for methods that name nothing. */
  readonly name: string;
  /** What the operator pinned about it. */
  readonly hints: Hints;
  /** Arguments that the operator pinned as what the tool works on, or where it sends: JSON Pointers. */
  readonly targets: readonly string[];
  /** Arguments that the operator pinned as handed on as they are: JSON Pointers. */
  readonly contents: readonly string[];
  /** Digest of the definition that is pinned, if any. */
  readonly definition: string | undefined;
  /** The JSON Schema of the arguments in that definition, if any. */
  readonly schema: Node | undefined;
  /** What the tool server says about the tool itself, if any. */
  readonly claimed: Node | undefined;
  /** When the gate received the call. Unix time, milliseconds. */
  readonly at: bigint;
  /** Id of the decision to come. Do not decide by it. */
  readonly decision: string;
  /** Groups the calls of one agent, for one principal, at one task. */
  readonly session: string;
  /** Labels that earlier calls of this session left behind, sorted by name. */
  readonly labels: readonly Label[];
  /** Who approved this call already. */
  readonly approvals: readonly Approval[];
  /**
   * Whether this asks if a tool, prompt or resource may be shown in a list, and not if it may
   * be used. There are no arguments then; a denial hides the entry, and no allow is needed.
   */
  readonly isListing: boolean;
  /** The values of the claim of this name; empty where there is none. */
  claim(name: string): readonly string[];
  /** Whether the session carries a label of this name. */
  hasLabel(name: string): boolean;
  /**
   * The argument at a pointer. One that is missing or does not fit throws an
   * {@link ArgumentError}, which denies the call unless the policy catches it.
   */
  argument<T>(pointer: string, reader: Reader<T>): T;
  argument(pointer: string): unknown;
  /** The latest calls of the session, newest first, at most `limit`; the gate keeps the last 64. */
  history(limit: number): PastCall[];
  /**
   * A budget that the operator set for the binding under this name, as it is charged under a key.
   * A name that is not set is a fault. What others spend meanwhile is not in it: a charge keeps a
   * call within its budget.
   */
  budget(name: string, key: string): BudgetReading;
}

/** What came back of a call that went ahead. Pointers are as in {@link Request}. */
export interface Response extends Document {
  /**
   * `final`: the `result` of the answer; `error`: its `error`; `notification`: the `params` of a
   * message on the way.
   */
  readonly kind: "final" | "error" | "notification";
  /** The method of a notification. */
  readonly method: string | undefined;
  /** Whether the tool reported an error: `isError` in the result, or an `error`. */
  readonly isError: boolean;
  /** The value at a pointer, as in {@link Request.argument}. */
  read<T>(pointer: string, reader: Reader<T>): T;
  read(pointer: string): unknown;
}

/** There is no value of the wanted kind. Denies with `invalid-arguments` when a policy lets it go. */
export class ArgumentError extends Error {
  constructor(pointer: string, problem: string);
  /** Where. */
  readonly pointer: string;
  /** What is wrong, for example `is missing`. */
  readonly problem: string;
}

// === readers ===

/** Takes a JSON value and gives a `T`, or says what is wrong. For arguments and settings. */
export interface Reader<T> {
  /** Missing and `null` become `undefined`. */
  optional(): Reader<T | undefined>;
  /** What is missing becomes this. */
  default(fallback: NoInfer<T>): Reader<T>;
  /** Refuses what does not hold, with a phrase like `is empty`. */
  where(holds: (value: T) => boolean, problem: string): Reader<T>;
  /** Makes something else of it. An error thrown here is what is wrong with the value. */
  map<U>(change: (value: T) => U): Reader<U>;
  /** Says `is not ..` with these words. */
  called(what: string): Reader<T>;
}

/** Text. */
export const text: Reader<string>;
/** `true` or `false`. */
export const boolean: Reader<boolean>;
/** A number written as an integer, below 2^53; larger ones are refused. */
export const integer: Reader<number>;
/** A number written as an integer that fits into 64 bits. */
export const bigint: Reader<bigint>;
/** Any number, as near as JavaScript can hold it. */
export const number: Reader<number>;
/** Any JSON value. Integers beyond 2^53 become `bigint`. */
export const anything: Reader<unknown>;
/** A JSON Pointer (RFC 6901) in the settings: a typo is refused when the policy is loaded. */
export const pointer: Reader<string>;
/** A name pattern. */
export const pattern: Reader<Pattern>;
/** One of these texts. */
export function oneOf<const T extends string>(...texts: T[]): Reader<T>;
/** A list of such elements. */
export function list<T>(element: Reader<T>): Reader<T[]>;
/** An object with any names and such members. */
export function record<T>(member: Reader<T>): Reader<Record<string, T>>;
/** An object with exactly these members. */
export function object<S extends Shape>(shape: S): Reader<Read<S>>;

/** The members of an object. */
export type Shape = { readonly [name: string]: Reader<unknown> };

/** What a reader or a shape gives. */
export type Read<R> = R extends Reader<infer T>
  ? T
  : { -readonly [Name in keyof R]: R[Name] extends Reader<infer T> ? T : never };

/** A name in which `*` stands for any run of characters, the empty one too. Case counts. */
export class Pattern {
  constructor(text: string);
  readonly text: string;
  /** Whether the whole name fits. */
  matches(name: string): boolean;
}

/** The pointer to the member `name` (or the element with that index) of what stands at `parent`. */
export function child(parent: string, name: string | number): string;

// === answers ===

/** What a policy that judges answers. Its methods change it, and give it back. */
export interface Opinion {
  readonly verdict: Verdict;
  readonly obligations: readonly Obligation[];
  readonly notes: readonly Note[];
  /** What the gate owes if the call goes ahead, whoever allows it. */
  owing(...obligations: Obligation[]): this;
  /** Why: a rule of `rules`, and words for the operator, which may be none. */
  because(rule: string, text?: string): this;
  /** Whether it is a yes. */
  readonly allows: boolean;
  /** Whether it is a no. */
  readonly denies: boolean;
}

/** What a policy makes of a call. */
export type Verdict =
  | { readonly kind: "abstain" }
  | { readonly kind: "allow" }
  | ({ readonly kind: "deny" } & Denial)
  | ({ readonly kind: "ask" } & Ask);

/** Why a policy refuses. */
export type Refusal = "forbidden" | "insufficient-scope" | "invalid-arguments" | "unsafe-context";

/** A refusal. */
export interface Denial {
  readonly refusal: Refusal;
  /** Shown to the agent: say what to do instead, and nothing secret. */
  readonly message: string;
  /** Scopes that would have been enough; only with `insufficient-scope`. */
  readonly scopes: readonly string[];
}

/** What people are asked. The gate counts who approves. */
export interface Ask {
  /** One line for the approver. */
  readonly title: string;
  /** Why a person must look at it. */
  readonly reason: string;
  /** What an approver must see first: JSON Pointers into the arguments. */
  readonly show: readonly string[];
  /** Roles that may approve; empty means any approver. */
  readonly roles: readonly string[];
  /** How many different people must approve: 1 to 16. */
  readonly quorum: number;
  /** Whom the call is made for must not approve it. */
  readonly excludeRequester: boolean;
  /** Who else must not approve, by id. */
  readonly exclude: readonly string[];
  /** How long people have to decide; at most 30 days. */
  readonly decideWithinSeconds: number;
  /** How long the approval can be used once it is given; at most 30 days. */
  readonly useWithinSeconds: number;
}

/** Why a policy answered as it did. Recorded; the agent does not see it. */
export interface Note {
  /** Id of a rule. One that is not in `rules` is recorded as a digest only. */
  readonly rule: string;
  readonly text: string;
}

/** What the gate must do if the call goes ahead. Each needs a power of its own, and no other. */
export type Obligation =
  | { readonly charge: Charge }
  | { readonly label: readonly string[] }
  | { readonly declassify: readonly string[] }
  | { readonly redact: readonly string[] }
  | { readonly limitResult: number | bigint };

/**
 * What a call costs, in a budget that the operator set for the binding (`[binding.budgets]`),
 * or in windows of a fixed size. Counted per binding and key.
 */
export type Charge = {
  readonly key: string;
  /** 1, unless it says otherwise. */
  readonly cost?: number | bigint;
  /** What happens to it if no usable answer comes back; it is kept, unless it says otherwise. */
  readonly onFailure?: "keep" | "refund";
} & (Budget | Window);

/** The budget that the operator set under this name. One that is not set is a fault. */
export interface Budget {
  readonly budget: string;
  readonly limit?: never;
  readonly windowSeconds?: never;
}

/** A budget in fixed windows. */
export interface Window {
  readonly budget?: never;
  /** The most that one window may cost. */
  readonly limit: number | bigint;
  /** Length of the window; 0 counts as 1. */
  readonly windowSeconds: number;
}

/** Neither yes nor no. Obligations beside it count if another policy allows. */
export function abstain(): Opinion;
/** Yes, owing these obligations. */
export function allow(...obligations: Obligation[]): Opinion;
/** No. Say what to do instead, the agent reads it. */
export const deny: {
  /** Not allowed, whatever the arguments. */
  (message: string): Opinion;
  /** This tool, but not with these arguments. */
  invalidArguments(message: string): Opinion;
  /** Not in this session, after what happened before. */
  unsafeContext(message: string): Opinion;
  /** A credential with these scopes would be allowed. */
  insufficientScope(message: string, scopes: readonly string[]): Opinion;
};
/**
 * Only if people agree. One approver of any role, a day to decide and 15 minutes to use it,
 * unless the options say otherwise.
 */
export function ask(title: string, reason: string, options?: Partial<Omit<Ask, "title" | "reason">>): Opinion;

/** Charge a budget; a call that would overrun it is denied. Power `charge`. */
export function charge(charge: Charge): Obligation;
/** Leave labels on the session. Power `label`. */
export function label(...labels: string[]): Obligation;
/** Take labels off the session. Power `declassify`. */
export function declassify(...labels: string[]): Obligation;
/** Replace what stands at these JSON Pointers in the result with `null`. Power `redact`. */
export function redact(...pointers: string[]): Obligation;
/** Withhold a result larger than this many bytes. Power `limit-result`. */
export function limitResult(bytes: number | bigint): Obligation;

/** One change to a JSON document. */
export interface Edit {
  /** JSON Pointer: the value at it is replaced, a missing member added; `-` appends to an array. */
  readonly pointer: string;
  /** The JSON to put there; nothing removes. */
  readonly json?: string | undefined;
}

/** Changes to arguments and results. */
export const edit: {
  /** Puts a value there. */
  set(pointer: string, value: unknown): Edit;
  /** Puts JSON text there. */
  setJson(pointer: string, json: string): Edit;
  /** Removes the member or element. */
  remove(pointer: string): Edit;
};

/** What a policy that rewrites arguments answers, where it says why. */
export interface Revision {
  readonly edits: readonly Edit[];
  readonly notes: readonly Note[];
  /** Why: a rule of `rules`, and words for the operator, which may be none. */
  because(rule: string, text?: string): this;
}

/** Changes to the arguments, in order. */
export function revision(...edits: Edit[]): Revision;

/** What a policy that reviews answers. Its methods change it, and give it back. */
export interface Report {
  readonly finding: Finding;
  readonly labels: readonly string[];
  readonly charges: readonly Charge[];
  readonly notes: readonly Note[];
  /** The session carries these labels from now on, whatever the finding. */
  labelling(...labels: string[]): this;
  /** The call cost this, beyond what was charged before it. */
  charging(charge: Charge): this;
  /** Why: a rule of `rules`, and words for the operator, which may be none. */
  because(rule: string, text?: string): this;
}

/** What becomes of a result. */
export type Finding =
  | { readonly kind: "pass"; readonly edits: readonly Edit[] }
  | { readonly kind: "block"; readonly message: string };

/** The result goes on, changed by the edits in order. */
export function pass(...edits: Edit[]): Report;
/** The agent gets this text instead of the result. */
export function block(message: string): Report;

// === policies ===

/** Settings are members with readers, or one reader of the whole. Unknown members are refused. */
type Settings = Shape | Reader<unknown>;

/** One thing that an answer can do. The operator grants them to a binding. */
export type Power =
  | "allow"
  | "deny"
  | "ask"
  | "charge"
  | "label"
  | "declassify"
  | "redact"
  | "limit-result"
  | "edit"
  | "block";

/** What a policy says about itself. */
export interface Description {
  /** A JSON Schema of the settings, as text. */
  readonly schema: string | undefined;
  readonly powers: readonly Power[];
  readonly rules: readonly { readonly id: string; readonly title: string }[];
}

/** What is declared beside the function. */
interface Declared<S> {
  readonly settings?: S;
  /** A JSON Schema of the settings: `import schema from "../settings.schema.json" with { type: "json" }`, or text. */
  readonly schema?: object | string;
  /** Every power that any answer may need. */
  readonly powers: readonly Power[];
  /** The rules that answers are given by (`because`): a line for a person, by id. */
  readonly rules?: { readonly [id: string]: string };
}

interface Definition<S> {
  readonly description: Description;
  /** Reads settings from JSON text, as the gate does once when it loads the policy. Throws a {@link SettingsError}. */
  readSettings(json: string): S;
}

/** Settings that do not fit. */
interface SettingsError extends Error {
  /** JSON Pointer to what is wrong; "" where it is no single place. */
  readonly pointer: string;
}

/** A policy that judges calls. */
export interface Policy<S> extends Definition<S> {
  readonly world: "policy";
  judge(settings: S, request: Request): Opinion;
}

/** A policy that rewrites arguments before anyone judges them. */
export interface Editor<S> extends Definition<S> {
  readonly world: "editor";
  revise(settings: S, request: Request): Revision | readonly Edit[];
}

/** A policy that looks at results on their way back. */
export interface Reviewer<S> extends Definition<S> {
  readonly world: "reviewer";
  review(settings: S, request: Request, response: Response): Report;
}

/** Makes a policy that judges calls: `export default policy({ settings, powers, rules, judge })`. */
export function policy<const S extends Settings = {}>(
  definition: Declared<S> & { judge(settings: Read<S>, request: Request): Opinion },
): Policy<Read<S>>;

/** Makes a policy that rewrites arguments. An `ArgumentError` in it is a fault. */
export function editor<const S extends Settings = {}>(
  definition: Declared<S> & { revise(settings: Read<S>, request: Request): Revision | readonly Edit[] },
): Editor<Read<S>>;

/** Makes a policy that looks at results. An `ArgumentError` in it blocks the result. */
export function reviewer<const S extends Settings = {}>(
  definition: Declared<S> & { review(settings: Read<S>, request: Request, response: Response): Report },
): Reviewer<Read<S>>;

/** Lines for the operator. They never reach the agent; in native tests they go to stderr. */
export const log: {
  /** What helps to debug the policy. */
  debug(message: unknown): void;
  /** What an operator may want to know. */
  info(message: unknown): void;
  /** What an operator should look at. */
  warn(message: unknown): void;
};
