// A desktop client on the official TypeScript client. It knows MCP_URL and nothing else:
// where to sign in it learns from what it is told there. It takes the steps of MCP_STEPS
// (a JSON array of calls) and prints one JSON line for each, with how often its user was
// sent to sign in.
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';

const { MCP_URL, MCP_STEPS } = process.env;
const REDIRECT = 'http://127.0.0.1:9/callback';
const print = line => console.log(JSON.stringify(line));

// What a browser keeps.
const cookies = new Map();

// Follows the authorization server until it sends the user back to the client.
async function browse(url) {
    for (let step = 0; step < 20; step += 1) {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const answer = await fetch(url, { redirect: 'manual', headers: cookie ? { cookie } : {} });
        for (const line of answer.headers.getSetCookie()) {
            const [pair] = line.split(';');
            const at = pair.indexOf('=');
            cookies.set(pair.slice(0, at), pair.slice(at + 1));
        }
        const location = answer.headers.get('location');
        if (!location) {
            throw new Error(`the sign-in ends with ${answer.status}: ${await answer.text()}`);
        }
        url = new URL(location, url);
        if (url.href.startsWith(REDIRECT)) {
            return url.searchParams;
        }
    }
    throw new Error('the sign-in goes round in circles');
}

let registration;
let tokens;
let verifier;
let returned;
let signIns = 0;
let discovery;
const provider = {
    redirectUrl: REDIRECT,
    clientMetadata: {
        client_name: 'a desktop client',
        redirect_uris: [REDIRECT],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none'
    },
    clientInformation: () => registration,
    saveClientInformation: information => {
        registration = information;
    },
    tokens: () => tokens,
    saveTokens: given => {
        tokens = given;
    },
    saveCodeVerifier: given => {
        verifier = given;
    },
    codeVerifier: () => verifier,
    saveDiscoveryState: state => {
        discovery = state;
    },
    discoveryState: () => discovery,
    redirectToAuthorization: async url => {
        signIns += 1;
        returned = await browse(url);
    }
};

const connect = async () => {
    const transport = new StreamableHTTPClientTransport(new URL(MCP_URL), { authProvider: provider });
    const client = new Client({ name: 'desktop', version: '1' });
    await client.connect(transport);
    return { client, transport };
};

// Does something, signing in where that is asked for.
async function signedIn(transport, act) {
    try {
        return await act();
    } catch (error) {
        if (!(error instanceof UnauthorizedError)) {
            throw error;
        }
        await transport.finishAuth(returned);
        return act();
    }
}

const first = new StreamableHTTPClientTransport(new URL(MCP_URL), { authProvider: provider });
let connection;
try {
    connection = await signedIn(first, connect);
    print({ connected: connection.client.getServerVersion()?.name, signIns, scope: tokens.scope });
} catch (error) {
    print({ error: String(error.stack) });
    process.exit(0);
}
for (const step of JSON.parse(MCP_STEPS)) {
    if (step.wait) {
        // Until the token has ended, by the clock of whoever gave it.
        const ends = JSON.parse(atob(tokens.access_token.split('.')[1])).exp * 1000;
        await new Promise(resolve => setTimeout(resolve, Math.max(0, ends - Date.now()) + 50));
        print({ waited: true });
        continue;
    }
    const before = tokens.access_token;
    const call = () => connection.client.callTool({ name: step.call, arguments: step.arguments ?? {} });
    const line = await signedIn(connection.transport, call).then(
        result => ({ isError: result.isError ?? false, text: result.content[0]?.text, meta: result._meta ?? {} }),
        error => ({ error: String(error.message) })
    );
    print({ ...line, signIns, scope: tokens.scope, renewed: tokens.access_token !== before });
}
await connection.client.close();
process.exit(0);
