// Call proofs and delegation for agents behind a Gatewright gate: `Holder` is one line
// around the official MCP client.

const DIGITS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Whoever holds the key of a credential. */
export class Holder {
    #key;
    #jwk;

    constructor(key, jwk, credential) {
        this.#key = key;
        this.#jwk = jwk;
        this.credential = credential.trim();
        this.fetch = (input, init) => this.#fetch(input, init);
    }

    static async of(pem, credential) {
        const body = pem.replace(/-----[^-]+-----/g, '').replace(/\s/g, '');
        const pkcs8 = Uint8Array.from(atob(body), char => char.charCodeAt(0));
        const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
        const { x } = await crypto.subtle.exportKey('jwk', key);
        return new Holder(key, { kty: 'OKP', crv: 'Ed25519', x }, credential);
    }

    async #fetch(input, init = {}) {
        const request = new Request(input, init);
        const url = request.url;
        const headers = new Headers(request.headers);
        headers.set('authorization', `DPoP ${this.credential}`);
        headers.set('dpop', await this.dpop(request.method, url));
        const signed = { method: request.method, headers, signal: request.signal, redirect: 'error' };
        if (request.method === 'POST') {
            signed.body = await this.withProof(await request.text(), url);
        }
        return fetch(url, signed);
    }

    dpop(method, url) {
        return this.#claimed(async () => ({ htm: method, htu: bare(url), ath: await sha256(this.credential) }), 'dpop+jwt');
    }

    async withProof(message, endpoint) {
        const document = JSON.parse(message);
        // An answer to a question of the server has no place for a proof.
        if (typeof document?.method !== 'string') {
            return message;
        }
        const params = (document.params ??= {});
        const meta = (params._meta ??= {});
        delete meta['gatewright/proof'];
        meta['gatewright/proof'] = await this.#claimed(async () => ({
            aud: bare(endpoint),
            method: document.method,
            tool: named(document.method, params),
            params_hash: await sha256(canonical(params, ['_meta'])),
        }), 'mcp-call+jwt');
        return JSON.stringify(document);
    }

    async delegate({ to, holder, details, ttlSeconds, depthMax }) {
        const parts = this.credential.split('~');
        const last = parts.at(-1);
        const parent = JSON.parse(new TextDecoder().decode(decoded(last.split('.')[1])));
        const now = Math.floor(Date.now() / 1000);
        const link = await this.#claimed(async () => ({
            iss: parent.credentialSubject?.id ?? parent.sub,
            sub: to,
            exp: Math.min(now + Math.floor(ttlSeconds), parent.exp),
            par_hash: await sha256(last),
            del_depth: parts.length,
            cnf: { jwk: { kty: 'OKP', crv: 'Ed25519', x: encoded(ofDid(holder)) } },
            authorization_details: details,
            ...(depthMax === undefined ? {} : { del_max_depth: depthMax }),
        }), 'agent-delegation+jwt');
        return `${this.credential}~${link}`;
    }

    async #claimed(claims, typ) {
        const header = { typ, alg: 'EdDSA', jwk: this.#jwk };
        const payload = { ...(await claims()), iat: Math.floor(Date.now() / 1000), jti: crypto.randomUUID() };
        const bytes = text => new TextEncoder().encode(text);
        const signed = [header, payload].map(part => encoded(bytes(JSON.stringify(part)))).join('.');
        const signature = await crypto.subtle.sign('Ed25519', this.#key, bytes(signed));
        return `${signed}.${encoded(new Uint8Array(signature))}`;
    }
}

/** Canonical JSON (RFC 8785): numbers and texts are as `JSON.stringify` writes them. */
export function canonical(value, without = []) {
    if (Array.isArray(value)) {
        return `[${value.map(one => canonical(one ?? null)).join(',')}]`;
    }
    if (value === null || typeof value !== 'object') {
        return JSON.stringify(value);
    }
    const names = Object.keys(value).filter(name => value[name] !== undefined && !without.includes(name));
    const members = names.sort().map(name => `${JSON.stringify(name)}:${canonical(value[name])}`);
    return `{${members.join(',')}}`;
}

/** What the gate takes a message to name. */
function named(method, params) {
    switch (method) {
        case 'tools/call':
        case 'prompts/get':
            return params.name ?? '';
        case 'resources/read':
        case 'resources/subscribe':
        case 'resources/unsubscribe':
            return params.uri ?? '';
        case 'completion/complete':
            return params.ref?.name ?? params.ref?.uri ?? '';
        case 'subscriptions/listen':
            return params.notifications?.resourceSubscriptions?.[0] ?? '';
        case 'tasks/get':
        case 'tasks/update':
        case 'tasks/cancel':
            return params.taskId ?? '';
        default:
            return '';
    }
}

const bare = url => url.split(/[?#]/)[0];

async function sha256(text) {
    return encoded(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))));
}

function encoded(bytes) {
    const text = Array.from(bytes, byte => String.fromCharCode(byte)).join('');
    return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function decoded(text) {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), char => char.charCodeAt(0));
}

/** The key of an Ed25519 did:key. */
function ofDid(did) {
    if (!did.startsWith('did:key:z')) {
        throw new TypeError('`holder` is not a did:key');
    }
    let number = 0n;
    for (const digit of did.slice('did:key:z'.length)) {
        const value = DIGITS.indexOf(digit);
        if (value < 0) {
            throw new TypeError('`holder` is not a did:key');
        }
        number = number * 58n + BigInt(value);
    }
    const bytes = number.toString(16).padStart(68, '0').match(/../g).map(pair => parseInt(pair, 16));
    if (bytes.length !== 34 || bytes[0] !== 0xed || bytes[1] !== 1) {
        throw new TypeError('`holder` is not an Ed25519 did:key');
    }
    return Uint8Array.from(bytes.slice(2));
}
