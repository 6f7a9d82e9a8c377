// Runs a stdio tool server and notes every line that reaches it:
// `node tap.mjs NOTES PROGRAM [ARGUMENT ...]`.
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [notes, program, ...rest] = process.argv.slice(2);
const server = spawn(program, rest, { stdio: ['pipe', 'inherit', 'inherit'] });
const incoming = createInterface({ input: process.stdin });
incoming.on('line', line => {
    appendFileSync(notes, `${line}\n`);
    server.stdin.write(`${line}\n`);
});
incoming.on('close', () => server.stdin.end());
process.on('SIGTERM', () => server.kill());
server.on('exit', code => process.exit(code ?? 1));
