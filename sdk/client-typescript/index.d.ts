/** What a credential covers (RFC 9396): see `gatewright docs credentials`. */
export interface Detail {
    type: 'mcp_tools';
    actions: string[];
    arguments?: Record<string, unknown>;
    other_arguments?: boolean;
}

/** Whoever holds the key of a credential. */
export class Holder {
    /** From an Ed25519 key in PKCS #8 (PEM), and a credential or a chain. */
    static of(pem: string, credential: string): Promise<Holder>;
    readonly credential: string;
    /** As the global one; signs each request, and the message in it. */
    readonly fetch: typeof fetch;
    /** The proof of an HTTP request (DPoP, RFC 9449). */
    dpop(method: string, url: string): Promise<string>;
    /** A JSON-RPC message with the proof of this very call in it. */
    withProof(message: string, endpoint: string): Promise<string>;
    /** A chain for another agent, whose key is a did:key. */
    delegate(to: {
        to: string;
        holder: string;
        details: Detail[];
        ttlSeconds: number;
        depthMax?: number;
    }): Promise<string>;
}

/** Canonical JSON (RFC 8785). */
export function canonical(value: unknown, without?: string[]): string;
