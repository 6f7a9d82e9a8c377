// A tool server on the TypeScript SDK 1.x, over stdio: what it says is not always what it
// should say.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

const server = new McpServer({ name: 'odd', version: '1' });

server.registerTool('cut', { description: 'Cuts a text within a sign.' }, () => ({
    content: [{ type: 'text', text: 'smile \u{1f600}'.slice(0, 7) }]
}));

server.registerTool('tell', { description: 'Tells of something that is in no specification.' }, async ({ sendNotification }) => {
    await sendNotification({ method: 'notifications/custom/told', params: { what: 'news' } });
    return { content: [{ type: 'text', text: 'told' }] };
});

await server.connect(new StdioServerTransport());
