// An agent on the official TypeScript client. It connects to MCP_URL with the
// bearer token MCP_TOKEN in the era MCP_MODE ("legacy", "modern", or "auto" to
// ask the server first), takes the steps of MCP_STEPS (a JSON array) and prints
// one JSON line for each. With MCP_KEY it signs what it sends, with the library in
// MCP_SDK. With MCP_BROWSES it can show URLs to its user, who follows each.
import { readFileSync } from 'node:fs';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const { MCP_URL, MCP_TOKEN, MCP_MODE, MCP_STEPS, MCP_KEY, MCP_SDK, MCP_BROWSES } = process.env;
const headers = MCP_TOKEN ? { Authorization: `Bearer ${MCP_TOKEN}` } : {};
const { Holder } = MCP_KEY ? await import(MCP_SDK) : {};
const holder = MCP_KEY ? await Holder.of(readFileSync(MCP_KEY, 'utf8'), MCP_TOKEN) : undefined;
const transport = new StreamableHTTPClientTransport(new URL(MCP_URL), { requestInit: { headers }, fetch: holder?.fetch });
const mode = MCP_MODE === 'modern' ? { pin: '2026-07-28' } : MCP_MODE;
const capabilities = MCP_BROWSES ? { elicitation: { url: {} } } : {};
const client = new Client({ name: 'typescript-agent', version: '1' }, { capabilities, versionNegotiation: { mode } });
const browsed = [];
if (MCP_BROWSES) {
    client.setRequestHandler('elicitation/create', async request => {
        browsed.push(request.params.url);
        return { action: 'accept' };
    });
}

const print = line => console.log(JSON.stringify(line));
const failure = error => ({ error: { code: error.code ?? error.status ?? null, message: String(error.message) } });

async function take(step) {
    if (step.list) {
        const { tools } = await client.listTools();
        return { tools: tools.map(tool => tool.name).sort() };
    }
    if (step.read) {
        const { contents } = await client.readResource({ uri: step.read });
        return { contents: contents.length };
    }
    const progress = [];
    const onprogress = step.progress ? notice => progress.push(notice.progress) : undefined;
    const result = await client.callTool(
        { name: step.call, arguments: step.arguments ?? {} },
        { onprogress }
    );
    const text = result.content.filter(part => part.type === 'text').map(part => part.text).join('\n');
    return { isError: result.isError ?? false, text, meta: result._meta ?? {}, progress, browsed };
}

try {
    await client.connect(transport);
    print({ connected: client.getNegotiatedProtocolVersion() ?? null });
} catch (error) {
    print(failure(error));
    process.exit(0);
}
for (const step of JSON.parse(MCP_STEPS)) {
    print(await take(step).catch(failure));
}
await client.close();
process.exit(0);
