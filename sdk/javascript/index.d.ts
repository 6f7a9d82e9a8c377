/**
 * Write a Gatewright policy in JavaScript or TypeScript: one settings declaration and one function.
 *
 * A policy is a pure function of its settings and the request. It has no clock, no randomness,
 * no files and no network; the time of the call is `request.context.at`.
 *
 * Integers are numbers, exact up to 2^53: where that is not enough (`bigint`, `Value`, `charge`)
 * there is a `bigint`. Nothing is ever rounded silently.
 */

// === the request ===

/** How strongly the caller proved that it holds the credential, weakest first. */
export type Proof = "none" | "bearer" | "sender" | "call";

/** The agent, and the person or organisation it acts for. */
export interface Subject {
  /** Stable id of the agent: a DID, a SPIFFE id, an OAuth client id. */
  readonly id: string;
  /** Who issued the credential. */
  readonly issuer: string;
  /** The person or organisation the agent acts for. */
  readonly principal: string | null;
  /** The accountable owner from the agent registry. */
  readonly owner: string | null;
  /** Every agent between the principal and the subject, nearest the principal first. */
  readonly delegation: readonly string[];
  /** What the credential covers, for example `files:read_*`. */
  readonly scopes: readonly string[];
  /** How the credential was proved for this call. */
  readonly proof: Proof;
  /** When the credential ends. Unix time, milliseconds. */
  readonly expiresAt: number;
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
}

/** What the agent wants to do. */
export interface Action {
  /** The MCP method, for example `tools/call`. */
  readonly method: string;
  /** The configured name of the tool server. */
  readonly server: string;
  /** The tool or prompt name, or the resource URI. Empty for methods that name nothing. */
  readonly name: string;
  /** What the operator pinned about it. */
  readonly hints: Hints;
}

/** Everything else that a decision may rest on. */
export interface Context {
  /** When the gate received the call. Unix time, milliseconds. */
  readonly at: number;
  /** Groups the calls made with one credential. */
  readonly session: string;
  /** Labels that earlier calls of this session left behind, sorted. */
  readonly labels: readonly string[];
  /** People who already approved exactly this call. */
  readonly approvers: readonly string[];
}

/** What the session did before. */
export interface PastCall {
  /** Unix time, milliseconds. */
  readonly at: number;
  readonly method: string;
  readonly server: string;
  readonly name: string;
  /** `failed`: it went ahead, and no usable answer came back, or none yet. */
  readonly outcome: "allowed" | "denied" | "held" | "failed";
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
 * One call: who asks, what for, under which conditions, with which arguments (the `arguments`
 * of `tools/call` and `prompts/get`, the `params` of every other method).
 *
 * Pointers are JSON Pointers (RFC 6901), `""` is the whole. One that is not well-formed is a
 * fault: the call is denied and the operator told.
 */
export interface Request {
  /** The agent, and whom it acts for. */
  readonly subject: Subject;
  /** What the agent wants to do. */
  readonly action: Action;
  /** Everything else that a decision may rest on. */
  readonly context: Context;
  /**
   * Whether this asks if a tool, prompt or resource may be shown in a list, and not if it may
   * be used. There are no arguments then; a denial hides the entry, and no allow is needed.
   */
  readonly isListing: boolean;
  /**
   * The argument at a pointer. One that is missing or does not fit throws an
   * {@link ArgumentError}, which denies the call unless the policy catches it.
   */
  argument<T>(pointer: string, reader: Reader<T>): T;
  argument(pointer: string): unknown;
  /** What stands at a pointer, one level deep, or nothing. */
  get(pointer: string): Value | undefined;
  /** Member names of the object at a pointer; empty where there is no object. */
  keys(pointer: string): string[];
  /** The JSON text at a pointer, as the agent wrote it. */
  json(pointer: string): string | undefined;
  /**
   * The latest calls of the session, newest first, at most `limit`; the gate keeps the last
   * 64. Only for policies that judge.
   */
  history(limit: number): PastCall[];
}

/** What the tool answered to a call that went ahead: the `result` of the JSON-RPC response. */
export interface Response {
  /** Whether the tool reported an error (`isError`). */
  readonly isError: boolean;
  /** The value at a pointer, as in {@link Request.argument}. */
  read<T>(pointer: string, reader: Reader<T>): T;
  read(pointer: string): unknown;
  /** What stands at a pointer, one level deep, or nothing. */
  get(pointer: string): Value | undefined;
  /** Member names of the object at a pointer; empty where there is no object. */
  keys(pointer: string): string[];
  /** The JSON text at a pointer, as the tool server wrote it. */
  json(pointer: string): string | undefined;
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

/** What the gate must do if the call goes ahead. */
export type Obligation =
  | { readonly charge: Quota }
  | { readonly label: readonly string[] }
  | { readonly redact: readonly string[] }
  | { readonly limitResult: number | bigint };

/** A budget, counted in fixed windows. */
export interface Quota {
  /** Counted per binding and key. */
  readonly key: string;
  /** What this call costs. */
  readonly cost: number | bigint;
  /** The most that one window may cost. */
  readonly limit: number | bigint;
  /** Length of the window. */
  readonly windowSeconds: number;
}

/** What a policy that judges answers. */
export type Verdict =
  | { readonly verdict: "abstain" }
  | { readonly verdict: "allow"; readonly obligations: readonly Obligation[] }
  | ({ readonly verdict: "deny" } & Denial)
  | ({ readonly verdict: "ask" } & ApprovalRequest);

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

/** What an approver is asked. */
export interface ApprovalRequest {
  /** One line for the approver. */
  readonly title: string;
  /** Why a person must look at it. */
  readonly reason: string;
  /** Roles that may approve; empty means any approver. */
  readonly roles: readonly string[];
  /** How many different people must approve; 0 counts as 1. */
  readonly quorum: number;
  /** How long a granted approval stays usable. */
  readonly ttlSeconds: number;
}

/** No opinion. */
export function abstain(): Verdict;
/** Yes, if the gate meets these obligations. */
export function allow(...obligations: Obligation[]): Verdict;
/** No. Say what to do instead, the agent reads it. */
export const deny: {
  /** Not allowed, whatever the arguments. */
  (message: string): Verdict;
  /** This tool, but not with these arguments. */
  invalidArguments(message: string): Verdict;
  /** Not in this session, after what happened before. */
  unsafeContext(message: string): Verdict;
  /** A credential with these scopes would be allowed. */
  insufficientScope(message: string, scopes: readonly string[]): Verdict;
};
/** Only if a person agrees: one approver of any role within 15 minutes, unless the options say otherwise. */
export function ask(
  title: string,
  reason: string,
  options?: Partial<Pick<ApprovalRequest, "roles" | "quorum" | "ttlSeconds">>,
): Verdict;

/** Charge a quota; a call that would overrun it is denied. Costs 1 unless it says otherwise. */
export function charge(quota: Omit<Quota, "cost"> & Partial<Pick<Quota, "cost">>): Obligation;
/** Leave labels on the session. */
export function label(...labels: string[]): Obligation;
/** Replace what stands at these JSON Pointers in the result with `null`. */
export function redact(...pointers: string[]): Obligation;
/** Withhold a result larger than this many bytes. */
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

/** What a policy that reviews answers. */
export type Finding =
  | { readonly finding: "pass"; readonly edits: readonly Edit[]; readonly labels: readonly string[] }
  | { readonly finding: "block"; readonly message: string };

/** The result goes on, changed by the edits in order; the session carries the labels from now on. */
export function pass(changes?: { readonly edits?: readonly Edit[]; readonly labels?: readonly string[] }): Finding;
/** The agent gets this text instead of the result. */
export function block(message: string): Finding;

// === policies ===

/** Settings are members with readers, or one reader of the whole. Unknown members are refused. */
type Settings = Shape | Reader<unknown>;

interface Definition<S> {
  /** Reads settings from JSON text, as the gate does once when it loads the policy. Throws what the operator reads. */
  readSettings(json: string): S;
}

/** A policy that judges calls. */
export interface Policy<S> extends Definition<S> {
  readonly world: "policy";
  judge(settings: S, request: Request): Verdict;
}

/** A policy that rewrites arguments before anyone judges them. */
export interface Editor<S> extends Definition<S> {
  readonly world: "editor";
  revise(settings: S, request: Request): readonly Edit[];
}

/** A policy that looks at results on their way back. */
export interface Reviewer<S> extends Definition<S> {
  readonly world: "reviewer";
  review(settings: S, request: Request, response: Response): Finding;
}

/** Makes a policy that judges calls: `export default policy({ settings, judge })`. */
export function policy<const S extends Settings = {}>(definition: {
  readonly settings?: S;
  judge(settings: Read<S>, request: Request): Verdict;
}): Policy<Read<S>>;

/** Makes a policy that rewrites arguments. An `ArgumentError` in it is a fault. */
export function editor<const S extends Settings = {}>(definition: {
  readonly settings?: S;
  revise(settings: Read<S>, request: Request): readonly Edit[];
}): Editor<Read<S>>;

/** Makes a policy that looks at results. An `ArgumentError` in it blocks the result. */
export function reviewer<const S extends Settings = {}>(definition: {
  readonly settings?: S;
  review(settings: Read<S>, request: Request, response: Response): Finding;
}): Reviewer<Read<S>>;

/** Lines for the operator. They never reach the agent; in native tests they go to stderr. */
export const log: {
  /** What helps to debug the policy. */
  debug(message: unknown): void;
  /** What an operator may want to know. */
  info(message: unknown): void;
  /** What an operator should look at. */
  warn(message: unknown): void;
};
