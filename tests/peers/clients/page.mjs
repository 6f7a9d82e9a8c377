// Web pages that use a tool server, in a real browser: PAGES are their origins, URL is the
// endpoint, TOKEN a credential. Prints what each page was told, as JSON: one line a page.
import { createServer } from 'node:http';
import { launch } from './authenticator.mjs';

const { PAGES, URL: endpoint, TOKEN } = process.env;

/** Runs in the page: the headers are those of the official client. */
async function uses({ endpoint, token }) {
    const told = [];
    let session;
    const ask = async (method, message, credential) => {
        const headers = { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25' };
        if (message) headers['content-type'] = 'application/json';
        if (session) headers['mcp-session-id'] = session;
        if (credential) headers.authorization = `Bearer ${credential}`;
        try {
            const body = message && JSON.stringify({ jsonrpc: '2.0', ...message });
            const response = await fetch(endpoint, { method, headers, body });
            const text = await response.text();
            session = response.headers.get('mcp-session-id') ?? session;
            told.push([method, response.status, Boolean(session), text.includes('"echo"')]);
        } catch (error) {
            told.push([method, String(error)]);
        }
    };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'page', version: '1' } };
    await ask('POST', { id: 1, method: 'initialize', params }, token);
    await ask('POST', { method: 'notifications/initialized' }, token);
    await ask('POST', { id: 2, method: 'tools/list', params: {} }, token);
    await ask('DELETE', undefined, token);
    session = undefined;
    await ask('POST', { id: 1, method: 'initialize', params });
    return told;
}

const browser = await launch();
try {
    for (const origin of JSON.parse(PAGES)) {
        const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<title>page</title>'));
        await new Promise(resolve => server.listen(new URL(origin).port, '127.0.0.1', resolve));
        const page = await browser.newPage();
        await page.goto(origin);
        console.log(JSON.stringify(await page.evaluate(uses, { endpoint, token: TOKEN })));
        server.closeAllConnections();
        server.close();
    }
} finally {
    await browser.close();
}
