// An authorization server (npm `oidc-provider`) as a company has one: discovery, dynamic
// registration, PKCE, resource indicators, signed access tokens and refresh tokens. It
// listens on PORT, for one user who agrees to everything. It prints `listening`, and a
// line of JSON for each token that it gave. With CLIENT_SECRET, or with CLIENT_JWK (a public
// key), it knows a client `gate` that gets tokens of its own. With CONSOLE (where browsers
// are sent back to) it knows a client `console`, which signs people in: whom, and with which
// groups, a file says, PERSON, which is read each time.
import { readFileSync } from 'node:fs';
import Provider from 'oidc-provider';

const { PORT, SCOPES, TOKEN_SECONDS, CLIENT_SECRET, CLIENT_JWK, CONSOLE, PERSON } = process.env;
const issuer = `http://127.0.0.1:${PORT}`;
const person = () => PERSON ? JSON.parse(readFileSync(PERSON, 'utf8')) : { sub: 'user:alice' };
const clients = [];
// By a key, where there is one.
const proof = CLIENT_JWK
    ? { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'EdDSA', jwks: { keys: [JSON.parse(CLIENT_JWK)] } }
    : { token_endpoint_auth_method: 'client_secret_basic', client_secret: CLIENT_SECRET };
if (CLIENT_SECRET || CLIENT_JWK) {
    clients.push({
        client_id: 'gate',
        ...proof,
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        scope: SCOPES
    });
}
if (CONSOLE) {
    clients.push({
        client_id: 'console',
        ...(CLIENT_JWK ? proof : { token_endpoint_auth_method: 'none' }),
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: [CONSOLE]
    });
}

const provider = new Provider(issuer, {
    scopes: ['openid', 'offline_access', 'profile', 'groups', ...SCOPES.split(' ').filter(Boolean)],
    claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
    // Whoever signs people in reads the ID token alone.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    // Whoever refreshes gets no token that lasts longer than the ones before.
    issueRefreshToken: async () => true,
    clientDefaults: { token_endpoint_auth_method: 'none' },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ ...person(), sub: id }) }),
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ['a key of the tests'] },
    clients,
    features: {
        clientCredentials: { enabled: Boolean(CLIENT_SECRET || CLIENT_JWK) },
        devInteractions: { enabled: false },
        registration: { enabled: true },
        resourceIndicators: {
            enabled: true,
            useGrantedResource: () => true,
            getResourceServerInfo: (_context, resource) => ({
                audience: resource,
                scope: SCOPES,
                accessTokenFormat: 'jwt',
                accessTokenTTL: Number(TOKEN_SECONDS),
                jwt: { sign: { alg: 'RS256' } }
            })
        }
    },
    ttl: { Interaction: 600, Grant: 3600, Session: 3600, RefreshToken: 3600 }
});

// Clients register with the scopes that they want first. They may ask for others later.
provider.use(async (context, next) => {
    if (context.path === '/reg') {
        let text = '';
        for await (const piece of context.req) {
            text += piece;
        }
        const { scope: _first, ...metadata } = JSON.parse(text);
        context.req.body = metadata;
    }
    return next();
});

// The person who signs in, and agrees.
provider.use(async (context, next) => {
    if (!context.path.startsWith('/interaction/')) {
        return next();
    }
    const { prompt, params, session, grantId } = await provider.interactionDetails(context.req, context.res);
    if (prompt.name === 'login') {
        const result = { login: { accountId: person().sub } };
        return provider.interactionFinished(context.req, context.res, result, { mergeWithLastSubmission: false });
    }
    const known = grantId ? await provider.Grant.find(grantId) : undefined;
    const grant = known ?? new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    const { missingOIDCScope, missingResourceScopes } = prompt.details;
    if (missingOIDCScope) {
        grant.addOIDCScope(missingOIDCScope.join(' '));
    }
    for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
        grant.addResourceScope(resource, scopes.join(' '));
    }
    const result = { consent: { grantId: await grant.save() } };
    return provider.interactionFinished(context.req, context.res, result, { mergeWithLastSubmission: true });
});

provider.on('grant.success', context => {
    const { grant_type: kind, resource } = context.oidc.params;
    const { scope } = context.body;
    console.log(JSON.stringify({ kind, resource, scope }));
});
provider.on('server_error', (_context, error) => console.error(error));

provider.listen(Number(PORT), '127.0.0.1', () => console.log('listening'));
