// A client on the TypeScript SDK 1.x: see steps.py.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';

const { MCP_SERVERS, MCP_STEPS } = process.env;
const clients = {};
let logs = [];
let notices = [];
const print = line => console.log(JSON.stringify(line));
const failure = error => ({ error: String(error.message) });

async function connect({ url, headers, command, args, env }) {
    const client = new Client({ name: 'typescript-one', version: '1' });
    client.setNotificationHandler(LoggingMessageNotificationSchema, notice => { logs.push(notice.params); });
    client.fallbackNotificationHandler = async notice => { notices.push(notice); };
    await client.connect(url
        ? new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } })
        : new StdioClientTransport({ command, args, env, stderr: 'inherit' }));
    return client;
}

/** What a task is from its beginning to its end, and its result. */
async function task(client, params) {
    const seen = new Set();
    let content;
    const stream = client.experimental.tasks.callToolStream(params, CallToolResultSchema, { task: { ttl: 60000 } });
    for await (const { task, result, error } of stream) {
        if (task) seen.add(task.status);
        if (error) throw error;
        if (result) content = result.content;
    }
    const { tasks } = await client.experimental.tasks.listTasks();
    return { seen: [...seen], content, tasks: tasks.map(({ status }) => status) };
}

async function take(step) {
    const client = clients[step.server];
    const params = { name: step.call, arguments: step.arguments };
    if (step.list) {
        const { tools } = await client.listTools();
        return { tools: tools.sort((one, other) => (one.name < other.name ? -1 : 1)) };
    }
    if (step.read) return client.readResource({ uri: step.read });
    if (step.prompt) return client.getPrompt({ name: step.prompt, arguments: step.arguments });
    if (step.notify) {
        await client.notification({ method: step.notify });
        return { notified: step.notify };
    }
    if (step.end) {
        await client.transport.terminateSession();
        return { session: client.transport.sessionId ?? null };
    }
    if (step.task) return task(client, params);
    logs = [];
    notices = [];
    const progress = [];
    // Of the last notice the client hears only where the result comes in another piece.
    const hear = notice => notice.progress < notice.total && progress.push(notice);
    const onprogress = step.progress ? hear : undefined;
    const result = await client.callTool(params, undefined, { onprogress });
    return { result, progress, logs, notices };
}

try {
    for (const [name, entry] of Object.entries(JSON.parse(MCP_SERVERS))) clients[name] = await connect(entry);
} catch (error) {
    print(failure(error));
    process.exit(0);
}
for (const step of JSON.parse(MCP_STEPS)) print(await take(step).catch(failure));
for (const client of Object.values(clients)) await client.close();
process.exit(0);
