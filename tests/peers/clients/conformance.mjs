// The client that the suite's client scenarios drive: the official TypeScript
// client, doing what each scenario wants to see. The suite names the scenario in
// the environment and hands the server's URL over as the last argument. With
// MCP_TOKEN set the client shows a credential, as it does to a gate.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const { MCP_CONFORMANCE_SCENARIO, MCP_CONFORMANCE_CONTEXT, MCP_CONFORMANCE_PROTOCOL_VERSION, MCP_TOKEN } = process.env;

const scenarios = {
    'http-standard-headers': async client => {
        const { tools } = await client.listTools();
        for (const { name } of tools) await client.callTool({ name, arguments: {} });
        const { resources } = await client.listResources();
        for (const { uri } of resources) await client.readResource({ uri });
        const { prompts } = await client.listPrompts();
        for (const { name } of prompts) await client.getPrompt({ name });
    },
    'http-custom-headers': async client => {
        await client.listTools();
        const { toolCalls } = JSON.parse(MCP_CONFORMANCE_CONTEXT);
        for (const call of toolCalls) await client.callTool(call);
    },
    'http-invalid-tool-headers': async client => {
        const { tools } = await client.listTools();
        for (const { name } of tools) await client.callTool({ name, arguments: { region: 'eu' } });
    },
    'sse-retry': async client => {
        await client.listTools();
        await client.callTool({ name: 'test_reconnection', arguments: {} });
    },
    'sep-2322-client-request-state': async client => {
        await client.listTools();
        const names = ['echo_state', 'unrelated', 'no_state', 'no_result_type'];
        for (const name of names) await client.callTool({ name: `test_mrtr_${name}`, arguments: {} });
    },
    'json-schema-2020-12-preservation': async client => {
        const { tools } = await client.listTools();
        const focal = tools.find(tool => tool.name === 'json_schema_2020_12_tool');
        await client.callTool({ name: 'json_schema_echo', arguments: { schema: focal.inputSchema } });
    }
};

const headers = MCP_TOKEN ? { Authorization: `Bearer ${MCP_TOKEN}` } : {};
const transport = new StreamableHTTPClientTransport(new URL(process.argv.at(-1)), { requestInit: { headers } });
const modern = MCP_CONFORMANCE_PROTOCOL_VERSION >= '2026-07-28';
const client = new Client(
    { name: 'conformance-client', version: '1' },
    {
        capabilities: { elicitation: {} },
        versionNegotiation: { mode: modern ? { pin: MCP_CONFORMANCE_PROTOCOL_VERSION } : 'legacy' }
    }
);
client.setRequestHandler('elicitation/create', async () => ({ action: 'accept', content: { confirmed: true } }));

await client.connect(transport);
await scenarios[MCP_CONFORMANCE_SCENARIO](client);
await client.close();
process.exit(0);
