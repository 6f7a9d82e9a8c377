// An agent whose call waits for a person; what it prints in the end. GATE, TOKEN and CALL
// are as for console.mjs.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const { GATE, TOKEN, CALL } = process.env;

export const agent = () => {
    const script = fileURLToPath(new URL('agent.mjs', import.meta.url));
    const env = { ...process.env, MCP_URL: GATE, MCP_TOKEN: TOKEN, MCP_MODE: 'modern', MCP_STEPS: `[${CALL}]`, NODE_NO_WARNINGS: '1' };
    const child = spawn(process.execPath, [...process.execArgv, script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', data => { printed += data; });
    return new Promise(resolve => child.on('exit', () => resolve(printed.trim().split('\n').map(line => JSON.parse(line)))));
};
