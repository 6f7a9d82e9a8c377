// Who asks, what for, and under which conditions.

/** How strongly the caller proved that it holds the credential. */
export enum Proof {
  /** No credential: the operator named this local agent in the configuration. */
  None,
  /** Whoever has the token may use it. */
  Bearer,
  /** The sender proved that it holds the key (for example DPoP, RFC 9449). */
  Sender,
  /** The sender signed this very call. */
  Call,
}

/** The agent, and the person or organisation it acts for. */
export class Subject {
  constructor(
    /** Stable id of the agent: a DID, a SPIFFE id, an OAuth client id. */
    public id: string,
    /** Who issued the credential. */
    public issuer: string,
    /** The person or organisation the agent acts for. */
    public principal: string | null,
    /** The accountable owner from the agent registry. */
    public owner: string | null,
    /** Every agent between the principal and the subject, nearest the principal first. */
    public delegation: string[],
    /** What the credential covers, for example `files:read_*`. */
    public scopes: string[],
    /** How the credential was proved for this call. */
    public proof: Proof,
    /** When the credential ends. Unix time, milliseconds. */
    public expiresAt: u64,
  ) {}
}

/** What the operator pinned about the tool; nothing set means that nobody pinned it. */
export class Hints {
  constructor(
    /** The tool changes nothing. */
    public readOnly: bool = false,
    /** The tool can destroy or overwrite. */
    public destructive: bool = false,
    /** The same call twice has the effect of one. */
    public idempotent: bool = false,
    /** The tool reaches beyond the system it belongs to. */
    public openWorld: bool = false,
  ) {}
}

/** What the agent wants to do. */
export class Action {
  constructor(
    /** The MCP method, for example `tools/call` or `tools/list`. */
    public method: string,
    /** The configured name of the tool server. */
    public server: string,
    /** The tool or prompt name, or the resource URI; empty for methods that name nothing. */
    public name: string,
    /** What the operator pinned about it. */
    public hints: Hints,
  ) {}
}

/** Everything else that a decision may rest on. */
export class Context {
  constructor(
    /** When the gate received the call. Unix time, milliseconds. */
    public at: u64,
    /** Groups the calls made with one credential. */
    public session: string,
    /** Labels that earlier calls of this session left behind, sorted. */
    public labels: string[],
    /** People who already approved exactly this call. */
    public approvers: string[],
  ) {}
}
